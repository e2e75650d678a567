//! What the tests stand on: a market in a few lines, and a world of processes around it.

pub mod gate;
pub mod http;
pub mod market;
pub mod people;
pub mod peer;
pub mod process;
pub mod revocation;
pub mod scan;
pub mod shape;
pub mod world;

pub use self::{
    http::{Answer, Call},
    market::{Buyer, Market},
    people::Person,
    world::World,
};

use std::time::{Duration, Instant};

/// The tests' own clock, for deadlines of waiting.
#[expect(clippy::disallowed_methods, reason = "a test waits for real processes in real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Looks until something is there. The deadline is only met by a failing test.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(now() < deadline, "waited for {what} in vain");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

/// An amount as cents, to add it up.
pub fn cents(amount: &str) -> i64 {
    let (sign, digits) = amount.strip_prefix('-').map_or((1, amount), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    assert_eq!(fraction.len(), 2, "{amount} is in cents");
    sign * (whole.parse::<i64>().unwrap() * 100 + fraction.parse::<i64>().unwrap())
}
