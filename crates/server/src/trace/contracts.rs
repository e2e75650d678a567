//! Each contract of the tree with its yes, or exactly why not.
//!
//! What market, ping and time say is worked out again, and comes out as it did then; what only the moment knew is in
//! the record.

use std::{collections::HashMap, sync::Arc};

use exchange::{
    id::{ContractIndex, ContractKey},
    matching::WhyNot,
    record::Decision,
};

use super::{reason::Reason, told::Told, view::ContractView};
use crate::background::give_way;

/// Of the runs of one life, the last that got to a contract decides.
pub fn of(runs: &[Arc<Told>]) -> Vec<ContractView> {
    let Some((first, later)) = runs.split_first() else { return Vec::new() };
    let mut views: Vec<ContractView> = of_run(first).into_iter().map(|(view, _)| view).collect();
    for run in later {
        let mut places: HashMap<(ContractKey, Arc<str>), usize> = HashMap::with_capacity(views.len());
        for (place, view) in views.iter().enumerate() {
            give_way();
            places.insert((view.contract.clone(), Arc::clone(&view.tier)), place);
        }
        for (view, is_known) in of_run(run) {
            give_way();
            match places.get(&(view.contract.clone(), Arc::clone(&view.tier))) {
                // A lead's run that took a quote over asked nobody: what the ping's run said of it stands.
                Some(place) if is_known => views[*place] = view,
                Some(_) => {}
                None => views.push(view),
            }
        }
    }
    views
}

/// Each contract's place in a tier with what a run says of it, and whether the run got to it at all.
fn of_run(run: &Arc<Told>) -> Vec<(ContractView, bool)> {
    let (Some(tree), Some(offered)) = (run.tree(), run.offered()) else { return Vec::new() };
    let mut met = met(run);
    let mut views = Vec::with_capacity(tree.tiers.iter().map(|tier| tier.contracts.len()).sum());
    for (number, tier) in tree.tiers.iter().enumerate() {
        let name: Arc<str> = tier.name.as_str().into();
        // A tree may have ten thousand of them.
        for index in &tier.contracts {
            give_way();
            let met = met.remove(&(number as u32, *index)).unwrap_or(Met::NotReached);
            let is_known = !matches!(met, Met::NotReached);
            let (eligible, reason) = match (offered.judge(tier, *index), met) {
                (Err(untold), _) => (false, Some(Reason::Found { run: Arc::clone(run), contract: *index, untold })),
                (Ok(()), Met::Skipped(why)) => (false, Some(Reason::Said(why))),
                (Ok(()), Met::Asked) => (true, None),
                (Ok(()), Met::NotReached) => (true, Some(Reason::Said(WhyNot::NotReached))),
            };
            views.push((ContractView { contract: run.market.contract(*index).key.clone(), tier: Arc::clone(&name), eligible, reason }, is_known));
        }
    }
    views
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
