//! The tests' own clock, and waiting for what real processes do.

use std::time::{Duration, Instant};

/// For deadlines of waiting.
#[expect(clippy::disallowed_methods, reason = "a test waits for real processes in real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Looks until something is there. The deadline is only met by a failing test.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_at_most(Duration::from_secs(30), what, look)
}

pub fn wait_at_most<T>(time: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = now() + time;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(now() < deadline, "waited for {what} in vain");
        std::thread::sleep(Duration::from_millis(10));
    }
}
