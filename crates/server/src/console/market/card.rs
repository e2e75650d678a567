//! A contract as a card: what it pays, whether it is open, how full it is.

use std::collections::BTreeMap;

use exchange::{
    contract::{Contract, Pricing},
    facts::ContractFacts,
    id::ContractIndex,
    market::Market,
    time::Timestamp,
};

use super::{
    super::components::{Meter, Tag, Tone},
    meters,
};

#[derive(Debug)]
pub struct Card {
    pub buyer: String,
    pub name: String,
    pub path: String,
    pub price: String,
    pub state: Tag,
    pub caps: Vec<(String, Meter)>,
    pub has_filter: bool,
    pub hours: String,
    pub tags: Vec<String>,
    pub vertical: String,
    pub sale: &'static str,
    pub priority: Option<u32>,
    pub weight: u32,
}

impl Card {
    pub fn of(market: &Market, index: ContractIndex, facts: &BTreeMap<ContractIndex, ContractFacts>, now: Timestamp) -> Self {
        let contract = market.contract(index);
        let facts = facts.get(&index);
        Self {
            buyer: contract.key.buyer.to_string(),
            name: contract.key.name.to_string(),
            path: format!("/console/market/contract/{}", contract.key),
            price: price(contract),
            state: state(market, index, facts, now),
            caps: facts.map(meters::meters).unwrap_or_default(),
            has_filter: contract.filter.is_some(),
            hours: if contract.hours.is_empty() { String::new() } else { format!("hours of {}", contract.time_zone.iana_name().unwrap_or_default()) },
            tags: contract.tags.iter().cloned().collect(),
            vertical: contract.vertical.to_string(),
            sale: match (contract.kinds.exclusive, contract.kinds.shared) {
                (true, true) => "exclusive or shared",
                (false, true) => "shared",
                _ => "exclusive",
            },
            priority: contract.priority,
            weight: contract.weight,
        }
    }
}

fn price(contract: &Contract) -> String {
    match contract.pricing {
        Pricing::Bid { max_bid } => format!("bids up to {max_bid}"),
        Pricing::Fixed { exclusive: Some(price), shared: Some(shared) } => format!("{price}, a share {shared}"),
        Pricing::Fixed { exclusive, shared } => exclusive.map(|price| price.to_string()).or(shared.map(|price| format!("a share {price}"))).unwrap_or_default(),
    }
}

fn state(market: &Market, index: ContractIndex, facts: Option<&ContractFacts>, now: Timestamp) -> Tag {
    let contract = market.contract(index);
    if market.buyer_of(index).suspended {
        Tag::new("suspended", Tone::Bad)
    } else if contract.paused {
        Tag::new("paused", Tone::Warn)
    } else if contract.paused_by_buyer {
        Tag::new("paused by its buyer", Tone::Warn)
    } else if !contract.is_open(now) {
        Tag::new("closed now", Tone::Plain)
    } else if facts.is_some_and(meters::is_full) {
        Tag::new("full", Tone::Bad)
    } else if facts.is_some_and(|facts| facts.available <= exchange::money::Money::ZERO) {
        Tag::new("no credit", Tone::Bad)
    } else {
        Tag::new("open", Tone::Good)
    }
}
