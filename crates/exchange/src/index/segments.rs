//! The values of one axis, cut into segments within which no filter can tell two values apart.
//!
//! The values that filters name are the cuts. A value named is a segment of its own, and so is everything between two of
//! them, before the first and after the last. A value that is missing is the segment [`MISSING`].

use std::cmp::Ordering;

use crate::attribute::Attribute;

pub(super) type Segment = u32;

pub(super) const MISSING: Segment = 0;
/// The first segment of a value that is there.
pub(super) const PRESENT: Segment = 1;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Segments {
    /// Ascending.
    cuts: Vec<Attribute>,
    /// Of each cut the beginning, in the same order: most are told apart by it, without a look at the text.
    beginnings: Vec<u64>,
}

impl Segments {
    pub fn new(mut cuts: Vec<Attribute>) -> Self {
        cuts.sort_unstable();
        cuts.dedup();
        let beginnings = cuts.iter().map(beginning).collect();
        Self { cuts, beginnings }
    }

    /// One past the last segment.
    pub fn end(&self) -> Segment {
        2 * self.cuts.len() as Segment + 2
    }

    /// The segment of a value that is there.
    pub fn of(&self, value: &Attribute) -> Segment {
        segment(self.place(value))
    }

    pub fn of_text(&self, text: &str) -> Segment {
        let compared = |cut: &Attribute| match cut {
            Attribute::Text(cut) => cut.as_str().cmp(text),
            _ => Ordering::Greater,
        };
        segment(self.search(beginning_of_text(text), compared))
    }

    /// The segment of a value that is a cut.
    pub fn at_cut(&self, value: &Attribute) -> Option<Segment> {
        self.place(value).ok().map(point)
    }

    /// These cuts and `more`; and, where they differ, for each segment of these the first that it is cut into.
    pub fn with(&self, more: Vec<Attribute>) -> Option<(Self, impl Fn(Segment) -> Segment + use<>)> {
        let more: Vec<Attribute> = more.into_iter().filter(|value| self.place(value).is_err()).collect();
        if more.is_empty() {
            return None;
        }
        let all = Self::new(self.cuts.iter().cloned().chain(more).collect());
        let places: Vec<usize> = self.cuts.iter().filter_map(|cut| all.place(cut).ok()).collect();
        let moved = move |segment: Segment| match segment {
            MISSING | PRESENT => segment,
            // A point stays one; what lies after it still begins right after it.
            later => {
                let cut = (later as usize - 2) / 2;
                point(places[cut]) + (later % 2)
            }
        };
        Some((all, moved))
    }

    fn place(&self, value: &Attribute) -> Result<usize, usize> {
        self.search(beginning(value), |cut| cut.cmp(value))
    }

    fn search(&self, beginning: u64, compared: impl Fn(&Attribute) -> Ordering) -> Result<usize, usize> {
        let from = self.beginnings.partition_point(|known| *known < beginning);
        match self.beginnings.get(from..).and_then(|rest| rest.iter().position(|known| *known != beginning)) {
            Some(0) => Err(from),
            alike => {
                let to = alike.map_or(self.cuts.len(), |count| from + count);
                self.cuts[from..to].binary_search_by(compared).map(|place| from + place).map_err(|place| from + place)
            }
        }
    }
}

fn segment(place: Result<usize, usize>) -> Segment {
    match place {
        Ok(cut) => point(cut),
        Err(next) => before(next),
    }
}

fn point(cut: usize) -> Segment {
    2 * cut as Segment + 2
}

fn before(cut: usize) -> Segment {
    2 * cut as Segment + 1
}

/// In the order of attributes: one that is less never begins with more.
fn beginning(value: &Attribute) -> u64 {
    let of_number = |kind: u64, number: i64| kind << 56 | (number.cast_unsigned() ^ 1 << 63) >> 8;
    match value {
        Attribute::Text(text) => beginning_of_text(text),
        Attribute::Integer(number) => of_number(1, *number),
        Attribute::Decimal(micros) => of_number(2, *micros),
        Attribute::Money(money) => of_number(3, money.micros()),
        Attribute::Boolean(yes) => 4 << 56 | u64::from(*yes),
        Attribute::Band(band) => 5 << 56 | u64::from(*band),
    }
}

