//! The exchange as it is now: one snapshot a second at most, shared by everybody who looks, and none while nobody does. It is read from the
//! store, so it is of all nodes, and an auction does nothing for it.

mod base;
mod health;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use exchange::{
    figures::{Booked, Figures, Quarter},
    id::VerticalName,
    market::Market,
    time::Timestamp,
};
use store::{AlertRow, LeadRow, ReadError, Reader};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};

use self::base::Base;
pub use self::health::Health;
use crate::{
    clock::{self, Stopwatch},
    figures::{period::Period, report::Report},
    readers::{ReadFailed, Readers},
};

/// A snapshot serves for so long.
const FRESH_FOR: Duration = Duration::from_millis(900);
/// People who watch at the same time.
const MOST_WATCHING: usize = 64;
/// Leads on the strip.
const LATEST: u32 = 10;
/// What leads per second are counted over.
const RATE_OVER: Duration = Duration::from_secs(60);

pub struct Live {
    last: Mutex<Last>,
    watching: Arc<Semaphore>,
    has_ended: watch::Sender<bool>,
}

#[derive(Default)]
struct Last {
    shot: Option<(Stopwatch, Arc<Snapshot>)>,
    base: Option<Arc<Base>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { last: Mutex::default(), watching: Arc::new(Semaphore::new(MOST_WATCHING)), has_ended: watch::Sender::new(false) }
    }
}

/// Everything that the live page shows.
#[derive(Debug)]
pub struct Snapshot {
    /// Leads received in the last minute.
    pub last_minute: u64,
    pub today: Report,
    /// The day before, up to the same time of day; to the minute.
    pub yesterday: Report,
    /// Today's quarters of an hour, from the day's first to the present one.
    pub quarters: Vec<Booked>,
    /// Leads received in each of the last minutes, the present one last.
    pub minutes: Vec<u64>,
    /// The newest leads, newest first.
    pub latest: Vec<LeadRow>,
    /// What stands, newest first.
    pub alerts: Vec<AlertRow>,
    /// Of each buyer of the market, the one that needs attention most first.
    pub buyers: Vec<Health>,
}

impl Snapshot {
    /// Of a vertical today, and the day before up to the same time of day.
    pub fn verticals(&self) -> BTreeMap<VerticalName, (Figures, Figures)> {
        let mut verticals: BTreeMap<VerticalName, (Figures, Figures)> = BTreeMap::new();
        for (name, figures) in &self.today.verticals {
            verticals.entry(name.clone()).or_default().0 += figures;
        }
        for (name, figures) in &self.yesterday.verticals {
            verticals.entry(name.clone()).or_default().1 += figures;
        }
        verticals
    }
}

#[derive(Debug, thiserror::Error)]
pub enum NotLive {
    #[error("no market has been applied yet")]
    NoMarket,
    #[error(transparent)]
    Read(#[from] ReadFailed),
}

impl Live {
    /// As it is now, or was less than a second ago.
    pub async fn now(&self, market: Option<Arc<Market>>, readers: &Readers) -> Result<Arc<Snapshot>, NotLive> {
        let mut last = self.last.lock().await;
        if let Some((_, shot)) = last.shot.as_ref().filter(|(since, _)| since.elapsed() < FRESH_FOR) {
            return Ok(Arc::clone(shot));
        }
        let market = market.ok_or(NotLive::NoMarket)?;
        let (since, base) = (Stopwatch::start(), last.base.clone());
        let (shot, base) = readers.read(move |reader| read(reader, &market, clock::now(), base)).await?;
        let shot = Arc::new(shot);
        *last = Last { shot: Some((since, Arc::clone(&shot))), base: Some(base) };
        Ok(shot)
    }

    /// The node ends: nobody watches any more.
    pub fn end(&self) {
        self.has_ended.send_replace(true);
    }

    pub async fn ended(&self) {
        // The sender is this value's own: it is there.
        drop(self.has_ended.subscribe().wait_for(|has_ended| *has_ended).await);
    }

    /// The right to watch. None where as many do already as may.
    pub fn watch(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.watching).try_acquire_owned().ok()
    }
}

fn read(reader: &mut dyn Reader, market: &Market, now: Timestamp, base: Option<Arc<Base>>) -> Result<(Snapshot, Arc<Base>), ReadError> {
    let zone = &market.parts().time_zone;
    let base = match base.filter(|base| base.serves(now, zone)) {
        Some(base) => base,
        None => Arc::new(Base::read(reader, now, zone)?),
    };
    let rows = reader.figures_by_minute(base.until, now)?;
    let recent = reader.tallies(base.tallies_until.start(), now)?;
    let (mut verticals, mut quarters, mut minutes) = (base.verticals.clone(), base.quarters.clone(), base.minutes.clone());
    for row in &rows {
        verticals.entry(row.vertical.clone()).or_default().booked += row.booked;
        *quarters.entry(Quarter::of(row.start)).or_default() += row.booked;
        *minutes.entry(row.start).or_default() += row.booked.received;
    }
    for ((_, vertical), auctions) in &recent.verticals {
        verticals.entry(vertical.clone()).or_default().auctions += auctions;
    }
    let mut buyers = base.buyers.clone();
    for ((_, buyer), counts) in &recent.buyers {
        *buyers.entry(buyer.clone()).or_default() += counts;
    }
    let mut together = Figures::default();
    verticals.values().for_each(|figures| together += figures);
    let period = Period { from: base.day.from, until: now, zone: zone.clone() };
    let snapshot = Snapshot {
        last_minute: reader.figures(now.minus(RATE_OVER), now)?.iter().map(|row| row.booked.received).sum(),
        yesterday: base.yesterday.clone(),
        quarters: base::filled(Quarter::of(base.day.from), Quarter::of(now), Quarter::next, &quarters),
        minutes: base::last_minutes(now, &minutes),
        latest: reader.leads(None, LATEST)?,
        alerts: reader.standing_alerts()?,
        buyers: health::of_all(market, &base, &recent),
        today: Report { period, together, verticals, buyers },
    };
    Ok((snapshot, base))
}
