//! The matching index: who of a tree's contracts takes a lead, found by AND-ing bitmaps instead of asking each filter.
//!
//! It says exactly what [`Offered::admits`](crate::matching::Offered::admits) says of each contract, only without the reasons:
//! whoever wants those asks the filter itself. What hangs on a lead's values, its supplier and whether it is a test is in
//! the bitmaps; opening hours, prices near a supplier's minimum and the few filters that bitmaps can't express are asked of
//! those contracts alone that the bitmaps let through.

mod axes;
mod chunk;
mod conjunction;
mod group;
pub(crate) mod hashing;
mod opening;
mod plan;
mod ranges;
mod rest;
mod segments;
mod terms;

use std::collections::BTreeMap;

pub use self::terms::Terms;
use self::{
    group::Group,
    opening::OpenNow,
    plan::{Places, Plan},
};
use crate::{
    attribute::PingPart,
    id::{ContractIndex, TreeIndex, VerticalName},
    money::{Currency, Money},
    supplier::Supplier,
    time::Timestamp,
    tree::Tier,
};

/// What is matched.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    pub supplier: &'a Supplier,
    pub ping: &'a PingPart,
    pub at: Timestamp,
    pub test: bool,
    pub currency: Currency,
}

/// The contracts that take a lead, tier by tier, in the order of each tier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    contracts: Vec<ContractIndex>,
    /// Where each tier ends.
    ends: Vec<usize>,
}

impl Admitted {
    /// Of one tier after the other.
    pub fn of_tiers(tiers: impl IntoIterator<Item = Vec<ContractIndex>>) -> Self {
        let mut admitted = Self::default();
        for tier in tiers {
            if admitted.contracts.is_empty() {
                admitted.contracts = tier;
            } else {
                admitted.contracts.extend(tier);
            }
            admitted.ends.push(admitted.contracts.len());
        }
        admitted
    }

    #[must_use]
    pub fn of_tier(&self, tier: u32) -> &[ContractIndex] {
        let tier = tier as usize;
        let from = tier.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(tier).map_or(&[], |to| &self.contracts[from..*to])
    }

    /// Of all tiers together, each once, in the order of contracts.
    #[must_use]
    pub fn of_all(&self) -> Vec<ContractIndex> {
        let mut all = self.contracts.clone();
        if self.ends.len() > 1 {
            all.sort_unstable();
            all.dedup();
        }
        all
    }
}

#[derive(Clone)]
pub struct MatchingIndex {
    groups: Vec<Group>,
    plans: Vec<Option<Plan>>,
}

impl std::fmt::Debug for MatchingIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MatchingIndex").field("bytes", &self.size()).finish_non_exhaustive()
    }
}

impl MatchingIndex {
    #[must_use]
    pub fn new(terms: Terms<'_>) -> Self {
        let mut by_vertical: BTreeMap<&VerticalName, Vec<ContractIndex>> = BTreeMap::new();
        for (index, contract) in indexed(terms) {
            by_vertical.entry(&contract.vertical).or_default().push(index);
        }
        let groups = by_vertical.into_iter().map(|(vertical, contracts)| Group::new(vertical.clone(), &contracts, terms)).collect();
        Self::planned(groups, terms)
    }

    /// The index of the revision after: what is the same in both is not made again.
    #[must_use]
    pub fn following(&self, before: Terms<'_>, terms: Terms<'_>) -> Self {
        let (moved, fresh) = compare(before, terms);
        let mut groups = self.groups.clone();
        let mut by_vertical: BTreeMap<&VerticalName, Vec<ContractIndex>> = BTreeMap::new();
        for index in fresh {
            by_vertical.entry(&terms.contract(index).vertical).or_default().push(index);
        }
        for group in &mut groups {
            group.follow(&moved, by_vertical.remove(&group.vertical).as_deref().unwrap_or_default(), terms);
        }
        groups.extend(by_vertical.into_iter().map(|(vertical, contracts)| Group::new(vertical.clone(), &contracts, terms)));
        let (slots, given_up) = groups.iter().fold((0, 0), |(slots, given_up), group| (slots + group.contracts.len(), given_up + group.given_up()));
        // Past that, looking at what is no more costs more than making all anew.
        if given_up > chunk::SLOTS && given_up * 4 > slots { Self::new(terms) } else { Self::planned(groups, terms) }
    }

    fn planned(groups: Vec<Group>, terms: Terms<'_>) -> Self {
        let places = Places::new(&groups, terms.contracts.len());
        let plans = terms.trees.iter().map(|tree| Plan::new(tree, &places, terms)).collect();
        Self { groups, plans }
    }

