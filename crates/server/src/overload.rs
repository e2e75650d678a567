//! Watches what this node carries, and sheds new work past it: the answer costs next to nothing, and what was taken keeps its time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::{
    admission::{Admission, Class, Limits, Load, Shed, is_room},
    clock::Stopwatch,
    metrics as figures,
    node::Node,
};

/// How often the load is looked at. A delay counts after ten looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Runs under way, where the configuration says nothing. A run is some 30 KB, and a connection for each buyer it waits for.
pub const DEFAULT_MOST_RUNS: usize = 4096;
/// Commands that wait for the writer: half of where it refuses them.
const MOST_WAITING: usize = 10_000;
/// How long a command may wait for the writer, and a task for a processor.
const MOST_AGE: Duration = Duration::from_secs(1);
const MOST_LAG: Duration = Duration::from_millis(100);

pub struct Overload {
    most_runs: AtomicUsize,
    shed: AtomicU8,
}

impl Default for Overload {
    fn default() -> Self {
        Self { most_runs: AtomicUsize::new(DEFAULT_MOST_RUNS), shed: AtomicU8::default() }
    }
}

impl Overload {
    /// To be said before [`watch`] begins.
    pub fn limit_runs(&self, most: usize) {
        self.most_runs.store(most, Ordering::Relaxed);
    }

    /// Whether a request may start a run, beside so many that are under way. Counts those that may not.
    pub fn admits(&self, class: Class, runs: usize) -> bool {
        let is_shed = Shed(self.shed.load(Ordering::Relaxed)).has(class);
        let admits = !is_shed && is_room(class, runs, self.most_runs.load(Ordering::Relaxed));
        if !admits {
            figures::shed(class.word());
        }
        admits
    }
}

pub async fn watch(node: Arc<Node>) {
    let overload = &node.overload;
    let runs = overload.most_runs.load(Ordering::Relaxed);
    let mut admission = Admission::new(Limits { runs, waiting: MOST_WAITING, age: MOST_AGE, lag: MOST_LAG });
    loop {
        let watch = Stopwatch::start();
        tokio::time::sleep(LOOK_EVERY).await;
        let lag = watch.elapsed().saturating_sub(LOOK_EVERY);
        let load = Load { runs: node.runs.len(), waiting: node.writer.waiting(), age: node.writer.longest_wait(), lag };
        let shed = admission.look(load);
        let before = Shed(overload.shed.swap(shed.0, Ordering::Relaxed));
        match (before == Shed::default(), shed == Shed::default()) {
            (true, false) => tracing::warn!(
                runs = load.runs,
                waiting = load.waiting,
                age_ms = load.age.as_millis(),
                lag_ms = load.lag.as_millis(),
                "more comes than can be carried: new pings are shed"
            ),
            (false, true) => tracing::info!(runs = load.runs, "nothing is shed any more"),
            _ => {}
        }
    }
}
