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

/// Time since something began.
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

/// A run's time: the wall clock is read once, so that within a run no time goes back.
#[derive(Clone, Copy, Debug)]
pub struct RunClock {
    since: Stopwatch,
    began_at: Timestamp,
}

impl RunClock {
    pub fn start() -> Self {
        Self { since: Stopwatch::start(), began_at: now() }
    }

    pub fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    pub fn now(&self) -> Now {
        let elapsed = self.elapsed();
        Now { elapsed, at: self.began_at.plus(elapsed) }
    }

    /// As the timers have it.
    pub fn instant_at(&self, elapsed: Duration) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.since.0) + elapsed
    }
}