    /// The contracts of a tree that take the lead; none where the tree is not the index' to match.
    #[must_use]
    pub fn admitted(&self, terms: Terms<'_>, tree: TreeIndex, sought: Sought<'_>) -> Option<Admitted> {
        let plan = self.plans.get(tree.0 as usize)?.as_ref()?;
        let tiers = &terms.trees[tree.0 as usize].tiers;
        let mut found: Vec<Vec<ContractIndex>> = vec![Vec::new(); tiers.len()];
        let mut chunks = plan.chunks.iter().peekable();
        let mut chosen = Vec::with_capacity(32);
        while let Some(group) = chunks.peek().map(|first| first.group) {
            let of_group = &self.groups[group];
            let segments = of_group.axes.of_lead(sought.ping, &sought.supplier.name, sought.test);
            let mut open = OpenNow::new(&of_group.openings, sought.at);
            while let Some(planned) = chunks.next_if(|next| next.group == group) {
                let chunk = &of_group.chunks[planned.chunk];
                let Some(mut bits) = chunk.narrowed(&segments, &planned.all, &mut chosen) else { continue };
                let first = planned.chunk * chunk::SLOTS;
                chunk.leave_open(&mut bits, &mut open);
                let mut uncertain = bits;
                chunk::each(&mut uncertain, &chunk.uncertain, |word, uncertain| word & uncertain);
                chunk::each_slot(&uncertain, |slot| {
                    let rest = of_group.rests[first + slot];
                    if !open.says(rest.opening) || (rest.asks_filter && !passes_filter(terms, of_group.contracts[first + slot], sought.ping)) {
                        chunk::clear(&mut bits, slot);
                    }
                });
                let contracts = &of_group.contracts[first..];
                for (tier, of_tier) in &planned.of_tiers {
                    let mut of_tier = *of_tier;
                    chunk::each(&mut of_tier, &bits, |word, admitted| word & admitted);
                    let found = &mut found[*tier as usize];
                    chunk::each_slot(&of_tier, |slot| found.push(contracts[slot]));
                }
            }
        }
        let of_tier = |((mut found, tier), least): ((Vec<ContractIndex>, &Tier), &Money)| {
            if !leaves_enough_for_all(*least, sought) {
                let is_enough = |contract| sought.supplier.is_left_enough(tier.highest(contract), tier.kinds_offered(contract), sought.currency);
                found.retain(|index| is_enough(terms.contract(*index)));
            }
            in_order(found)
        };
        Some(Admitted::of_tiers(found.into_iter().zip(tiers).zip(&plan.least).map(of_tier)))
    }

    /// In bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let of_groups = self.groups.iter().map(Group::size);
        let of_chunk = |chunk: &plan::ChunkPlan| size_of::<plan::ChunkPlan>() + chunk.of_tiers.len() * size_of::<(u32, chunk::Bits)>();
        let of_plans = self.plans.iter().flatten().map(|plan| plan.chunks.iter().map(of_chunk).sum::<usize>());
        of_groups.sum::<usize>() + of_plans.sum::<usize>()
    }
}

fn indexed(terms: Terms<'_>) -> impl Iterator<Item = (ContractIndex, &crate::contract::Contract)> {
    terms.contracts.iter().enumerate().map(|(place, contract)| (ContractIndex(place as u32), contract))
}

/// Where each contract of before is now, if its terms are the same; and which of now were not there, or not so.
fn compare(before: Terms<'_>, now: Terms<'_>) -> (Vec<Option<ContractIndex>>, Vec<ContractIndex>) {
    let mut moved = vec![None; before.contracts.len()];
    let mut fresh = Vec::new();
    let mut old = indexed(before).peekable();
    for (index, contract) in indexed(now) {
        while old.next_if(|(_, was)| was.key < contract.key).is_some() {}
        match old.next_if(|(_, was)| was.key == contract.key) {
            Some((was, _)) if before.are_alike(was, &now, index) => moved[was.0 as usize] = Some(index),
            _ => fresh.push(index),
        }
    }
    (moved, fresh)
}

fn passes_filter(terms: Terms<'_>, index: ContractIndex, ping: &PingPart) -> bool {
    terms.contract(index).filter.as_ref().is_none_or(|filter| filter.matches(ping))
}

/// Whether the least leaves so much that everything above it must. A share is rounded up to the cent, so a price that is
/// higher by less may leave up to a cent less.
fn leaves_enough_for_all(least: Money, sought: Sought<'_>) -> bool {
    let cent = sought.currency.cent();
    sought.supplier.margin.net(least, sought.currency).is_some_and(|net| net > cent && net - cent >= sought.supplier.min_price)
}

/// Ascending, each once. A contract whose alternatives hold at once was found more than once.
fn in_order(mut found: Vec<ContractIndex>) -> Vec<ContractIndex> {
    if !found.is_sorted_by(|one, next| one < next) {
        found.sort_unstable();
        found.dedup();
    }
    found
}
