//! Replays of drafts, each made once and kept for whoever looks at the draft again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::{
    id::{DraftId, Revision},
    market::{Market, MarketParts},
};
use tokio::sync::{OnceCell, Semaphore};

use super::{Bounds, NoReplay, ReplayView, compare};
use crate::{clock, readers::Readers};

/// A draft's replay looks at so many runs of the last day, for so long at most.
const MOST_RUNS: u64 = 5000;
const MOST_TIME: Duration = Duration::from_secs(2);
const SINCE: Duration = Duration::from_secs(24 * 3600);
/// How many are kept.
const MOST_KEPT: usize = 64;

/// Which draft, which change of it, held against which revision.
type Key = (DraftId, u64, Revision);
type Cell = Arc<OnceCell<Arc<ReplayView>>>;

#[derive(Debug)]
pub struct Replays {
    kept: Mutex<BTreeMap<Key, Cell>>,
    /// One at a time: auctions come first.
    turn: Semaphore,
}

impl Default for Replays {
    fn default() -> Self {
        Self { kept: Mutex::default(), turn: Semaphore::new(1) }
    }
}

impl Replays {
    /// What is there already.
    pub fn known(&self, key: Key) -> Option<Arc<ReplayView>> {
        self.cell(key).get().cloned()
    }

    /// Waits for it, and makes it off the async threads where nobody has.
    pub async fn of(&self, key: Key, readers: &Readers, now: Arc<Market>, proposed: MarketParts) -> Result<Arc<ReplayView>, NoReplay> {
        let cell = self.cell(key);
        let make = || async {
            let _turn = self.turn.acquire().await;
            let readers = readers.clone();
            let bounds = Bounds { since: clock::now().minus(SINCE), most: MOST_RUNS, time: MOST_TIME };
            let made = tokio::task::spawn_blocking(move || {
                let proposed = Arc::new(Market::new(Revision(u64::MAX), proposed));
                proposed.prepare(Some(&now));
                compare(&readers, &now, &proposed, bounds)
            });
            let report = made.await.map_err(|_| crate::readers::ReadFailed::CutOff)??;
            Ok::<_, NoReplay>(Arc::new(ReplayView::of(&report)))
        };
        cell.get_or_try_init(make).await.cloned()
    }

    fn cell(&self, key: Key) -> Cell {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= MOST_KEPT && !kept.contains_key(&key) {
            kept.pop_first();
        }
        Arc::clone(kept.entry(key).or_default())
    }
}
