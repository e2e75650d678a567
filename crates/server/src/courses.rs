//! How far today's leads came through each tree: a sample of the latest, made off the async threads and kept for some seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::{course::Courses, id::TreeName, market::Market, time::Timestamp};

use crate::{
    clock::{self, Stopwatch},
    readers::{ReadFailed, Readers},
    replay::{Bounds, Looked, Markets, NoReplay, each_run},
};

const MOST_RUNS: u64 = 4000;
const MOST_TIME: Duration = Duration::from_millis(400);
/// A sample is made anew when it is older than this.
const FRESH: Duration = Duration::from_secs(10);

/// What a sample says, and what it rests on.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    pub trees: BTreeMap<TreeName, Courses>,
    pub runs: u64,
    /// The oldest run that was looked at.
    pub oldest: Option<Timestamp>,
    /// Whether all of today was looked at.
    pub is_whole: bool,
}

#[derive(Default)]
pub struct TodaysCourses {
    kept: Mutex<Option<(Stopwatch, Arc<Sample>)>>,
    turn: tokio::sync::Mutex<()>,
}

impl TodaysCourses {
    /// The one that is kept, if it is fresh; else a new one, which all who ask at the same time wait for.
    pub async fn sample(&self, readers: &Readers, market: &Arc<Market>) -> Result<Arc<Sample>, NoReplay> {
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let _turn = self.turn.lock().await;
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let (readers, market) = (readers.clone(), Arc::clone(market));
        let made = tokio::task::spawn_blocking(move || look(&readers, &market)).await.map_err(|_| ReadFailed::CutOff)??;
        let sample = Arc::new(made);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((Stopwatch::start(), Arc::clone(&sample)));
        Ok(sample)
    }

    fn fresh(&self) -> Option<Arc<Sample>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(since, _)| since.elapsed() < FRESH).map(|(_, sample)| Arc::clone(sample))
    }
}

fn look(readers: &Readers, market: &Arc<Market>) -> Result<Sample, NoReplay> {
    let zone = &market.parts().time_zone;
    let today = exchange::cap::Period::Day.window(clock::now(), zone).start;
    let mut markets = Markets::new(readers, Arc::clone(market));
    let mut sample = Sample::default();
    let looked = each_run(readers, Bounds { since: today, most: MOST_RUNS, time: MOST_TIME }, |subject, record| {
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
