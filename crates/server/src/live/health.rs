//! How each buyer does lately, and which needs attention most.

use std::collections::BTreeMap;

use exchange::{
    alerts::{BuyerTrouble, trouble},
    figures::BuyerCounts,
    id::BuyerName,
    market::Market,
};
use store::Tallies;

use super::base::Base;

#[derive(Clone, Debug)]
pub struct Health {
    pub buyer: BuyerName,
    pub label: String,
    /// Of the last quarter of an hour and the present one.
    pub recent: BuyerCounts,
    /// The worst that is to be said of it.
    pub trouble: Option<BuyerTrouble>,
}

pub fn of_all(market: &Market, base: &Base, present: &Tallies) -> Vec<Health> {
    let of = |counts: &BTreeMap<BuyerName, BuyerCounts>, buyer: &BuyerName| counts.get(buyer).cloned().unwrap_or_default();
    let health = |buyer: &exchange::buyer::Buyer| {
        let mut recent = of(&base.last_quarter, &buyer.name);
        present.buyers.iter().filter(|((_, name), _)| *name == buyer.name).for_each(|(_, counts)| recent += counts);
        let trouble = trouble(&market.parts().alerts.rules, &recent, &of(&base.usual, &buyer.name));
        Health { buyer: buyer.name.clone(), label: buyer.label.clone(), recent, trouble }
    };
    let mut all: Vec<Health> = market.parts().buyers.iter().map(health).collect();
    // Who is in no trouble comes last; of those in the same, whose calls are most.
    all.sort_by_key(|health| (health.trouble.is_none(), health.trouble, std::cmp::Reverse(health.recent.pings), health.buyer.clone()));
    all
}
