//! A market to measure with: one vertical of 15 attributes, buyers with many contracts each, and leads of which each is bought by
//! exactly one contract of every buyer. The same each time.

mod filters;
mod leads;
pub mod read;

pub use read::{pings, read};

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use wire::market::Bundle;

use crate::{Failure, random::Random};
use filters::Filter;
use leads::Lead;

const SEED: u64 = 42;
const LEADS: usize = 32;
const MARGIN_PERCENT: u64 = 10;

const MARKET: &str = r#"currency = "USD"
quote = { kind = "indicative", ttl_s = 120 }
egress = { allow = ["127.0.0.0/8"] }
"#;
const VERTICAL: &str = include_str!("market/vertical.toml");

/// How large a market is, and how its buyers are reached.
pub struct Plan<'a> {
    pub buyers: &'a [SocketAddr],
    pub contracts_of_each: usize,
    /// Until the auction closes.
    pub deadline_ms: u32,
    pub spoken: Spoken,
    /// How many pings may wait for their answers on one connection to a buyer.
    pub pipelining: usize,
}

/// Of buyers that answer in the order of their requests, and at once.
pub const PIPELINED: usize = 32;

/// How buyers are spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    Native,
    /// With a name for each bid, as the others have.
    NativeNamed,
    /// By an interface of their own, in JSON, with as much in it as the native protocol has.
    Json,
    /// The same in XML.
    Xml,
}

impl Spoken {
    pub const ALL: [Self; 4] = [Self::Native, Self::NativeNamed, Self::Json, Self::Xml];

    /// At every buyer's address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Native => "/ping",
            Self::NativeNamed => "/named",
            Self::Json => "/json",
            Self::Xml => "/xml",
        }
    }

    /// What a buyer answers to a ping.
    pub fn bid(self, bid: &str) -> String {
        match self {
            Self::Native => format!(r#"{{"bid":"{bid}"}}"#),
            Self::NativeNamed => format!(r#"{{"bid":"{bid}","ref":"r-77"}}"#),
            Self::Json => format!(r#"{{"status":"matched","price":"{bid}","ping_id":"r-77"}}"#),
            Self::Xml => format!(r#"<?xml version="1.0"?><Response><Price>{bid}</Price><Confirmation>r-77</Confirmation></Response>"#),
        }
    }

    const fn endpoint(self) -> &'static str {
        match self {
            Self::Native | Self::NativeNamed => "protocol = \"native\"\n",
            Self::Json => {
                "protocol = \"status-matched\"\n[endpoint.ping]\nlead = \"lead\"\n[endpoint.ping.set]\n\"id\" = \"{{ping.id}}\"\n\"vertical\" = \"{{lead.vertical}}\"\n\
                 \"contract\" = \"{{lead.contract}}\"\n\"deadline_ms\" = \"{{ping.deadline_ms}}\"\n\"exclusive\" = \"{{ping.exclusive}}\"\n"
            }
            Self::Xml => {
                "protocol = \"astoria-xml\"\n[endpoint.ping]\nlead = \"Request.Lead\"\n[endpoint.ping.set]\n\"Request.@id\" = \"{{ping.id}}\"\n\
                 \"Request.Vertical\" = \"{{lead.vertical}}\"\n\"Request.Contract\" = \"{{lead.contract}}\"\n\"Request.Deadline\" = \"{{ping.deadline_ms}}\"\n\
                 \"Request.Exclusive\" = \"{{ping.exclusive}}\"\n"
            }
        }
    }
}

/// The suppliers of the market, each with quotes of one kind.
#[derive(Clone, Copy)]
pub enum Supplier {
    Indicative,
    Firm,
}

impl Supplier {
    pub const ALL: [Self; 2] = [Self::Indicative, Self::Firm];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Indicative => "indicative",
            Self::Firm => "firm",
        }
    }
}

/// The market's files.
pub fn bundle(plan: &Plan<'_>) -> Result<Bundle, Failure> {
    let mut files = BTreeMap::from([("market.toml".to_owned(), MARKET.to_owned()), ("verticals/auto.toml".to_owned(), VERTICAL.to_owned())]);
    for supplier in Supplier::ALL {
        let name = supplier.name();
        let text = format!(
            "verticals = [\"auto\"]\nmargin = {{ percent = {MARGIN_PERCENT} }}\nrate_limit_per_s = 1000000\nquote = {{ kind = \"{name}\", ttl_s = 30 }}\n"
        );
        files.insert(format!("suppliers/{name}.toml"), text);
    }
    let deadline = plan.deadline_ms;
    let tree = format!("vertical = \"auto\"\ndeadline_ms = {deadline}\n\n[[tiers]]\nmode = \"competitive\"\ncontracts = [\"tag:all\"]\n");
    files.insert("trees/auto.toml".to_owned(), tree);
    let (leads, mut random) = (leads(SEED, LEADS), Random::of(0));
    for (number, address) in plan.buyers.iter().enumerate() {
        files.insert(format!("buyers/buyer{number:04}.toml"), buyer(*address, plan, &leads, &mut random)?);
    }
    Ok(Bundle { files })
}

