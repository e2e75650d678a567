//! Figures of what was measured.

use std::time::Duration;

pub fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}
