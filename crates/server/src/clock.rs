//! The one real clock. Everything else gets the time as an argument.

use std::time::{Duration, Instant};

use exchange::time::{Now, Timestamp};

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "the one real clock")]
pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// As the timers have it.
#[expect(clippy::disallowed_methods, reason = "the one real clock")]
pub fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// A monotonic clock that started with a run.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the one real clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    pub fn now(&self) -> Now {
        Now { elapsed: self.elapsed(), at: now() }
    }
}
