//! The contracts of one vertical in slots: a slot for each alternative of each contract, in the order of contracts as far as
//! that can be. A slot stays with its contract from one revision of the market to the next, unless its terms change.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use super::{
    axes::{Axes, Cuts},
    chunk::{Asked, Chunk, SLOTS},
    conjunction::{Alternatives, Compiler, Conjunction},
    hashing::HashMap,
    opening::Openings,
    ranges::Ranges,
    rest::Rest,
    terms::Terms,
};
use crate::id::{ContractIndex, VerticalName};

/// No contract's index.
pub(super) const NOBODY: ContractIndex = ContractIndex(u32::MAX);

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub vertical: VerticalName,
    pub axes: Axes,
    /// Of each slot its contract, or [`NOBODY`] where that went away, or changed.
    pub contracts: Vec<ContractIndex>,
    pub rests: Vec<Rest>,
    pub chunks: Vec<Arc<Chunk>>,
    pub openings: Openings,
}

impl Group {
    pub fn new(vertical: VerticalName, contracts: &[ContractIndex], terms: Terms<'_>) -> Self {
        let mut cuts = Cuts::default();
        contracts.iter().for_each(|index| cuts.add(terms.contract(*index), terms.takes_tests(*index)));
        let axes = Axes::of(cuts);
        let mut group = Self { vertical, axes: Axes::default(), contracts: Vec::new(), rests: Vec::new(), chunks: Vec::new(), openings: Openings::default() };
        let (mut compiler, mut sets, mut asked) = (Compiler::new(&axes), Sets::default(), Vec::with_capacity(contracts.len()));
        for index in contracts {
            let alternatives = compiler.alternatives(terms.contract(*index), terms.takes_tests(*index));
            for rest in group.rests_of(*index, &alternatives, terms) {
                group.contracts.push(*index);
                group.rests.push(rest);
            }
            asked.extend(alternatives.conjunctions.iter().map(|conjunction| sets.asked(&axes, conjunction)));
        }
        let ends = axes.ends();
        let chunk = |(number, asked): (usize, &[Asked])| Arc::new(Chunk::new(asked, group.rests_in(number), &sets.sets, &ends));
        let chunks = asked.chunks(SLOTS).enumerate().map(chunk).collect();
        Self { axes, chunks, ..group }
    }

    fn rests_of(&mut self, index: ContractIndex, alternatives: &Alternatives, terms: Terms<'_>) -> impl Iterator<Item = Rest> + use<> {
        let opening = self.openings.number(terms.contract(index));
        let asks_filter = alternatives.asks_filter;
        (0..alternatives.conjunctions.len() as u8).map(move |alternative| Rest { opening, alternative, asks_filter })
    }

    fn rests_in(&self, chunk: usize) -> &[Rest] {
        &self.rests[chunk * SLOTS..self.rests.len().min((chunk + 1) * SLOTS)]
    }

    /// The same for the next revision: `moved` says where contracts whose terms are the same went, and `fresh` are the others.
    pub fn follow(&mut self, moved: &[Option<ContractIndex>], fresh: &[ContractIndex], terms: Terms<'_>) {
        for contract in &mut self.contracts {
            *contract = moved.get(contract.0 as usize).copied().flatten().unwrap_or(NOBODY);
        }
        if fresh.is_empty() {
            return;
        }
        let mut cuts = Cuts::default();
        fresh.iter().for_each(|index| cuts.add(terms.contract(*index), terms.takes_tests(*index)));
        let chunks = &mut self.chunks;
        self.axes.add(cuts, |axis, end, moved| chunks.iter_mut().for_each(|chunk| *chunk = Arc::new(chunk.recut(axis, end, &moved))));
        let axes = self.axes.clone();
        let mut compiler = Compiler::new(&axes);
        let mut new = Vec::new();
        for index in fresh {
            let alternatives = compiler.alternatives(terms.contract(*index), terms.takes_tests(*index));
            new.extend(self.rests_of(*index, &alternatives, terms).map(|rest| (*index, rest)));
        }
        for chunk in self.place(new) {
            self.make_chunk(chunk, &mut compiler, &axes, terms);
        }
    }

    /// Puts slots where others were given up, then at the end. Gives the chunks that have some.
    fn place(&mut self, new: Vec<(ContractIndex, Rest)>) -> BTreeSet<usize> {
        let mut changed = BTreeSet::new();
        let given_up: Vec<usize> = (0..self.contracts.len()).filter(|slot| self.contracts[*slot] == NOBODY).take(new.len()).collect();
        let mut given_up = given_up.into_iter();
        for (index, rest) in new {
            let slot = given_up.next().unwrap_or(self.contracts.len());
            changed.insert(slot / SLOTS);
            if slot == self.contracts.len() {
                self.contracts.push(index);
                self.rests.push(rest);
            } else {
                (self.contracts[slot], self.rests[slot]) = (index, rest);
            }
        }
        changed
    }

    fn make_chunk(&mut self, number: usize, compiler: &mut Compiler<'_>, axes: &Axes, terms: Terms<'_>) {
        let mut sets = Sets::default();
        let slots = self.contracts.iter().zip(&self.rests).skip(number * SLOTS).take(SLOTS);
        let asked = slots.map(|(contract, rest)| {
            if *contract == NOBODY {
                return Asked::new();
            }
            let alternatives = compiler.alternatives(terms.contract(*contract), terms.takes_tests(*contract));
            alternatives.conjunctions.get(usize::from(rest.alternative)).map_or_else(Asked::new, |conjunction| sets.asked(axes, conjunction))
        });
        let asked: Vec<Asked> = asked.collect();
        let chunk = Arc::new(Chunk::new(&asked, self.rests_in(number), &sets.sets, &axes.ends()));
        match self.chunks.get_mut(number) {
            Some(old) => *old = chunk,
            None => self.chunks.push(chunk),
        }
    }

    /// Slots that no contract has any more.
    pub fn given_up(&self) -> usize {
        self.contracts.iter().filter(|contract| **contract == NOBODY).count()
    }

    /// In bytes.
    pub fn size(&self) -> usize {
        let of_slots = self.contracts.len() * (size_of::<ContractIndex>() + size_of::<Rest>());
        of_slots + self.chunks.iter().map(|chunk| chunk.size()).sum::<usize>()
    }
}

/// The different sets of segments that alternatives ask for.
#[derive(Default)]
struct Sets {
    sets: Vec<Rc<Ranges>>,
    places: HashMap<Rc<Ranges>, u32>,
    /// By the address of a set that is kept: a long list is not looked through again.
    by_address: HashMap<*const Ranges, u32>,
}

impl Sets {
    fn asked(&mut self, axes: &Axes, conjunction: &Conjunction) -> Asked {
        conjunction.iter().filter_map(|(axis, set)| Some((axes.number(*axis)?, self.place(set)))).collect()
    }

    fn place(&mut self, set: &Rc<Ranges>) -> u32 {
        if let Some(place) = self.by_address.get(&Rc::as_ptr(set)) {
            return *place;
        }
        *self.places.entry(Rc::clone(set)).or_insert_with(|| {
            self.sets.push(Rc::clone(set));
            let place = self.sets.len() as u32 - 1;
            self.by_address.insert(Rc::as_ptr(set), place);
            place
        })
    }
}
