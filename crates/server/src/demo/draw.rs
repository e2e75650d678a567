//! Draws for made-up leads: a sequence of numbers that a seed decides.

use exchange::facts::Seed;

pub struct Draw {
    seed: Seed,
    next: u64,
}

impl Draw {
    pub fn new(seed: Seed) -> Self {
        Self { seed, next: 0 }
    }

    /// From 0 up to, not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next += 1;
        self.seed.number("demo", self.next) % end.max(1)
    }

    /// True in so many of a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.below(all.len() as u64)).ok()?)
    }
}
