//! A node of the exchange: what every request, run and background task of this process shares.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use exchange::{
    id::{NodeId, Revision, TreeName},
    market::Market,
    money::Currency,
    seal::MasterKey,
};
use jiff::tz::TimeZone;
use tokio::{
    runtime::Handle,
    sync::{Mutex as Turn, Notify, watch},
};
use tokio_util::task::TaskTracker;

use crate::{
    auth::KeyCache,
    console::{Door, LookedAt},
    courses::TodaysCourses,
    disk::Disk,
    egress::Egress,
    entropy,
    facts::FactsInMemory,
    live::Live,
    mail::Mailer,
    market_bundle,
    overload::Overload,
    ping_lines::PingLines,
    rate::RateLimits,
    readers::{ReadFailed, Readers},
    replay::Replays,
    tally::Tally,
    writer::Writer,
};

pub struct Node {
    /// This start of this process.
    pub id: NodeId,
    pub writer: Writer,
    pub readers: Readers,
    /// Where that is done which no lead waits for.
    pub background: Handle,
    /// For pages of the console: however many are looked at, runs have connections of their own.
    pub page_readers: Readers,
    pub facts: FactsInMemory,
    pub master: MasterKey,
    pub egress: Egress,
    /// None where no mail server is configured.
    pub mailer: Option<Mailer>,
    pub keys: KeyCache,
    pub door: Door,
    pub rates: RateLimits,
    pub tally: Tally,
    pub live: Live,
    pub ping_lines: PingLines,
    pub disk: Arc<Disk>,
    pub overload: Overload,
    /// What drafts would have changed.
    pub replays: Replays,
    pub courses: TodaysCourses,
    pub looked_at: LookedAt,
    /// Runs under way: a shutdown waits for them.
    pub runs: TaskTracker,
    /// The newest revision; none before the first `apply`.
    market: ArcSwapOption<Market>,
    /// Its number, for who waits for one.
    taken_up: watch::Sender<Revision>,
    newer_market: Notify,
    /// Changes of buyers are made one after the other.
    pub self_service: Turn<()>,
    /// Older revisions that open quotes were made under.
    older: Mutex<BTreeMap<Revision, Arc<Market>>>,
    rounds: Mutex<BTreeMap<TreeName, AtomicU64>>,
}

/// Older revisions kept in memory.
const MOST_OLDER: usize = 16;

impl Node {
    pub fn new(writer: Writer, readers: Readers, master: MasterKey, egress: Egress, mailer: Option<Mailer>, background: Handle) -> Arc<Self> {
        let disk = Arc::new(Disk::of(readers.place().file().map(|path| path.as_path())));
        Arc::new(Self {
            id: NodeId::from_bytes(entropy::timed_id()),
            facts: writer.attendant().facts.clone(),
            writer,
            background,
            page_readers: Readers::for_pages(readers.place().clone()),
            readers,
            master,
            egress,
            mailer,
            keys: KeyCache::default(),
            door: Door::default(),
            rates: RateLimits::default(),
            tally: Tally::default(),
            live: Live::default(),
            ping_lines: PingLines::default(),
            disk,
            overload: Overload::default(),
            replays: Replays::default(),
            courses: TodaysCourses::default(),
            looked_at: LookedAt::default(),
            runs: TaskTracker::new(),
            market: ArcSwapOption::empty(),
            taken_up: watch::Sender::default(),
            newer_market: Notify::new(),
            self_service: Turn::default(),
            older: Mutex::default(),
            rounds: Mutex::default(),
        })
    }

    /// The market that new runs start with.
    pub fn market(&self) -> Option<Arc<Market>> {
        self.market.load_full()
    }

    /// The currency of all amounts: it is one for good once a market was applied.
    pub fn currency(&self) -> Currency {
        self.market().map_or(Currency::USD, |market| market.currency())
    }

    /// In which days and times are told.
    pub fn time_zone(&self) -> TimeZone {
        self.market().map_or(TimeZone::UTC, |market| market.parts().time_zone.clone())
    }

    pub fn set_market(&self, market: Arc<Market>) {
        self.rates.follow(&market);
        self.facts.follow(&market);
        let revision = market.revision();
        if let Some(previous) = self.market.swap(Some(market)) {
            self.remember(previous);
        }
        self.taken_up.send_replace(revision);
    }

    /// The number of the market that new runs start with, now and from now on.
    pub fn taken_up(&self) -> watch::Receiver<Revision> {
        self.taken_up.subscribe()
    }

    /// There is a newer revision: it is taken up at once.
    pub fn look_for_market(&self) {
        self.newer_market.notify_one();
    }

    pub async fn newer_market(&self) {
        self.newer_market.notified().await;
    }

    /// The market of a revision: the newest, a remembered one, or read from the store.
    pub async fn market_of(&self, revision: Revision) -> Result<Arc<Market>, market_bundle::NoMarket> {
        if let Some(newest) = self.market().filter(|market| market.revision() == revision) {
            return Ok(newest);
        }
        if let Some(known) = self.older.lock().unwrap_or_else(PoisonError::into_inner).get(&revision) {
            return Ok(Arc::clone(known));
        }
        let stored = self.readers.read(move |reader| market_bundle::Stored::read(reader, revision)).await?;
        let stored = stored.ok_or(market_bundle::NoMarket::Missing(revision))?;
        let market = Arc::new(tokio::task::spawn_blocking(move || stored.market()).await.map_err(|_| ReadFailed::CutOff)??);
        self.remember(Arc::clone(&market));
        Ok(market)
    }

    fn remember(&self, market: Arc<Market>) {
        let mut older = self.older.lock().unwrap_or_else(PoisonError::into_inner);
        older.insert(market.revision(), market);
        while older.len() > MOST_OLDER {
            older.pop_first();
        }
    }

    /// Where a round robin stands; each run moves it on by one.
    pub fn next_round(&self, tree: &TreeName) -> u64 {
        let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
        match rounds.get(tree) {
            Some(round) => round.fetch_add(1, Ordering::Relaxed),
            None => rounds.entry(tree.clone()).or_default().fetch_add(1, Ordering::Relaxed),
        }
    }
}
