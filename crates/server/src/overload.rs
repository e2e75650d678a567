//! What this node takes on at the moment. What is shed costs next to nothing, and what was taken keeps its time.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    sync::atomic::{AtomicU8, AtomicUsize, Ordering},
    time::Duration,
};

use crate::{
    admission::{Class, Limits, Shed, Verdict, is_room},
    metrics as figures,
};

/// Runs under way, where the configuration says nothing. A run is some 30 KB, and a connection for each buyer it waits for.
pub const DEFAULT_MOST_RUNS: usize = 4096;
/// Commands that wait for the writer: half of where it refuses them.
const MOST_WAITING: usize = 10_000;
/// In milliseconds, where the configuration says nothing: how long a command may wait for the writer, and a task for a processor.
pub const DEFAULT_MOST_WAIT_MS: u32 = 1000;
pub const DEFAULT_MOST_LAG_MS: u32 = 10;

/// The limits of a node, as its configuration says them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Most {
    pub runs: Option<NonZeroUsize>,
    pub wait_ms: Option<NonZeroU32>,
    pub lag_ms: Option<NonZeroU32>,
}

impl Most {
    pub fn limits(self) -> Limits {
        let time = |said: Option<NonZeroU32>, default: u32| Duration::from_millis(said.map_or(default, NonZeroU32::get).into());
        Limits {
            runs: self.runs.map_or(DEFAULT_MOST_RUNS, NonZeroUsize::get),
            waiting: MOST_WAITING,
            age: time(self.wait_ms, DEFAULT_MOST_WAIT_MS),
            lag: time(self.lag_ms, DEFAULT_MOST_LAG_MS),
        }
    }
}

pub struct Overload {
    most_runs: AtomicUsize,
    room: AtomicUsize,
    shed: AtomicU8,
}

impl Default for Overload {
    fn default() -> Self {
        Self { most_runs: AtomicUsize::new(DEFAULT_MOST_RUNS), room: AtomicUsize::new(DEFAULT_MOST_RUNS), shed: AtomicU8::default() }
    }
}

impl Overload {
    /// To be said before requests come.
    pub fn limit_runs(&self, most: usize) {
        self.most_runs.store(most, Ordering::Relaxed);
        self.room.store(most, Ordering::Relaxed);
    }

    /// From now on.
    pub fn set(&self, verdict: Verdict) {
        self.room.store(verdict.room, Ordering::Relaxed);
        self.shed.store(verdict.shed.0, Ordering::Relaxed);
    }

    /// Whether a request may start a run, beside so many that are under way. Counts those that may not.
    pub fn admits(&self, class: Class, runs: usize) -> bool {
        let is_shed = Shed(self.shed.load(Ordering::Relaxed)).has(class);
        let has_room = class != Class::Ping || runs < self.room.load(Ordering::Relaxed);
        let admits = !is_shed && has_room && is_room(class, runs, self.most_runs.load(Ordering::Relaxed));
        if !admits {
            figures::shed(class.word());
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_room_is_lost_to_pings_alone() {
        let overload = Overload::default();
        overload.limit_runs(100);
        let admitted = |runs| Class::ALL.map(|class| overload.admits(class, runs));
        assert_eq!((admitted(99), admitted(100)), ([true; 3], [false, true, true]));
        overload.set(Verdict { shed: Shed::default(), room: 40 });
        assert_eq!((admitted(39), admitted(40)), ([true; 3], [false, true, true]));
        overload.set(Verdict { shed: Shed(0b111), room: 100 });
        assert_eq!(admitted(0), [false; 3]);
    }
}
