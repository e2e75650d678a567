//! How far today's leads came through each tree: a sample of the latest, made off the async threads and kept for some seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use exchange::{course::Courses, id::TreeName, market::Market, time::Timestamp};

use crate::{
    background::give_way,
    clock::{self, Stopwatch},
    readers::{ReadFailed, Readers},
    replay::{Bounds, Looked, Markets, NoReplay, each_run},
};

/// How far a look goes: the first one, which somebody waits for, and those after it, which nobody does.
const FIRST: (u64, Duration) = (1000, Duration::from_millis(100));
const LATER: (u64, Duration) = (4000, Duration::from_millis(400));
/// A sample is made anew when somebody asks and it is older than this, and than so many times what it took to make: those who look take a
/// hundredth of a processor's time, however often they do.
const FRESH: Duration = Duration::from_secs(10);
const REST: u32 = 100;
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
    kept: Mutex<Option<Kept>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct Kept {
    since: Stopwatch,
    /// What it took to make it.
    took: Duration,
    sample: Arc<Sample>,
}

impl TodaysCourses {
    /// The one that is kept; where that is not fresh, a new one is being made for whoever asks next.
    pub async fn sample(&self, readers: &Readers, market: &Arc<Market>) -> Result<Arc<Sample>, NoReplay> {
        match self.shown() {
            Some((kept, is_fresh)) => {
                if let (false, Ok(turn)) = (is_fresh, Arc::clone(&self.0.turn).try_lock_owned()) {
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
                match self.shown() {
                    Some((kept, _)) => Ok(kept),
                    None => self.make(readers, market, FIRST).await,
                }
            }
        }
    }

    async fn make(&self, readers: &Readers, market: &Arc<Market>, how_far: (u64, Duration)) -> Result<Arc<Sample>, NoReplay> {
        let (readers, market) = (readers.clone(), Arc::clone(market));
        let made = tokio::task::spawn_blocking(move || {
            let began = Stopwatch::start();
            look(&readers, &market, how_far).map(|sample| (began.elapsed(), sample))
        });
        let (took, sample) = made.await.map_err(|_| ReadFailed::CutOff)??;
        let sample = Arc::new(sample);
        *self.kept() = Some(Kept { since: Stopwatch::start(), took, sample: Arc::clone(&sample) });
        Ok(sample)
    }

    /// The one that is kept, if it isn't stale, and whether it is fresh.
    fn shown(&self) -> Option<(Arc<Sample>, bool)> {
        let kept = self.kept();
        let Kept { since, took, sample } = kept.as_ref()?;
        let age = since.elapsed();
        (age < STALE).then(|| (Arc::clone(sample), age < (*took * REST).clamp(FRESH, STALE / 2)))
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
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
            sample.trees.entry(market.tree(tree).name.clone()).or_default().add(subject, &record, &market, tree, give_way);
        }
        Ok(())
    })?;
    sample.is_whole = looked == Looked::AtAll;
    Ok(sample)
}
