//! Each contract of the tree with its yes, or exactly why not.
//!
//! What market, ping and time say is worked out again, and comes out as it did then; what only the moment knew is in
//! the record.

use std::collections::{HashMap, hash_map::Entry};

use exchange::{
    id::{ContractIndex, ContractKey},
    matching::{Offered, WhyNot},
    record::Decision,
};

use super::{told::Told, view::ContractView};
use crate::background::give_way;

/// Of the runs of one life, the last that got to a contract decides.
pub fn of(runs: &[Told]) -> Vec<ContractView> {
    let mut views: Vec<ContractView> = Vec::new();
    let mut places: HashMap<(&ContractKey, &str), usize> = HashMap::new();
    for run in runs {
        // A tree may have ten thousand of them.
        for Place { key, tier, eligible, reason, is_known } in of_run(run) {
            give_way();
            match places.entry((key, tier)) {
                Entry::Vacant(place) => {
                    place.insert(views.len());
                    views.push(ContractView { contract: key.to_string(), tier: tier.to_owned(), eligible, reason });
                }
                // A lead's run that took a quote over asked nobody: what the ping's run said of it stands.
                Entry::Occupied(place) if is_known => (views[*place.get()].eligible, views[*place.get()].reason) = (eligible, reason),
                Entry::Occupied(_) => {}
            }
        }
    }
    views
}

/// A contract's place in a tier, and what a run says of it.
struct Place<'r> {
    key: &'r ContractKey,
    tier: &'r str,
    eligible: bool,
    reason: Option<String>,
    /// Whether the run got to it at all.
    is_known: bool,
}

fn of_run(run: &Told) -> Vec<Place<'_>> {
    let (Some(tree), Some(vertical), Some(supplier)) = (run.tree(), run.market.vertical(&run.record.vertical), run.market.supplier(&run.record.supplier))
    else {
        return Vec::new();
    };
    let record = &run.record;
    let offered = Offered { market: &run.market, vertical, supplier, ping: &record.attributes, at: record.started_at, test: record.test };
    let met = met(run);
    let mut places = Vec::with_capacity(tree.tiers.iter().map(|tier| tier.contracts.len()).sum());
    for (number, tier) in tree.tiers.iter().enumerate() {
        for index in &tier.contracts {
            give_way();
            let met = met.get(&(number as u32, *index)).unwrap_or(&Met::NotReached);
            let (eligible, reason) = match (offered.admits(tier, *index), met) {
                (Err(why), _) => (false, Some(why.to_string())),
                (Ok(()), Met::Skipped(why)) => (false, Some(why.to_string())),
                (Ok(()), Met::Asked) => (true, None),
                (Ok(()), Met::NotReached) => (true, Some(WhyNot::NotReached.to_string())),
            };
            let is_known = !matches!(met, Met::NotReached);
            places.push(Place { key: &run.market.contract(*index).key, tier: &tier.name, eligible, reason, is_known });
        }
    }
    places
}

enum Met {
    Asked,
    Skipped(WhyNot),
    NotReached,
}

/// What the run did with the contracts whose filter holds, by tier.
fn met(run: &Told) -> HashMap<(u32, ContractIndex), Met> {
    let mut met = HashMap::new();
    for (_, decision) in &run.record.decisions {
        match decision {
            Decision::Skipped { tier, contract, why } => {
                met.insert((*tier, *contract), Met::Skipped(why.clone()));
            }
            Decision::Pinged { tier, contract, .. } | Decision::Answered { tier, contract, .. } | Decision::Reserving { tier, contract, .. } => {
                met.insert((*tier, *contract), Met::Asked);
            }
            _ => {}
        }
    }
    met
}
