//! The market of a world: drawn from the seed, written as the texts that operators write, read as production reads them.

use std::fmt::Write as _;

use exchange::{id::Revision, market::Market};
use wire::market::Bundle;

use crate::random::Random;

/// One vertical is enough: what differs between verticals is their fields, and those are the core's own tests'.
pub const VERTICAL: &str = "loans";

/// All money is in cents here: the oracle counts in its own way.
#[derive(Clone, Debug)]
pub struct MarketPlan {
    pub zone: &'static str,
    pub firm_share: u32,
    pub duplicate_days: u32,
    pub suppliers: Vec<SupplierPlan>,
    pub buyers: Vec<BuyerPlan>,
    pub tiers: Vec<TierPlan>,
    pub deadline_ms: u64,
    pub max_disclosures: u32,
}

#[derive(Clone, Debug)]
pub struct SupplierPlan {
    pub name: String,
    pub percent: u32,
    pub min_margin: i64,
    pub min_price: i64,
    pub firm: bool,
    pub ttl_s: u64,
    pub accept_requote: bool,
    pub accept_lower: bool,
    pub max_disclosures: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct BuyerPlan {
    pub name: String,
    pub parent: String,
    pub credit: i64,
    pub suspended: bool,
    pub idempotent: bool,
    pub has_status: bool,
    pub takes_tests: bool,
    pub post_timeout_ms: u64,
    pub contracts: Vec<ContractPlan>,
}

#[derive(Clone, Debug)]
pub struct ContractPlan {
    pub name: String,
    pub least_amount: Option<i64>,
    /// None bids.
    pub fixed: Option<i64>,
    pub shared_fixed: Option<i64>,
    pub max_bid: i64,
    pub exclusive: bool,
    pub shared: bool,
    /// Of count or of spend in cents, and the period's word.
    pub caps: Vec<(CapPlan, &'static str)>,
    pub zone: &'static str,
    pub strict: bool,
    pub unknown: Option<(u32, bool)>,
    pub duplicate_days: Option<u32>,
    pub has_list: bool,
    pub return_days: Option<u32>,
    pub paused: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum CapPlan {
    Count(u64),
    Spend(i64),
}

#[derive(Clone, Debug)]
pub struct TierPlan {
    pub competitive: bool,
    pub order: &'static str,
    pub floor: i64,
    pub deadline_ms: u64,
    pub sale: TierKind,
    /// Places in `buyers`, and in their contracts.
    pub contracts: Vec<(usize, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierKind {
    Exclusive,
    Shared(u32),
    Best(u32),
}

const ZONES: [&str; 4] = ["America/New_York", "America/Los_Angeles", "America/Phoenix", "America/Chicago"];
const PERIODS: [&str; 6] = ["day", "day", "hour", "week", "month", "total"];

/// The list that contracts with `has_list` respect.
pub const LIST: &str = "do-not-offer";

pub fn cents(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

impl MarketPlan {
    pub fn draw(random: &mut Random) -> Self {
        let parents = random.between(3, 6);
        let buyers: Vec<BuyerPlan> = (0..random.between(4, 6)).map(|number| BuyerPlan::draw(random, number, parents)).collect();
        let all: Vec<(usize, usize)> =
            buyers.iter().enumerate().flat_map(|(place, buyer)| (0..buyer.contracts.len()).map(move |contract| (place, contract))).collect();
        let count = random.between(1, 3) as usize;
        let tiers: Vec<TierPlan> = (0..count).map(|number| TierPlan::draw(random, &all, number)).collect();
        let widest = tiers.iter().map(|tier| tier.sale.most()).max().unwrap_or(1);
        Self {
            zone: *random.pick(&ZONES[..2]),
            firm_share: *random.pick(&[20, 50, 100]),
            duplicate_days: *random.pick(&[0, 1, 30]),
            suppliers: (0..2).map(|number| SupplierPlan::draw(random, number)).collect(),
            buyers,
            tiers,
            deadline_ms: random.between(800, 3000),
            max_disclosures: widest.max(random.between(1, 3) as u32),
        }
    }

    /// A change as an operator makes it.
    pub fn change(&mut self, random: &mut Random) -> &'static str {
        let place = random.below(self.buyers.len() as u64) as usize;
        let kind = random.below(8);
        let buyer = &mut self.buyers[place];
        let contract = random.below(buyer.contracts.len() as u64) as usize;
        match kind {
            0 => {
                buyer.suspended = !buyer.suspended;
                "suspension"
            }
            1 | 2 => {
                buyer.contracts[contract].paused = !buyer.contracts[contract].paused;
                "pause"
            }
            3 => {
                buyer.contracts[contract].caps = draw_caps(random);
                "caps"
            }
            4 => {
                buyer.credit = draw_credit(random);
                "credit"
            }
            5 => {
                let contract = &mut buyer.contracts[contract];
                contract.fixed = contract.fixed.map(|_| random.between(500, 6000) as i64);
                contract.shared_fixed = contract.shared_fixed.map(|_| random.between(300, 3000) as i64);
                contract.max_bid = random.between(2000, 9000) as i64;
                "prices"
            }
            6 => {
                let tier = random.below(self.tiers.len() as u64) as usize;
                self.tiers[tier].floor = random.between(0, 1500) as i64;
                "floor"
            }
            _ => {
                let supplier = random.below(self.suppliers.len() as u64) as usize;
                self.suppliers[supplier].percent = random.between(0, 40) as u32;
                "margin"
            }
        }
    }

    pub fn supplier(&self, name: &str) -> Option<&SupplierPlan> {
        self.suppliers.iter().find(|supplier| supplier.name == name)
    }

    pub fn buyer(&self, name: &str) -> Option<&BuyerPlan> {
        self.buyers.iter().find(|buyer| buyer.name == name)
    }

    /// By its key, `buyer/contract`.
    pub fn contract(&self, key: &str) -> Option<(&BuyerPlan, &ContractPlan)> {
        let (buyer, name) = key.split_once('/')?;
        let buyer = self.buyer(buyer)?;
        Some((buyer, buyer.contracts.iter().find(|contract| contract.name == name)?))
    }

    /// How many buyers a lead of this supplier may be disclosed to.
    pub fn most_disclosures(&self, supplier: &str) -> u32 {
        let lowered = self.supplier(supplier).and_then(|supplier| supplier.max_disclosures);
        lowered.map_or(self.max_disclosures, |lowered| lowered.min(self.max_disclosures))
    }

    /// How many shared legs a lead may have at most.
    pub fn most_shared(&self) -> u32 {
        self.tiers.iter().map(|tier| if tier.sale == TierKind::Exclusive { 0 } else { tier.sale.most() }).max().unwrap_or(0)
    }

    /// What is left of a price for the supplier: the exchange's part is rounded up to the cent.
    pub fn net_cents(&self, supplier: &str, price: i64) -> Option<i64> {
        let plan = self.supplier(supplier)?;
        let part = (price * i64::from(plan.percent) + 99) / 100;
        Some(price - part.max(plan.min_margin))
    }

    pub fn bundle(&self) -> Bundle {
        let mut bundle = Bundle::default();
        let mut file = |path: String, text: String| bundle.files.insert(path, text);
        file("market.toml".into(), self.settings());
        file(format!("verticals/{VERTICAL}.toml"), FIELDS.into());
        for supplier in &self.suppliers {
            file(format!("suppliers/{}.toml", supplier.name), supplier.text());
        }
        for buyer in &self.buyers {
            file(format!("buyers/{}.toml", buyer.name), buyer.text());
        }
        file("trees/loans.toml".into(), self.tree());
        bundle
    }

    fn settings(&self) -> String {
        format!(
            "currency = \"USD\"\ntime_zone = \"{}\"\nquote = {{ kind = \"indicative\", ttl_s = 120 }}\nfirm_share = {}\nduplicates = {{ window_days = {} }}\negress = {{ allow = [\"127.0.0.0/8\"] }}\n",
            self.zone, self.firm_share, self.duplicate_days
        )
    }

    fn tree(&self) -> String {
        let mut text = format!("vertical = \"{VERTICAL}\"\ndeadline_ms = {}\nmax_disclosures = {}\n", self.deadline_ms, self.max_disclosures);
        for tier in &self.tiers {
            let name = |(buyer, contract): &(usize, usize)| format!("\"{}/{}\"", self.buyers[*buyer].name, self.buyers[*buyer].contracts[*contract].name);
            let contracts: Vec<String> = tier.contracts.iter().map(name).collect();
            let mode = if tier.competitive { "competitive" } else { "sequential" };
            let _ = write!(
                text,
                "[[tiers]]\nmode = \"{mode}\"\norder = \"{}\"\ncontracts = [{}]\nfloor = \"{}\"\ndeadline_ms = {}\nsale = \"{}\"\n",
                tier.order,
                contracts.join(", "),
                cents(tier.floor),
                tier.deadline_ms,
                tier.sale.text()
            );
        }
        text
    }
}

const FIELDS: &str = r#"
[fields.amount]
type = "money"
required = "ping"
ping = { bands = [0, 50_000, 100_000, 250_000] }
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.birth_date]
type = "date"
required = "post"
ping = { age_bands = [18, 35, 50, 65] }
[fields.home_owner]
type = "boolean"
ping = "value"
[fields.last_name]
type = "name"
required = "post"
[fields.email]
type = "email"
[fields.phone]
type = "phone"
required = "post"
[fields.consent]
type = "certificate"
part = "evidence"
"#;

impl TierKind {
    pub fn most(self) -> u32 {
        match self {
            Self::Exclusive => 1,
            Self::Shared(most) | Self::Best(most) => most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Exclusive => "exclusive".into(),
            Self::Shared(most) => format!("shared:{most}"),
            Self::Best(most) => format!("best:{most}"),
        }
    }
}

impl TierPlan {
    fn draw(random: &mut Random, all: &[(usize, usize)], number: usize) -> Self {
        let competitive = random.chance(700);
        let sale = match random.below(6) {
            0 | 1 => TierKind::Shared(random.between(2, 3) as u32),
            2 if competitive => TierKind::Best(random.between(2, 3) as u32),
            _ => TierKind::Exclusive,
        };
        let mut contracts: Vec<(usize, usize)> = all.iter().copied().filter(|_| random.chance(if number == 0 { 700 } else { 500 })).collect();
        if contracts.is_empty() {
            contracts.push(*random.pick(all));
        }
        let order = if random.chance(600) { "price" } else { random.pick(&["priority", "weight", "round_robin"]) };
        Self { competitive, order, floor: random.between(0, 800) as i64, deadline_ms: random.between(300, 1500), sale, contracts }
    }
}

impl SupplierPlan {
    fn draw(random: &mut Random, number: u64) -> Self {
        Self {
            name: format!("source-{number}"),
            percent: random.between(0, 35) as u32,
            min_margin: random.between(0, 150) as i64,
            min_price: if random.chance(300) { random.between(100, 1500) as i64 } else { 0 },
            firm: random.chance(500),
            ttl_s: *random.pick(&[15, 60, 120, 600]),
            accept_requote: random.chance(400),
            accept_lower: random.chance(400),
            max_disclosures: random.chance(200).then_some(1),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "verticals = [\"{VERTICAL}\"]\nmargin = {{ percent = {}, min = \"{}\" }}\nmin_price = \"{}\"\naccept_requote = {}\naccept_lower = {}\nquote = {{ kind = \"{}\", ttl_s = {} }}\n",
            self.percent,
            cents(self.min_margin),
            cents(self.min_price),
            self.accept_requote,
            self.accept_lower,
            if self.firm { "firm" } else { "indicative" },
            self.ttl_s
        );
        if let Some(most) = self.max_disclosures {
            let _ = writeln!(text, "max_disclosures = {most}");
        }
        text
    }
}

fn draw_credit(random: &mut Random) -> i64 {
    *random.pick(&[0, 3_000, 10_000, 100_000, 1_000_000, 1_000_000])
}

fn draw_caps(random: &mut Random) -> Vec<(CapPlan, &'static str)> {
    let mut caps = Vec::new();
    if random.chance(150) {
        // Scarce, again and again: leads that come together race for it.
        caps.push((CapPlan::Count(random.between(1, 3)), "hour"));
    }
    while caps.len() < 2 && random.chance(500) {
        let per = *random.pick(&PERIODS);
        if caps.iter().all(|(_, known)| *known != per) {
            let cap = if random.chance(600) { CapPlan::Count(random.between(1, 10)) } else { CapPlan::Spend(random.between(3_000, 40_000) as i64) };
            caps.push((cap, per));
        }
    }
    caps
}

impl BuyerPlan {
    fn draw(random: &mut Random, number: u64, parents: u64) -> Self {
        let contracts = (0..random.between(1, 2)).map(|number| ContractPlan::draw(random, number)).collect();
        Self {
            name: format!("buyer-{number}"),
            parent: format!("Company {}", random.below(parents)),
            credit: draw_credit(random),
            suspended: false,
            idempotent: random.chance(600),
            has_status: random.chance(500),
            takes_tests: random.chance(700),
            post_timeout_ms: random.between(1000, 8000),
            contracts,
        }
    }

    fn text(&self) -> String {
        let at = |what: &str| format!("http://127.0.0.1:9000/{}/{what}", self.name);
        let mut text = format!(
            "parent = \"{}\"\ncredit = \"{}\"\nsuspended = {}\n[endpoint]\nping_url = \"{}\"\npost_url = \"{}\"\nconfirm_url = \"{}\"\nidempotent = {}\npost_timeout_ms = {}\n",
            self.parent,
            cents(self.credit),
            self.suspended,
            at("ping"),
            at("post"),
            at("confirm"),
            self.idempotent,
            self.post_timeout_ms
        );
        if self.has_status {
            let _ = writeln!(text, "status_url = \"{}\"", at("status"));
        }
        if self.takes_tests {
            let _ = writeln!(text, "test_ping_url = \"{}\"\ntest_post_url = \"{}\"", at("test/ping"), at("test/post"));
        }
        self.contracts.iter().for_each(|contract| contract.write(&mut text));
        text
    }
}

impl ContractPlan {
    fn draw(random: &mut Random, number: u64) -> Self {
        let (exclusive, shared) = *random.pick(&[(true, false), (true, true), (true, true), (false, true)]);
        let fixed = exclusive && random.chance(300);
        Self {
            name: format!("c{number}"),
            least_amount: random.chance(300).then(|| *random.pick(&[50_000, 100_000])),
            fixed: (fixed && exclusive).then(|| random.between(500, 6000) as i64),
            shared_fixed: (fixed && shared).then(|| random.between(300, 3000) as i64),
            max_bid: random.between(2000, 9000) as i64,
            exclusive,
            shared,
            caps: draw_caps(random),
            zone: *random.pick(&ZONES),
            strict: random.chance(300),
            unknown: random.chance(600).then(|| (random.between(1, 24) as u32, random.chance(400))),
            duplicate_days: random.chance(300).then_some(30),
            has_list: random.chance(400),
            return_days: random.chance(600).then_some(14),
            paused: false,
        }
    }

    pub fn is_fixed(&self) -> bool {
        self.fixed.is_some() || self.shared_fixed.is_some()
    }

    fn write(&self, text: &mut String) {
        let _ = write!(text, "[contracts.{}]\nvertical = \"{VERTICAL}\"\n", self.name);
        if let Some(least) = self.least_amount {
            let _ = writeln!(text, "filter = 'amount >= {least}'");
        }
        if self.is_fixed() {
            if let Some(price) = self.fixed {
                let _ = writeln!(text, "price = \"{}\"", cents(price));
            }
            if let Some(price) = self.shared_fixed {
                let _ = writeln!(text, "shared_price = \"{}\"", cents(price));
            }
        } else {
            let _ = write!(text, "price = \"bid\"\nmax_bid = \"{}\"\n", cents(self.max_bid));
        }
        let kinds: Vec<&str> = [("\"exclusive\"", self.exclusive), ("\"shared\"", self.shared)].iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
        let caps: Vec<String> = self.caps.iter().map(|(cap, per)| cap.text(per)).collect();
        let _ = write!(text, "sale = [{}]\ncaps = [{}]\ntime_zone = \"{}\"\npaused = {}\n", kinds.join(", "), caps.join(", "), self.zone, self.paused);
        if self.strict {
            text.push_str("disclosure = \"strict\"\n");
        }
        if let Some((hours, sold)) = self.unknown {
            let _ = writeln!(text, "unknown = {{ after_h = {hours}, then = \"{}\" }}", if sold { "sold" } else { "void" });
        }
        for (key, days) in [("duplicate_days", self.duplicate_days), ("return_days", self.return_days)] {
            if let Some(days) = days {
                let _ = writeln!(text, "{key} = {days}");
            }
        }
        if self.has_list {
            let _ = writeln!(text, "lists = [\"{LIST}\"]");
        }
    }
}

impl CapPlan {
    fn text(self, per: &str) -> String {
        match self {
            Self::Count(most) => format!("{{ count = {most}, per = \"{per}\" }}"),
            Self::Spend(most) => format!("{{ spend = \"{}\", per = \"{per}\" }}", cents(most)),
        }
    }
}

/// How the store keeps a market.
pub fn to_bytes(bundle: &Bundle) -> Vec<u8> {
    postcard::to_stdvec(bundle).unwrap_or_default()
}

/// A market as a node takes it up, or what is wrong with it.
pub fn parse(revision: Revision, bytes: &[u8]) -> Result<Market, String> {
    let bundle: Bundle = postcard::from_bytes(bytes).map_err(|_| "no bundle of market files".to_owned())?;
    let problem = |problems: Vec<wire::market::Problem>| problems.iter().find(|problem| problem.is_error()).map(ToString::to_string).unwrap_or_default();
    wire::market::read(&bundle).map(|(parts, _)| Market::new(revision, parts)).map_err(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_market_drawn_is_one_that_production_takes() {
        for seed in 0..300 {
            let mut random = Random::of(seed, 9);
            let mut plan = MarketPlan::draw(&mut random);
            for _ in 0..4 {
                let bytes = to_bytes(&plan.bundle());
                if let Err(problem) = parse(Revision(1), &bytes) {
                    panic!("seed {seed}: {problem}\n{:#?}", plan.bundle().files);
                }
                plan.change(&mut random);
            }
        }
    }
}
