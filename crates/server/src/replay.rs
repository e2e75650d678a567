//! What a proposed market would have changed: the newest recorded auctions, replayed under it and under the market in force.

mod kept;
mod markets;
mod view;

use std::{sync::Arc, time::Duration};

use exchange::{
    id::Subject,
    market::Market,
    record::RunRecord,
    replay::{Comparison, Past},
    time::Timestamp,
};
use store::Reader;

pub use self::{kept::Replays, markets::Markets, view::ReplayView};
use crate::{
    background::give_way,
    clock::Stopwatch,
    market_bundle::NoMarket,
    readers::{ReadFailed, Readers},
};

/// How far back a replay goes: whichever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub since: Timestamp,
    /// So many runs are looked at.
    pub most: u64,
    /// So long at most.
    pub time: Duration,
}

/// So many are read at a time: a reader is held no longer than that takes.
const AT_ONCE: u32 = 250;

/// What a replay came to, and what it rests on.
#[derive(Clone, Debug)]
pub struct Report {
    pub comparison: Comparison,
    /// The oldest run that was looked at; none where there was none.
    pub oldest: Option<Timestamp>,
    /// Whether all runs since the asked time were looked at.
    pub is_whole: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum NoReplay {
    #[error(transparent)]
    Store(#[from] ReadFailed),
    #[error(transparent)]
    Market(#[from] NoMarket),
}

/// Takes as long as the bounds allow, on this thread.
pub fn compare(readers: &Readers, now: &Arc<Market>, proposed: &Arc<Market>, bounds: Bounds) -> Result<Report, NoReplay> {
    let mut markets = Markets::new(readers, Arc::clone(now));
    let mut report = Report { comparison: Comparison::default(), oldest: None, is_whole: true };
    let looked = each_run(readers, bounds, |subject, record| {
        report.oldest = Some(record.started_at);
        let market = markets.of(record.revision)?;
        if let Some(past) = Past::new(&record, &market) {
            report.comparison.add(subject, &past, now, proposed);
        }
        Ok(())
    })?;
    report.is_whole = looked == Looked::AtAll;
    Ok(report)
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// All runs since the asked time.
    AtAll,
    /// Room or time was over before.
    AtSome,
}

/// Each run within the bounds, the newest first.
pub fn each_run(readers: &Readers, bounds: Bounds, mut look: impl FnMut(Subject, RunRecord) -> Result<(), NoReplay>) -> Result<Looked, NoReplay> {
    let (watch, mut count, mut before) = (Stopwatch::start(), 0, None);
    loop {
        let runs = readers.read_here(|reader: &mut dyn Reader| reader.recent_runs(before, AT_ONCE))?;
        let Some((last, _)) = runs.last() else { return Ok(Looked::AtAll) };
        before = Some(*last.bytes());
        for (subject, record) in runs {
            if record.started_at < bounds.since {
                return Ok(Looked::AtAll);
            }
            if count >= bounds.most || watch.elapsed() >= bounds.time {
                return Ok(Looked::AtSome);
            }
            count += 1;
            give_way();
            look(subject, record)?;
        }
    }
}
