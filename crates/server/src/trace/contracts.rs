//! Each contract of the tree with its yes, or exactly why not.
//!
//! What market, ping and time say is worked out again, and comes out as it did then; what only the moment knew is in
//! the record.

use exchange::{
    id::ContractIndex,
    matching::{Offered, WhyNot},
    record::Decision,
};

use super::{told::Told, view::ContractView};

/// Of the runs of one life, the last that got to a contract decides.
pub fn of(runs: &[&Told]) -> Vec<ContractView> {
    let mut views: Vec<ContractView> = Vec::new();
    for run in runs {
        for (view, is_known) in of_run(run) {
            match views.iter_mut().find(|known| known.contract == view.contract && known.tier == view.tier) {
                None => views.push(view),
                // A lead's run that took a quote over asked nobody: what the ping's run said of it stands.
                Some(known) if is_known => *known = view,
                Some(_) => {}
            }
        }
    }
    views
}

/// With whether this run got to the contract at all.
fn of_run(run: &Told) -> Vec<(ContractView, bool)> {
    let (Some(tree), Some(vertical), Some(supplier)) = (run.tree(), run.market.vertical(&run.record.vertical), run.market.supplier(&run.record.supplier))
    else {
        return Vec::new();
    };
    let record = run.record;
    let offered = Offered { market: &run.market, vertical, supplier, ping: &record.attributes, at: record.started_at, test: record.test };
    let mut views = Vec::new();
    for (number, tier) in tree.tiers.iter().enumerate() {
        for index in &tier.contracts {
            let met = met(run, number as u32, *index);
            let (eligible, reason) = match (offered.admits(tier, *index), &met) {
                (Err(why), _) => (false, Some(why.to_string())),
                (Ok(()), Met::Skipped(why)) => (false, Some(why.to_string())),
                (Ok(()), Met::Asked) => (true, None),
                (Ok(()), Met::NotReached) => (true, Some(WhyNot::NotReached.to_string())),
            };
            let is_known = !matches!(met, Met::NotReached);
            views.push((ContractView { contract: run.contract_name(*index), tier: tier.name.clone(), eligible, reason }, is_known));
        }
    }
    views
}

enum Met {
    Asked,
    Skipped(WhyNot),
    NotReached,
}

/// What the run did with a contract whose filter holds.
fn met(run: &Told, in_tier: u32, index: ContractIndex) -> Met {
    let mut met = Met::NotReached;
    for (_, decision) in &run.record.decisions {
        match decision {
            Decision::Skipped { tier, contract, why } if *tier == in_tier && *contract == index => met = Met::Skipped(why.clone()),
            Decision::Pinged { tier, contract, .. } | Decision::Answered { tier, contract, .. } | Decision::Reserving { tier, contract, .. }
                if *tier == in_tier && *contract == index =>
            {
                met = Met::Asked;
            }
            _ => {}
        }
    }
    met
}
