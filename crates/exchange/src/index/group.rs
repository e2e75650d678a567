//! The contracts of one vertical in slots: a slot for each alternative of each contract, sorted so that those which ask alike
//! are together. A slot stays with its contract from one revision of the market to the next, unless its terms change.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
    sync::Arc,
};

use super::{
    axes::{Axes, Cuts},
    chunk::{Asked, Chunk, SLOTS},
    conjunction::{Alternatives, Compiler, Conjunction},
    opening::Openings,
    ranges::Ranges,
    terms::Terms,
};
use crate::id::{ContractIndex, VerticalName};

/// One alternative of a contract.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// None where the contract went away, or changed.
    pub contract: Option<ContractIndex>,
    alternative: u8,
    /// Its alternatives don't say all that its filter does.
    pub asks_filter: bool,
    /// The number of its opening hours.
    pub opening: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub vertical: VerticalName,
    pub axes: Axes,
    pub slots: Vec<Slot>,
    pub chunks: Vec<Arc<Chunk>>,
    pub openings: Openings,
}

impl Group {
    pub fn new(vertical: VerticalName, contracts: &[ContractIndex], terms: Terms<'_>) -> Self {
        let mut cuts = Cuts::default();
        contracts.iter().for_each(|index| cuts.add(terms.contract(*index), terms.takes_tests(*index)));
        let axes = Axes::of(cuts);
        let mut group = Self { vertical, axes: Axes::default(), slots: Vec::new(), chunks: Vec::new(), openings: Openings::default() };
        let (mut compiler, mut sets) = (Compiler::new(&axes), Sets::default());
        let mut placed: Vec<(Asked, Slot)> = Vec::with_capacity(contracts.len());
        for index in contracts {
            let alternatives = compiler.alternatives(terms.contract(*index), terms.takes_tests(*index));
            let slots = group.slots_of(*index, &alternatives, terms);
            placed.extend(alternatives.conjunctions.iter().map(|conjunction| sets.asked(&axes, conjunction)).zip(slots));
        }
        let ranks = sets.ranks();
        placed.sort_by_cached_key(|(asked, slot)| (asked.iter().map(|(axis, set)| (*axis, ranks[*set as usize])).collect::<Vec<_>>(), slot.contract));
        let (asked, slots): (Vec<Asked>, Vec<Slot>) = placed.into_iter().unzip();
        let ends = axes.ends();
        group.chunks = asked.chunks(SLOTS).map(|asked| Arc::new(Chunk::new(asked, &sets.sets, &ends))).collect();
        Self { axes, slots, ..group }
    }

    fn slots_of(&mut self, index: ContractIndex, alternatives: &Alternatives, terms: Terms<'_>) -> impl Iterator<Item = Slot> + use<> {
        let opening = self.openings.number(terms.contract(index));
        let asks_filter = alternatives.asks_filter;
        (0..alternatives.conjunctions.len() as u8).map(move |alternative| Slot { contract: Some(index), alternative, asks_filter, opening })
    }

    /// The same for the next revision: `moved` says where contracts whose terms are the same went, and `fresh` are the others.
    pub fn follow(&mut self, moved: &[Option<ContractIndex>], fresh: &[ContractIndex], terms: Terms<'_>) {
        for slot in &mut self.slots {
            slot.contract = slot.contract.and_then(|index| moved[index.0 as usize]);
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
        let mut new: Vec<Slot> = Vec::new();
        for index in fresh {
            let alternatives = compiler.alternatives(terms.contract(*index), terms.takes_tests(*index));
            new.extend(self.slots_of(*index, &alternatives, terms));
        }
        for chunk in self.place(new) {
            self.make_chunk(chunk, &mut compiler, &axes, terms);
        }
    }

    /// Puts slots where others were given up, then at the end. Gives the chunks that have some.
    fn place(&mut self, new: Vec<Slot>) -> BTreeSet<usize> {
        let mut changed = BTreeSet::new();
        let mut new = new.into_iter();
        for (place, slot) in self.slots.iter_mut().enumerate().filter(|(_, slot)| slot.contract.is_none()) {
            let Some(next) = new.next() else { return changed };
            *slot = next;
            changed.insert(place / SLOTS);
        }
        for next in new {
            changed.insert(self.slots.len() / SLOTS);
            self.slots.push(next);
        }
        changed
    }

    fn make_chunk(&mut self, number: usize, compiler: &mut Compiler<'_>, axes: &Axes, terms: Terms<'_>) {
        let slots = self.slots.iter().skip(number * SLOTS).take(SLOTS);
        let mut sets = Sets::default();
        let asked: Vec<Asked> = slots
            .map(|slot| {
                let Some(index) = slot.contract else { return Asked::new() };
                let alternatives = compiler.alternatives(terms.contract(index), terms.takes_tests(index));
                alternatives.conjunctions.get(usize::from(slot.alternative)).map_or_else(Asked::new, |conjunction| sets.asked(axes, conjunction))
            })
            .collect();
        let chunk = Arc::new(Chunk::new(&asked, &sets.sets, &axes.ends()));
        match self.chunks.get_mut(number) {
            Some(old) => *old = chunk,
            None => self.chunks.push(chunk),
        }
    }

    /// Slots that no contract has any more.
    pub fn given_up(&self) -> usize {
        self.slots.iter().filter(|slot| slot.contract.is_none()).count()
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
        let mut asked: Asked = conjunction.iter().filter_map(|(axis, set)| Some((axes.number(*axis)?, self.place(set)))).collect();
        asked.sort_unstable();
        asked
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

    /// Of each set its place in the order of sets, so that sets that begin alike are near.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.sets.len() as u32).collect();
        order.sort_by_key(|place| &self.sets[*place as usize]);
        let mut ranks = vec![0; order.len()];
        for (rank, place) in order.into_iter().enumerate() {
            ranks[place as usize] = rank as u32;
        }
        ranks
    }
}
