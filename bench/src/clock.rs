//! The measurements' one clock.

use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "a measurement is of real time")]
pub fn now() -> Instant {
    Instant::now()
}
