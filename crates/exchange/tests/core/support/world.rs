//! What a test sets up: players, tiers, and the terms of the one supplier.

use std::{sync::Arc, time::Duration};

use exchange::{
    evidence::Evidence,
    flow::Limits,
    id::{BuyerIndex, ContractIndex, Revision, SupplierName},
    market::{Market, MarketParts},
    money::{Currency, Margin, Percent},
    supplier::{Inbound, QuoteKind, QuotePolicy, Supplier},
    tree::{Mode, Order, Tier, TierSale, Tree},
};
use jiff::tz::TimeZone;

use super::{Exchange, Fault, Played, Player, loans, usd};

#[derive(Clone, Debug)]
pub struct TierSpec {
    pub players: Vec<&'static str>,
    pub mode: Mode,
    pub order: Order,
    pub floor: &'static str,
    pub deadline_ms: Option<u64>,
    pub sale: TierSale,
}

pub fn competitive<const N: usize>(players: [&'static str; N]) -> TierSpec {
    TierSpec { players: players.to_vec(), mode: Mode::Competitive, order: Order::Price, floor: "0", deadline_ms: Some(500), sale: TierSale::Exclusive }
}

pub fn sequential<const N: usize>(order: Order, players: [&'static str; N]) -> TierSpec {
    TierSpec { mode: Mode::Sequential, order, deadline_ms: Some(100), ..competitive(players) }
}

impl TierSpec {
    pub fn floor(mut self, floor: &'static str) -> Self {
        self.floor = floor;
        self
    }

    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    pub fn deadline_ms(mut self, ms: u64) -> Self {
        self.deadline_ms = Some(ms);
        self
    }

    pub fn shared(mut self, most: u32) -> Self {
        self.sale = TierSale::Shared(most);
        self
    }

    pub fn best(mut self, most: u32) -> Self {
        self.sale = TierSale::Best(most);
        self
    }
}

#[derive(Clone, Debug)]
pub struct World {
    pub players: Vec<Player>,
    pub tiers: Vec<TierSpec>,
    pub has_tree: bool,
    pub max_disclosures: u32,
    pub tree_deadline_ms: u64,
    pub supplier: Supplier,
    pub is_test: bool,
    pub limits: Limits,
    /// Of posts.
    pub evidence: Option<Evidence>,
    pub requote: bool,
    /// The lot's seed.
    pub seed: u8,
    /// Shuffles events of equal times; none means by effect.
    pub shuffle: Option<u64>,
    pub faults: Vec<Fault>,
    /// Where the round robin stands.
    pub round: u64,
    pub fields: Vec<(&'static str, &'static str)>,
}

impl World {
    pub fn new(players: impl IntoIterator<Item = Player>) -> Self {
        Self {
            players: players.into_iter().collect(),
            tiers: Vec::new(),
            has_tree: true,
            max_disclosures: 1,
            tree_deadline_ms: 3000,
            supplier: Supplier {
                name: supplier(),
                label: "Source".into(),
                verticals: vec!["loans".parse().unwrap()],
                margin: Margin::default(),
                min_price: usd("0"),
                rate_limit_per_s: None,
                accept_requote: false,
                accept_lower: false,
                max_disclosures: None,
                quote: None,
                notify_url: None,
                notify_secret: None,
                inbound: Inbound::default(),
                suspended: false,
            },
            is_test: false,
            limits: Limits::default(),
            evidence: None,
            requote: false,
            seed: 1,
            shuffle: None,
            faults: Vec::new(),
            round: 0,
            fields: super::LEAD.to_vec(),
        }
    }

    /// All players in one competitive tier.
    pub fn competing(players: impl IntoIterator<Item = Player>) -> Self {
        let world = Self::new(players);
        let names = world.players.iter().map(|player| player.name).collect();
        world.tier(TierSpec { players: names, ..competitive([]) })
    }

    pub fn tier(mut self, tier: TierSpec) -> Self {
        self.tiers.push(tier);
        self
    }

    /// Changes the last tier.
    pub fn whose_tier(mut self, change: impl FnOnce(TierSpec) -> TierSpec) -> Self {
        let tier = self.tiers.pop().unwrap();
        self.tiers.push(change(tier));
        self
    }

    pub fn disclosing(mut self, max_disclosures: u32) -> Self {
        self.max_disclosures = max_disclosures;
        self
    }

    pub fn tree_deadline_ms(mut self, ms: u64) -> Self {
        self.tree_deadline_ms = ms;
        self
    }

    pub fn margin(mut self, percent: u32, min: &str) -> Self {
        self.supplier.margin = Margin { percent: Percent::of_whole(percent).unwrap(), min: usd(min) };
        self
    }

    pub fn min_price(mut self, net: &str) -> Self {
        self.supplier.min_price = usd(net);
        self
    }

    pub fn firm(mut self) -> Self {
        self.supplier.quote = Some(QuotePolicy { kind: QuoteKind::Firm, ttl: Duration::from_secs(120) });
        self
    }

    pub fn accept_lower(mut self) -> Self {
        self.supplier.accept_lower = true;
        self
    }

    pub fn test_lead(mut self) -> Self {
        self.is_test = true;
        self
    }

    pub fn seed(mut self, seed: u8) -> Self {
        self.seed = seed;
        self
    }

    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    pub fn open(&self) -> Exchange {
        Exchange::new(self.clone())
    }

    /// A direct post, from beginning to end.
    pub fn lead(&self) -> Played {
        self.open().lead()
    }

    /// A ping, from beginning to end.
    pub fn ping(&self) -> Played {
        self.open().ping()
    }

    /// A ping and at once its post: the post's part.
    pub fn ping_and_post(&self) -> Played {
        let mut exchange = self.open();
        exchange.ping();
        exchange.post()
    }

    pub fn market(&self) -> Arc<Market> {
        let mut players: Vec<&Player> = self.players.iter().collect();
        players.sort_by_key(|player| player.name);
        let index = |name: &str| ContractIndex(players.iter().position(|player| player.name == name).unwrap() as u32);
        let tier = |(number, spec): (usize, &TierSpec)| {
            let mut contracts: Vec<ContractIndex> = spec.players.iter().map(|name| index(name)).collect();
            contracts.sort_unstable();
            Tier {
                name: format!("tier {number}"),
                mode: spec.mode,
                order: spec.order,
                contracts,
                floor: usd(spec.floor),
                deadline: spec.deadline_ms.map(Duration::from_millis),
                sale: spec.sale,
            }
        };
        let tree = Tree {
            shows_winning_price: false,
            name: "loans".parse().unwrap(),
            vertical: "loans".parse().unwrap(),
            suppliers: Vec::new(),
            deadline: Duration::from_millis(self.tree_deadline_ms),
            max_disclosures: self.max_disclosures,
            tiers: self.tiers.iter().enumerate().map(tier).collect(),
        };
        Arc::new(Market::new(
            Revision(1),
            MarketParts {
                currency: Currency::USD,
                time_zone: TimeZone::UTC,
                quote: QuotePolicy::DEFAULT,
                firm_share: Percent::of_whole(20).unwrap(),
                duplicates_window_days: 30,
                egress_allow: Vec::new(),
                approvals_above: None,
                alerts: Default::default(),
                verticals: vec![loans()],
                suppliers: vec![self.supplier.clone()],
                buyers: players.iter().map(|player| player.buyer()).collect(),
                contracts: players.iter().enumerate().map(|(place, player)| player.contract(BuyerIndex(place as u32))).collect(),
                trees: if self.has_tree { vec![tree] } else { Vec::new() },
            },
        ))
    }
}

pub fn supplier() -> SupplierName {
    "source".parse().unwrap()
}
