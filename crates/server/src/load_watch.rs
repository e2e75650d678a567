//! Watches what this node carries, and says what it takes on until the next look.

use std::{sync::Arc, time::Duration};

use crate::{
    admission::{Admission, Limits, Load, Shed, Verdict},
    clock::Stopwatch,
    metrics as figures,
    node::Node,
};

/// How often the load is looked at. Ten looks are a span, after which a delay counts.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub async fn watch(node: Arc<Node>, limits: Limits) {
    let mut admission = Admission::new(limits);
    let mut before = Verdict { shed: Shed::default(), room: limits.runs };
    loop {
        let load = look(&node).await;
        let verdict = admission.look(load);
        node.overload.set(verdict);
        figures::carried(&load, verdict.room);
        tell(&load, before, verdict, limits.runs);
        before = verdict;
    }
}

/// Takes as long as a look takes: the lag is that of this very task, then that of a thread for what blocks.
async fn look(node: &Node) -> Load {
    let watch = Stopwatch::start();
    tokio::time::sleep(LOOK_EVERY).await;
    // A thread is refused at the end of the process alone.
    drop(tokio::task::spawn_blocking(|| ()).await);
    let lag = watch.elapsed().saturating_sub(LOOK_EVERY);
    Load { runs: node.runs.len(), waiting: node.writer.waiting(), age: node.writer.longest_wait(), lag }
}

fn tell(load: &Load, before: Verdict, now: Verdict, most: usize) {
    let is_shedding = |verdict: Verdict| verdict.shed != Shed::default() || verdict.room < most;
    match (is_shedding(before), is_shedding(now)) {
        (false, true) => tracing::warn!(
            runs = load.runs,
            waiting = load.waiting,
            age_ms = load.age.as_millis(),
            lag_ms = load.lag.as_millis(),
            room = now.room,
            "more comes than can be carried in time: new pings are shed"
        ),
        (true, false) => tracing::info!(runs = load.runs, "nothing is shed any more"),
        _ => {}
    }
}
