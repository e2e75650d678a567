//! Which slots are whose tier's: one bitmap for each tier of a tree and each chunk that it has contracts in.

use std::collections::BTreeMap;

use super::{
    chunk::{Bits, NONE, SLOTS, set},
    group::{Group, NOBODY},
    terms::Terms,
};
use crate::{id::ContractIndex, money::Money, tree::Tree};

/// A tree's contracts. Those that can't be offered anything at present are left out.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub chunks: Vec<ChunkPlan>,
    /// Of each tier, the least that one of its contracts can pay at most.
    pub least: Vec<Money>,
}

#[derive(Clone, Debug)]
pub(super) struct ChunkPlan {
    pub group: usize,
    pub chunk: usize,
    /// Of the tiers together.
    pub all: Bits,
    /// Where there is more than one: each with its slots.
    pub of_tiers: Vec<(u32, Bits)>,
}

/// Where the slots of each contract are.
pub(super) struct Places {
    /// Of each contract, where its first place is; and the end.
    first: Vec<u32>,
    /// Group and slot.
    places: Vec<(u32, u32)>,
}

impl Places {
    pub fn new(groups: &[Group], contracts: usize) -> Self {
        let slots = |group: &'_ Group| -> Vec<(usize, u32)> {
            group.contracts.iter().enumerate().filter(|(_, contract)| **contract != NOBODY).map(|(slot, contract)| (contract.0 as usize, slot as u32)).collect()
        };
        let slots: Vec<Vec<(usize, u32)>> = groups.iter().map(slots).collect();
        let mut first = vec![0; contracts + 1];
        slots.iter().flatten().for_each(|(contract, _)| first[contract + 1] += 1);
        for place in 1..first.len() {
            first[place] += first[place - 1];
        }
        let mut next = first.clone();
        let mut places = vec![(0, 0); first[contracts] as usize];
        for (group, slots) in slots.iter().enumerate() {
            for (contract, slot) in slots {
                places[next[*contract] as usize] = (group as u32, *slot);
                next[*contract] += 1;
            }
        }
        Self { first, places }
    }

    fn of(&self, index: ContractIndex) -> &[(u32, u32)] {
        let place = index.0 as usize;
        &self.places[self.first[place] as usize..self.first[place + 1] as usize]
    }
}

impl Plan {
    /// None where a tier's contracts aren't in their order: then who comes first isn't the index' to say.
    pub fn new(tree: &Tree, places: &Places, terms: Terms<'_>) -> Option<Self> {
        let is_ascending = |contracts: &[ContractIndex]| contracts.windows(2).all(|pair| pair[0] < pair[1]);
        if !tree.tiers.iter().all(|tier| is_ascending(&tier.contracts)) {
            return None;
        }
        let mut chunks: BTreeMap<(u32, u32), BTreeMap<u32, Bits>> = BTreeMap::new();
        let mut least = Vec::with_capacity(tree.tiers.len());
        for (number, tier) in tree.tiers.iter().enumerate() {
            let standing = || tier.contracts.iter().filter(|index| terms.is_standing(tier, **index));
            for (group, slot) in standing().flat_map(|index| places.of(*index)) {
                let chunk = chunks.entry((*group, *slot / SLOTS as u32)).or_default();
                set(chunk.entry(number as u32).or_insert(NONE), *slot as usize % SLOTS);
            }
            least.push(standing().map(|index| tier.highest(terms.contract(*index))).min().unwrap_or(Money::MAX));
        }
        let plan = |((group, chunk), of_tiers): ((u32, u32), BTreeMap<u32, Bits>)| {
            let mut all = NONE;
            of_tiers.values().for_each(|bits| super::chunk::each(&mut all, bits, |word, more| word | more));
            ChunkPlan { group: group as usize, chunk: chunk as usize, all, of_tiers: of_tiers.into_iter().collect() }
        };
        Some(Self { chunks: chunks.into_iter().map(plan).collect(), least })
    }
}
