//! Sets of segments, as sorted ranges that neither overlap nor touch.

use super::segments::Segment;

/// Half-open ranges, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ranges(Vec<(Segment, Segment)>);

impl Ranges {
    pub fn of(from: Segment, to: Segment) -> Self {
        if from < to { Self(vec![(from, to)]) } else { Self::default() }
    }

    /// Ranges in whatever order, that may overlap.
    pub fn of_any(mut ranges: Vec<(Segment, Segment)>) -> Self {
        ranges.retain(|(from, to)| from < to);
        ranges.sort_unstable();
        let mut merged: Vec<(Segment, Segment)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match merged.last_mut() {
                Some((_, end)) if *end >= from => *end = (*end).max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Segment, Segment)> {
        self.0.iter().copied()
    }

    pub fn union(&self, other: &Self) -> Self {
        Self::of_any(self.iter().chain(other.iter()).collect())
    }

    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (from, to) = (a.0.max(b.0), a.1.min(b.1));
            if from < to {
                both.push((from, to));
            }
            if a.1 <= b.1 {
                left.next()
            } else {
                right.next()
            };
        }
        Self(both)
    }

    /// Everything from `from` to `end` that is not in it.
    pub fn complement(&self, from: Segment, end: Segment) -> Self {
        let mut rest = Vec::with_capacity(self.0.len() + 1);
        let mut open = from;
        for (start, stop) in self.iter() {
            if open < start {
                rest.push((open, start));
            }
            open = open.max(stop);
        }
        if open < end {
            rest.push((open, end));
        }
        Self(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(text: &[(u32, u32)]) -> Ranges {
        Ranges::of_any(text.to_vec())
    }

    #[test]
    fn ranges_are_sets() {
        let (a, b) = (ranges(&[(5, 9), (1, 3), (3, 4)]), ranges(&[(2, 6), (8, 12)]));
        assert_eq!(a, Ranges(vec![(1, 4), (5, 9)]));
        assert_eq!(a.union(&b), Ranges(vec![(1, 12)]));
        assert_eq!(a.intersection(&b), Ranges(vec![(2, 4), (5, 6), (8, 9)]));
        assert_eq!(a.complement(0, 10), Ranges(vec![(0, 1), (4, 5), (9, 10)]));
        assert_eq!(a.complement(2, 9), Ranges(vec![(4, 5)]));
        assert!(Ranges::of(3, 3).is_empty());
    }
}
