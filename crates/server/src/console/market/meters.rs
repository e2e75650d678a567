//! How full contracts' caps are: as this node knows it, or as the store says.

use std::{collections::BTreeMap, sync::Arc};

use exchange::{
    cap::{Cap, Limit, Usage},
    facts::ContractFacts,
    id::ContractIndex,
    market::Market,
};

use super::super::components::Meter;
use crate::node::Node;

/// Facts of these contracts; of those that can't be read now, none.
pub async fn facts(node: &Node, market: &Arc<Market>, contracts: &[ContractIndex]) -> BTreeMap<ContractIndex, ContractFacts> {
    // Contracts that may be offered nothing have no terms to look up.
    let asked: Vec<ContractIndex> = contracts.iter().copied().filter(|index| market.refusal_of(*index).is_none()).collect();
    let known = match node.facts.known_of(market, &asked) {
        Some(known) => Some(known),
        None => node.facts.read_alone(&node.page_readers, market, &asked).await,
    };
    known.unwrap_or_default().into_iter().map(|facts| (facts.contract, facts)).collect()
}

/// Each cap with how full it is.
pub fn meters(facts: &ContractFacts) -> Vec<(String, Meter)> {
    facts.caps.iter().map(|(cap, usage)| (told(cap, *usage), meter(cap, *usage))).collect()
}

/// Whether a cap takes no more sale at all.
pub fn is_full(facts: &ContractFacts) -> bool {
    facts.caps.iter().any(|(cap, usage)| !cap.admits(*usage, exchange::money::Money::from_micros(1)))
}

fn told(cap: &Cap, usage: Usage) -> String {
    match cap.limit {
        Limit::Count(most) => format!("{} of {most} per {}", usage.count, cap.per.word()),
        Limit::Spend(most) => format!("{} of {most} per {}", usage.spend, cap.per.word()),
    }
}

fn meter(cap: &Cap, usage: Usage) -> Meter {
    let units = |micros: i64| u64::try_from(micros).unwrap_or(0);
    match cap.limit {
        Limit::Count(most) => Meter::new(told(cap, usage), usage.count, most),
        Limit::Spend(most) => Meter::new(told(cap, usage), units(usage.spend.micros()), units(most.micros())),
    }
}
