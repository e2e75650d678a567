//! Draws from a seed: the same seed, the same draws.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    ops::Range,
};

/// SplitMix64.
#[derive(Clone, Copy, Debug)]
pub struct Draw(u64);

impl Draw {
    /// From `PINGPOST_TEST_SEED`, or another one each time. It is printed, so that a failing run can be repeated; what the machine
    /// does in between differs all the same.
    pub fn of_this_run(what: &str) -> Self {
        let given = std::env::var("PINGPOST_TEST_SEED").ok().map(|seed| seed.parse().expect("PINGPOST_TEST_SEED is a number"));
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("{what}: PINGPOST_TEST_SEED={seed}");
        Self(seed)
    }

    /// Draws of a thing's own, the same whenever it asks.
    pub fn about(self, thing: &str) -> Self {
        thing.bytes().fold(self, |draw, byte| Self(Self(draw.0 ^ u64::from(byte)).next()))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub fn percent(&mut self, percent: u64) -> bool {
        self.within(0..100) < percent
    }
}

/// How often a harness does its worst: `./test --long` asks for more than `./test`.
pub fn times(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |times| times.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}
