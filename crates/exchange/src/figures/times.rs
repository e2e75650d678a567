//! How long things took, as counts in buckets a fifth wide: quantiles of any sum of them, without their values.

use std::{ops::AddAssign, time::Duration};

use serde::{Deserialize, Serialize};

/// Buckets hold times of which the upper end is at most a quarter longer than the lower one. Nothing is told apart from 67 s on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times(Vec<u64>);

/// Four buckets for each doubling of a microsecond.
const PER_DOUBLING: usize = 4;
const MOST: usize = 26 * PER_DOUBLING;

impl Times {
    pub fn add(&mut self, took: Duration) {
        let bucket = bucket_of(took);
        if self.0.len() <= bucket {
            self.0.resize(bucket + 1, 0);
        }
        self.0[bucket] += 1;
    }

    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The time that so many of a thousand did not exceed, at most a quarter too long. None of nothing.
    #[must_use]
    pub fn quantile(&self, per_mille: u64) -> Option<Duration> {
        let count = self.count();
        let rank = (count * per_mille.min(1000)).div_ceil(1000).max(1);
        let mut seen = 0;
        let bucket = self.0.iter().position(|of_bucket| {
            seen += of_bucket;
            seen >= rank
        });
        bucket.filter(|_| count > 0).map(upper_end)
    }
}

impl AddAssign<&Times> for Times {
    fn add_assign(&mut self, other: &Times) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

fn bucket_of(took: Duration) -> usize {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(4);
    let doublings = micros.ilog2() as usize;
    ((doublings * PER_DOUBLING) | (micros >> (doublings - 2) & 3) as usize).min(MOST)
}

fn upper_end(bucket: usize) -> Duration {
    let (doublings, step) = ((bucket + 1) / PER_DOUBLING, (bucket + 1) % PER_DOUBLING);
    Duration::from_micros((1 << doublings) + ((step as u64) << doublings >> 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_quantile_is_at_most_a_quarter_too_long(mut micros in prop::collection::vec(4u64..60_000_000, 1..200), per_mille in 0u64..=1000) {
            let mut times = Times::default();
            micros.iter().for_each(|took| times.add(Duration::from_micros(*took)));
            micros.sort_unstable();
            let rank = (micros.len() as u64 * per_mille).div_ceil(1000).max(1) as usize;
            let (exact, told) = (micros[rank - 1], times.quantile(per_mille).unwrap().as_micros() as u64);
            prop_assert!(told > exact && told <= exact + exact / 4 + 1, "{told} for {exact}");
        }

        #[test]
        fn sums_are_those_of_all(first in prop::collection::vec(0u64..100_000_000, 0..50), second in prop::collection::vec(0u64..100_000_000, 0..50)) {
            let of = |micros: &[u64]| {
                let mut times = Times::default();
                micros.iter().for_each(|took| times.add(Duration::from_micros(*took)));
                times
            };
            let mut sum = of(&first);
            sum += &of(&second);
            prop_assert_eq!(sum, of(&[first, second].concat()));
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Times::default().quantile(500), None);
    }
}
