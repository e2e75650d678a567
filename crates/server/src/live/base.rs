//! What doesn't change within a minute: read once for all snapshots of it.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    figures::{Booked, BuyerCounts, Figures, Quarter},
    id::{BuyerName, VerticalName},
    time::Timestamp,
};
use jiff::tz::TimeZone;
use store::{ReadError, Reader};

use crate::figures::{period::Period, report::Report};

pub const MINUTE: Duration = Duration::from_secs(60);
/// Minutes of the picture of leads per minute.
const MINUTES: u32 = 30;
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug)]
pub struct Base {
    /// Today up to `until`.
    pub day: Period,
    /// The start of the minute before the present one: what is booked late is in every snapshot.
    pub until: Timestamp,
    pub verticals: BTreeMap<VerticalName, Figures>,
    pub quarters: BTreeMap<Quarter, Booked>,
    pub minutes: BTreeMap<Timestamp, u64>,
    pub yesterday: Report,
    /// What nodes counted is in the base up to this quarter.
    pub tallies_until: Quarter,
    pub buyers: BTreeMap<BuyerName, BuyerCounts>,
    /// Of the last quarter before that.
    pub last_quarter: BTreeMap<BuyerName, BuyerCounts>,
    /// Of the day before that quarter: what a buyer is compared with.
    pub usual: BTreeMap<BuyerName, BuyerCounts>,
}

fn minute_of(at: Timestamp) -> Timestamp {
    let length = MINUTE.as_micros() as i64;
    Timestamp::from_micros(at.micros().div_euclid(length) * length)
}

impl Base {
    /// Whether it is of this minute, day and clock.
    pub fn serves(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.until == minute_of(now).minus(MINUTE).max(self.day.from) && self.day.zone == *zone && self.day.from.date_in(zone) == now.date_in(zone)
    }

    pub fn read(reader: &mut dyn Reader, now: Timestamp, zone: &TimeZone) -> Result<Self, ReadError> {
        let today = Period::today(now, zone);
        let until = minute_of(now).minus(MINUTE).max(today.from);
        let (mut verticals, mut quarters): (BTreeMap<VerticalName, Figures>, BTreeMap<Quarter, Booked>) = Default::default();
        for row in reader.figures(today.from, until)? {
            verticals.entry(row.vertical).or_default().booked += row.booked;
            *quarters.entry(Quarter::of(row.start)).or_default() += row.booked;
        }
        let mut minutes: BTreeMap<Timestamp, u64> = BTreeMap::new();
        for row in reader.figures_by_minute(minute_of(now).minus(MINUTE * MINUTES), until)? {
            *minutes.entry(row.start).or_default() += row.booked.received;
        }
        let tallies_until = Quarter::of(now);
        let last = Quarter::of(tallies_until.start().minus(Quarter::LENGTH));
        let (mut buyers, mut last_quarter, mut usual): (BTreeMap<_, BuyerCounts>, BTreeMap<_, BuyerCounts>, BTreeMap<_, BuyerCounts>) = Default::default();
        // The day's beginning may be in the last quarter, or later than what is compared with.
        let tallies = reader.tallies(last.start().minus(DAY).min(today.from), tallies_until.start())?;
        for ((quarter, buyer), counts) in &tallies.buyers {
            if quarter.start() >= today.from {
                *buyers.entry(buyer.clone()).or_default() += counts;
            }
            let compared = if *quarter == last { &mut last_quarter } else { &mut usual };
            *compared.entry(buyer.clone()).or_default() += counts;
        }
        for ((quarter, vertical), auctions) in &tallies.verticals {
            if quarter.start() >= today.from {
                verticals.entry(vertical.clone()).or_default().auctions += auctions;
            }
        }
        let yesterday = Period::day_before(minute_of(now), zone);
        let yesterday = Report::read(reader, yesterday, None)?;
        Ok(Self { day: Period { until, ..today }, until, verticals, quarters, minutes, yesterday, tallies_until, buyers, last_quarter, usual })
    }
}

/// Of each step from the first to the last, nothing where there is nothing.
pub fn filled<K: Copy + Ord, V: Copy + Default>(first: K, last: K, next: fn(K) -> K, of: &BTreeMap<K, V>) -> Vec<V> {
    let steps = std::iter::successors(Some(first), |step| Some(next(*step))).take_while(|step| *step <= last);
    steps.map(|step| of.get(&step).copied().unwrap_or_default()).collect()
}

pub fn last_minutes(now: Timestamp, of: &BTreeMap<Timestamp, u64>) -> Vec<u64> {
    let last = minute_of(now);
    filled(last.minus(MINUTE * (MINUTES - 1)), last, |minute| minute.plus(MINUTE), of)
}