/// Writes the market's files into a directory.
pub fn write(folder: &Path, plan: &Plan<'_>) -> Result<(), Failure> {
    for (path, text) in bundle(plan)?.files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn leads(seed: u64, count: usize) -> Vec<Lead> {
    let mut random = Random::of(seed);
    (0..count).map(|_| Lead::draw(&mut random)).collect()
}

fn buyer(address: SocketAddr, plan: &Plan<'_>, leads: &[Lead], random: &mut Random) -> Result<String, Failure> {
    let (contracts, path, endpoint, pipelining) = (plan.contracts_of_each, plan.spoken.path(), plan.spoken.endpoint(), plan.pipelining);
    let mut text = format!(
        "credit = \"1000000000\"\n\n[endpoint]\nping_url = \"http://{address}{path}\"\npost_url = \"http://{address}/post\"\n\
         secret = \"whsec_c2FtcGxlLXNlY3JldC1vZi1ibHVlYmlyZC1pbnN1cmFuY2Uu\"\nmax_in_flight = 100000\npipelining = {pipelining}\n{endpoint}"
    );
    let which_buys = random.below(contracts);
    for contract in 0..contracts {
        let filter = if contract == which_buys { Filter::that_takes_all(leads, random) } else { Filter::that_takes_none(leads, random) };
        write!(
            text,
            "\n[contracts.c{contract}]\nvertical = \"auto\"\nfilter = '{}'\nprice = \"bid\"\nmax_bid = \"200\"\n\
             caps = [{{ count = 100000000, per = \"day\" }}, {{ spend = \"900000000\", per = \"month\" }}]\ntags = [\"all\"]\n",
            filter.text()
        )?;
    }
    Ok(text)
}

/// What a stub buyer bids, in cents: each of the first 64 otherwise, and never the last the most.
pub const fn bid_cents(buyer: usize) -> u64 {
    1000 + 110 * ((buyer as u64 * 7 + 3) % 64)
}

pub fn bid_text(buyer: usize) -> String {
    cents_text(bid_cents(buyer))
}

fn cents_text(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// What a server that only fans out answers to a right auction.
pub fn best_bid(buyers: usize) -> String {
    cents_text((0..buyers).map(bid_cents).max().unwrap_or(0))
}

/// What the supplier is quoted: the best bid without the margin, which is rounded up.
pub fn best_net(buyers: usize) -> String {
    let best = (0..buyers).map(bid_cents).max().unwrap_or(0);
    cents_text(best - (best * MARGIN_PERCENT).div_ceil(100))
}

/// A file of pings, one a line.
pub fn write_pings(folder: &Path) -> Result<PathBuf, Failure> {
    write_lines(folder.join("pings.jsonl"), leads(SEED, LEADS).iter().map(Lead::attributes))
}

/// A file of whole leads, one a line, each of a person of its own by its number.
pub fn write_posts(folder: &Path, first: usize, count: usize) -> Result<PathBuf, Failure> {
    let leads = leads(SEED, LEADS);
    write_lines(folder.join("posts.jsonl"), (first..first + count).map(|number| leads[number % leads.len()].with_contact(number)))
}

fn write_lines(path: PathBuf, lines: impl Iterator<Item = Value>) -> Result<PathBuf, Failure> {
    let mut text = String::new();
    for line in lines {
        writeln!(text, "{line}")?;
    }
    fs::write(&path, text)?;
    Ok(path)
}

fn with(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

impl Lead {
    fn with_contact(&self, number: usize) -> Value {
        let contact = json!({
            "first_name": "Pat",
            "last_name": "Example",
            "email": format!("pat{number}@example.com"),
            "phone": format!("+1{}{:07}", 202 + number / 8_000_000, 2_000_000 + number % 8_000_000),
        });
        with(self.attributes(), contact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lead_is_bought_by_one_contract_of_every_buyer() {
        let (leads, mut random) = (leads(SEED, LEADS), Random::of(0));
        for _ in 0..3 {
            let takes_all = Filter::that_takes_all(&leads, &mut random);
            assert!(leads.iter().all(|lead| takes_all.takes(lead)));
            for _ in 0..200 {
                let takes_none = Filter::that_takes_none(&leads, &mut random);
                assert!(!leads.iter().any(|lead| takes_none.takes(lead)), "{}", takes_none.text());
            }
        }
    }

    #[test]
    fn the_best_bid_is_not_the_last_ones_and_the_net_leaves_the_margin() {
        assert_eq!((best_bid(10).as_str(), best_net(10).as_str()), ("74.90", "67.41"));
        assert_ne!(best_bid(10), bid_text(9));
        assert_ne!(best_bid(64), bid_text(63));
    }

    #[test]
    fn the_market_is_the_same_each_time() {
        let texts = || -> Vec<String> {
            let (leads, mut random) = (leads(SEED, LEADS), Random::of(0));
            (0..50).map(|_| Filter::that_takes_none(&leads, &mut random).text()).collect()
        };
        assert_eq!(texts(), texts());
    }
}
