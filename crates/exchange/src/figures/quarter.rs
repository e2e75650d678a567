//! A quarter of an hour: the grain in which figures are kept. Every time zone's days begin at one.

use std::time::Duration;

use crate::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(i64);

impl Quarter {
    pub const LENGTH: Duration = Duration::from_secs(15 * 60);
    const MICROS: i64 = 15 * 60 * 1_000_000;

    /// The one that an instant is in.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.micros().div_euclid(Self::MICROS))
    }

    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_micros(self.0 * Self::MICROS)
    }

    /// The first instant that is no longer in it.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.next().start()
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The first that begins at this instant or after it.
    #[must_use]
    pub fn from(at: Timestamp) -> Self {
        let of = Self::of(at);
        if of.start() == at { of } else { of.next() }
    }
}