fn beginning_of_text(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(7);
    bytes[1..=length].copy_from_slice(&text.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

/// The least value that is more than every text that starts with `prefix`.
pub(super) fn after_prefix(prefix: &str) -> Attribute {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // The next character; surrogates are none.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Attribute::Text(text);
        }
    }
    // The first attribute that is no text.
    Attribute::Integer(i64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    fn text(text: &str) -> Attribute {
        Attribute::Text(text.to_owned())
    }

    fn many() -> Vec<Attribute> {
        let texts = ["", "a", "a\0", "aa", "abcdefg", "abcdefg\0", "abcdefgh", "abcdefgi", "b", "ü", "\u{d7ff}", "\u{e000}", "\u{10ffff}"];
        let alike = (0..40).map(|number| text(&format!("abcdefgh{number:03}")));
        let numbers = [i64::MIN, -1 << 40, -257, -256, -1, 0, 1, 255, 256, 1 << 40, i64::MAX];
        let of = |make: fn(i64) -> Attribute| numbers.into_iter().map(make);
        let mut all: Vec<Attribute> = texts.into_iter().map(text).chain(alike).collect();
        all.extend(of(Attribute::Integer).chain(of(Attribute::Decimal)).chain(of(|micros| Attribute::Money(Money::from_micros(micros)))));
        all.extend([false, true].map(Attribute::Boolean));
        all.extend([0, 1, u16::MAX].map(Attribute::Band));
        all
    }

    #[test]
    fn a_beginning_is_in_the_order_of_values() {
        for a in many() {
            for b in many() {
                assert!(a >= b || beginning(&a) <= beginning(&b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn each_cut_is_a_segment_and_so_is_what_lies_between() {
        let cuts: Vec<Attribute> = many().into_iter().step_by(2).collect();
        let segments = Segments::new(cuts.clone());
        for value in many() {
            let below = cuts.iter().filter(|cut| **cut < value).count() as Segment;
            assert_eq!(segments.of(&value), 2 * below + if cuts.contains(&value) { 2 } else { 1 }, "{value:?}");
        }
        for text in ["", "abcdefgh", "abcdefgh007", "zz"] {
            assert_eq!(segments.of_text(text), segments.of(&Attribute::Text(text.to_owned())), "{text}");
        }
        assert_eq!(segments.end(), 2 * cuts.len() as Segment + 2);
    }

    #[test]
    fn a_segment_that_is_cut_begins_where_it_began() {
        let old = Segments::new(["c", "g"].map(text).to_vec());
        assert!(old.with(vec![text("c")]).is_none());
        let (new, moved) = old.with(["a", "d", "c", "z"].map(text).to_vec()).unwrap();
        assert_eq!(new.end(), 12);
        for (value, was) in [("b", "a"), ("c", "c"), ("e", "d"), ("g", "g"), ("h", "h")] {
            // Where the old segment of `value` begins is at or before it, and after what the old one told apart.
            assert!(moved(old.of(&text(value))) <= new.of(&text(was)), "{value}");
        }
        assert_eq!([0, 1, 2, 3, 4, 5].map(moved), [0, 1, 4, 5, 8, 9]);
    }

    #[test]
    fn texts_that_start_so_lie_before_what_comes_after_them() {
        for prefix in ["a", "ab", "a\u{d7ff}", "a\u{10ffff}", "\u{10ffff}", ""] {
            let after = after_prefix(prefix);
            for value in many().into_iter().chain([text(&format!("{prefix}\u{10ffff}\u{10ffff}")), text(prefix)]) {
                let starts = matches!(&value, Attribute::Text(text) if text.starts_with(prefix));
                assert_eq!(starts, value >= text(prefix) && value < after, "{prefix:?} {value:?}");
            }
        }
    }
}
