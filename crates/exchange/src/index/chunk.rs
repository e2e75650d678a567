//! Some thousand alternatives as bitmaps: for each axis, and each segment of it that they tell apart, who accepts it.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use super::{
    hashing::HashMap,
    opening::{ALWAYS, OpenNow},
    ranges::Ranges,
    rest::Rest,
    segments::{MISSING, Segment},
};

const WORDS: usize = 64;
/// A cache line.
const LANE: usize = 8;
/// Alternatives in a chunk.
pub(super) const SLOTS: usize = WORDS * 64;

/// One bit for each slot.
pub(super) type Bits = [u64; WORDS];
pub(super) const NONE: Bits = [0; WORDS];

/// Rows that needn't be looked at.
const EMPTY: u32 = u32::MAX;
const FULL: u32 = u32::MAX - 1;

/// What a slot asks: of an axis, by its number, one of the sets that all slots ask for, by its place.
pub(super) type Asked = Vec<(u16, u32)>;

#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// In the order of axes.
    columns: Vec<Column>,
    rows: Arc<Vec<Bits>>,
    /// Opening hours by number, with whose they are; none where they are too many.
    openings: Vec<(u32, Bits)>,
    /// Slots of which bitmaps don't say all that is to be said.
    pub uncertain: Bits,
}

/// Past so many different hours in a chunk, they are asked about slot by slot.
const MOST_OPENINGS: usize = 32;

#[derive(Clone, Debug)]
struct Column {
    axis: u16,
    /// Where the row changes, from the first segment on; and the row from there.
    starts: Vec<Segment>,
    rows: Vec<u32>,
    /// The row of each segment, where that takes little room.
    of_segment: Vec<u32>,
}

impl Chunk {
    /// `slots` and `rests` are at most [`SLOTS`]; `ends` has the end of each axis' segments.
    pub fn new(slots: &[Asked], rests: &[Rest], sets: &[Rc<Ranges>], ends: &[Segment]) -> Self {
        let mut by_axis: BTreeMap<u16, BTreeMap<u32, Bits>> = BTreeMap::new();
        for (slot, asked) in slots.iter().enumerate() {
            for (axis, accepted) in asked {
                set(by_axis.entry(*axis).or_default().entry(*accepted).or_insert(NONE), slot);
            }
        }
        let mut rows = Rows::new(slots.len());
        let column = |(axis, by_set): (u16, BTreeMap<u32, Bits>)| {
            let accepting = by_set.iter().map(|(place, by)| (&*sets[*place as usize], by));
            rows.column(axis, accepting, ends[usize::from(axis)])
        };
        let columns = by_axis.into_iter().map(column).collect();
        let (openings, uncertain) = openings(rests);
        Self { columns, rows: Arc::new(rows.rows), openings, uncertain }
    }

    /// The same, once the segments of an axis were cut further.
    pub fn recut(&self, axis: u16, end: Segment, moved: &impl Fn(Segment) -> Segment) -> Self {
        let recut = |column: &Column| match column.axis == axis {
            true => Column::new(axis, column.starts.iter().map(|start| moved(*start)).collect(), column.rows.clone(), end),
            false => column.clone(),
        };
        Self { columns: self.columns.iter().map(recut).collect(), rows: Arc::clone(&self.rows), ..self.clone() }
    }

    /// Those of `bits` that accept these segments; none if nobody does. `chosen` is a place to work in.
    pub fn narrowed<'a>(&'a self, segments: &[Segment], bits: &Bits, chosen: &mut Vec<&'a Bits>) -> Option<Bits> {
        chosen.clear();
        for column in &self.columns {
            match column.row(segments[usize::from(column.axis)]) {
                EMPTY => return None,
                FULL => {}
                row => chosen.push(&self.rows[row as usize]),
            }
        }
        let mut narrowed = NONE;
        let mut any = 0;
        // A few words of all rows at a time stay in registers.
        for from in (0..WORDS).step_by(LANE) {
            let mut lane = [0; LANE];
            lane.copy_from_slice(&bits[from..from + LANE]);
            for row in chosen.iter() {
                lane.iter_mut().zip(&row[from..from + LANE]).for_each(|(word, accepting)| *word &= accepting);
            }
            any |= lane.iter().fold(0, |any, word| any | word);
            narrowed[from..from + LANE].copy_from_slice(&lane);
        }
        (any != 0).then_some(narrowed)
    }

    /// Takes out those that are closed, as far as bitmaps say.
    pub fn leave_open(&self, bits: &mut Bits, open: &mut OpenNow<'_>) {
        for (_, closed) in self.openings.iter().filter(|(number, _)| !open.says(*number)) {
            each(bits, closed, |word, closed| word & !closed);
        }
    }

    /// In bytes.
    pub fn size(&self) -> usize {
        let of_columns = self.columns.iter().map(|column| size_of::<Column>() + 4 * (2 * column.starts.len() + column.of_segment.len()));
        size_of::<Self>() + of_columns.sum::<usize>() + (self.rows.len() + self.openings.len()) * size_of::<Bits>()
    }
}

