//! How far today's leads came through each tree: a sample of the latest, made off the async threads and kept for some seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use exchange::{course::Courses, id::TreeName, market::Market, time::Timestamp};

use crate::{
    clock::{self, Stopwatch},
    readers::{ReadFailed, Readers},
    replay::{Bounds, Looked, Markets, NoReplay, each_run},
};

/// How far a look goes: the first one, which somebody waits for, and those after it, which nobody does.
const FIRST: (u64, Duration) = (1000, Duration::from_millis(100));
const LATER: (u64, Duration) = (4000, Duration::from_millis(400));
/// A sample is made anew when somebody asks and it is older than this.
const FRESH: Duration = Duration::from_secs(10);
/// Nobody is shown one that is older than this.
const STALE: Duration = Duration::from_secs(300);

/// What a sample says, and what it rests on.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    pub trees: BTreeMap<TreeName, Courses>,
    pub runs: u64,
    /// When it was made.
    pub at: Timestamp,
    /// The oldest run that was looked at.
    pub oldest: Option<Timestamp>,
    /// Whether all of today was looked at.
    pub is_whole: bool,
}

/// Clones are the same.
#[derive(Clone, Default)]
pub struct TodaysCourses(Arc<Shared>);

#[derive(Default)]
struct Shared {
    kept: Mutex<Option<(Stopwatch, Arc<Sample>)>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl TodaysCourses {
    /// The one that is kept; where that is not fresh, a new one is being made for whoever asks next.
    pub async fn sample(&self, readers: &Readers, market: &Arc<Market>) -> Result<Arc<Sample>, NoReplay> {
        match self.younger_than(STALE) {
            Some(kept) => {
                if let (None, Ok(turn)) = (self.younger_than(FRESH), Arc::clone(&self.0.turn).try_lock_owned()) {
                    let (this, readers, market) = (self.clone(), readers.clone(), Arc::clone(market));
                    tokio::spawn(async move {
                        if let Err(error) = this.make(&readers, &market, LATER).await {
                            tracing::error!(%error, "today's runs could not be looked at again");
                        }
                        drop(turn);
                    });
                }
                Ok(kept)
            }
            None => {
                let _turn = self.0.turn.lock().await;
                match self.younger_than(STALE) {
                    Some(kept) => Ok(kept),
                    None => self.make(readers, market, FIRST).await,
                }
            }
        }
    }

    async fn make(&self, readers: &Readers, market: &Arc<Market>, how_far: (u64, Duration)) -> Result<Arc<Sample>, NoReplay> {
        let (readers, market) = (readers.clone(), Arc::clone(market));
        let made = tokio::task::spawn_blocking(move || look(&readers, &market, how_far)).await.map_err(|_| ReadFailed::CutOff)??;
        let sample = Arc::new(made);
        *self.kept() = Some((Stopwatch::start(), Arc::clone(&sample)));
        Ok(sample)
    }

    fn younger_than(&self, age: Duration) -> Option<Arc<Sample>> {
        self.kept().as_ref().filter(|(since, _)| since.elapsed() < age).map(|(_, sample)| Arc::clone(sample))
    }

    fn kept(&self) -> MutexGuard<'_, Option<(Stopwatch, Arc<Sample>)>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look(readers: &Readers, market: &Arc<Market>, (most, time): (u64, Duration)) -> Result<Sample, NoReplay> {
    let zone = &market.parts().time_zone;
    let now = clock::now();
    let today = exchange::cap::Period::Day.window(now, zone).start;
    let mut markets = Markets::new(readers, Arc::clone(market));
    let mut sample = Sample { at: now, ..Sample::default() };
    let looked = each_run(readers, Bounds { since: today, most, time }, |subject, record| {
        (sample.runs, sample.oldest) = (sample.runs + 1, Some(record.started_at));
        let market = markets.of(record.revision)?;
        if let Some(tree) = market.tree_for(&record.vertical, &record.supplier) {
            sample.trees.entry(market.tree(tree).name.clone()).or_default().add(subject, &record, &market, tree);
        }
        Ok(())
    })?;
    sample.is_whole = looked == Looked::AtAll;
    Ok(sample)
}