fn openings(rests: &[Rest]) -> (Vec<(u32, Bits)>, Bits) {
    let mut by_number: BTreeMap<u32, Bits> = BTreeMap::new();
    let (mut asking, mut opening) = (NONE, NONE);
    for (slot, rest) in rests.iter().enumerate() {
        if rest.asks_filter {
            set(&mut asking, slot);
        }
        if rest.opening != ALWAYS {
            set(&mut opening, slot);
            set(by_number.entry(rest.opening).or_insert(NONE), slot);
        }
    }
    if by_number.len() <= MOST_OPENINGS {
        return (by_number.into_iter().collect(), asking);
    }
    each(&mut asking, &opening, |word, opening| word | opening);
    (Vec::new(), asking)
}

impl Column {
    fn new(axis: u16, starts: Vec<Segment>, rows: Vec<u32>, end: Segment) -> Self {
        let mut of_segment = Vec::new();
        if end as usize <= 64 + 4 * starts.len() {
            for (place, row) in rows.iter().enumerate() {
                of_segment.resize(starts.get(place + 1).map_or(end, |next| *next) as usize, *row);
            }
        }
        Self { axis, starts, rows, of_segment }
    }

    fn row(&self, segment: Segment) -> u32 {
        match self.of_segment.get(segment as usize) {
            Some(row) => *row,
            None => self.rows[self.starts.partition_point(|start| *start <= segment) - 1],
        }
    }
}

/// The different rows of a chunk: most segments have one in common with others.
struct Rows {
    rows: Vec<Bits>,
    known: HashMap<Bits, u32>,
    used: Bits,
}

impl Rows {
    fn new(slots: usize) -> Self {
        let mut used = NONE;
        (0..slots).for_each(|slot| set(&mut used, slot));
        Self { rows: Vec::new(), known: HashMap::default(), used }
    }

    fn column<'a>(&mut self, axis: u16, accepting: impl Iterator<Item = (&'a Ranges, &'a Bits)>, end: Segment) -> Column {
        let mut bits = self.used;
        let mut changes: Vec<(Segment, &Bits)> = Vec::new();
        for (accepted, by) in accepting {
            each(&mut bits, by, |word, by| word & !by);
            changes.extend(accepted.iter().flat_map(|(from, to)| [(from, by), (to, by)]));
        }
        changes.sort_unstable_by_key(|(segment, _)| *segment);
        let (mut starts, mut rows) = (vec![MISSING], Vec::new());
        let mut changes = changes.into_iter().peekable();
        loop {
            let at = starts[rows.len()];
            // Ranges of one set don't touch: what begins or ends here changes each of its slots once.
            while let Some((_, by)) = changes.next_if(|(segment, _)| *segment == at) {
                each(&mut bits, by, |word, by| word ^ by);
            }
            rows.push(self.number(&bits));
            match changes.peek() {
                Some((next, _)) if *next < end => starts.push(*next),
                _ => break,
            }
        }
        Column::new(axis, starts, rows, end)
    }

    fn number(&mut self, bits: &Bits) -> u32 {
        if *bits == NONE {
            return EMPTY;
        }
        if *bits == self.used {
            return FULL;
        }
        *self.known.entry(*bits).or_insert_with(|| {
            self.rows.push(*bits);
            self.rows.len() as u32 - 1
        })
    }
}

pub(super) fn set(bits: &mut Bits, slot: usize) {
    bits[slot / 64] |= 1 << (slot % 64);
}

pub(super) fn clear(bits: &mut Bits, slot: usize) {
    bits[slot / 64] &= !(1 << (slot % 64));
}

pub(super) fn each(bits: &mut Bits, other: &Bits, change: impl Fn(u64, u64) -> u64) {
    for (word, other) in bits.iter_mut().zip(other) {
        *word = change(*word, *other);
    }
}

/// The slots whose bit is set, ascending.
pub(super) fn each_slot(bits: &Bits, mut take: impl FnMut(usize)) {
    for (place, word) in bits.iter().enumerate() {
        let mut left = *word;
        while left != 0 {
            take(place * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
}
