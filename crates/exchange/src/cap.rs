//! A cap: how many sales, or how much spend, a contract takes in each window of its own time zone.

use std::fmt;

use jiff::{Span, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{money::Money, time::Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Limit {
    Count(u64),
    Spend(Money),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Period {
    Hour,
    Day,
    /// From Monday.
    Week,
    Month,
    Total,
}

words!(Period { Hour = "hour", Day = "day", Week = "week", Month = "month", Total = "total" });

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cap {
    pub limit: Limit,
    pub per: Period,
}

/// `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// What a contract has sold and holds in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub count: u64,
    pub spend: Money,
}

impl Cap {
    /// Whether one more sale at `price` fits.
    #[must_use]
    pub fn admits(&self, usage: Usage, price: Money) -> bool {
        match self.limit {
            Limit::Count(most) => usage.count < most,
            Limit::Spend(most) => usage.spend + price <= most,
        }
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limit {
            Limit::Count(most) => write!(f, "{most} per {}", self.per.word()),
            Limit::Spend(most) => write!(f, "{most} spend per {}", self.per.word()),
        }
    }
}

impl Period {
    /// The window around an instant. Days have 23, 24 or 25 hours as the zone's clock says; an hour is an hour of that clock.
    #[must_use]
    pub fn window(self, at: Timestamp, zone: &TimeZone) -> Window {
        self.calendar_window(at, zone).unwrap_or(Window { start: Timestamp::from_micros(i64::MIN), end: Timestamp::from_micros(i64::MAX) })
    }

    /// None for `total`, and at the ends of the calendar.
    fn calendar_window(self, at: Timestamp, zone: &TimeZone) -> Option<Window> {
        let local = at.to_jiff().to_zoned_datetime(zone.clone());
        let day = local.date();
        let (first, length): (_, Span) = match self {
            Self::Hour => return Some(hour_window(at, zone)),
            Self::Total => return None,
            Self::Day => (day, 1.day()),
            Self::Week => (day.checked_sub(i32::from(day.weekday().to_monday_zero_offset()).days()).ok()?, 1.week()),
            Self::Month => (day.first_of_month(), 1.month()),
        };
        let end = first.checked_add(length).ok()?;
        // Where midnight doesn't exist, the day starts at the first instant that does.
        let start_of = |date: jiff::civil::Date| date.to_zoned_datetime(zone.clone()).and_then(|midnight| midnight.start_of_day()).ok();
        Some(Window { start: start_of(first)?.timestamp().into(), end: start_of(end)?.timestamp().into() })
    }
}

/// The 60 minutes since the zone's clock last showed a full hour: right in zones offset by half an hour too.
fn hour_window(at: Timestamp, zone: &TimeZone) -> Window {
    const HOUR: i64 = 3_600_000_000;
    let offset = i64::from(zone.to_offset(at.to_jiff()).seconds()) * 1_000_000;
    let start = (at.micros() + offset).div_euclid(HOUR) * HOUR - offset;
    Window { start: Timestamp::from_micros(start), end: Timestamp::from_micros(start + HOUR) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(period: Period, at: &str, zone: &str) -> (String, String) {
        let at: jiff::Timestamp = at.parse().unwrap();
        let window = period.window(at.into(), &TimeZone::get(zone).unwrap());
        (window.start.to_string(), window.end.to_string())
    }

    fn hours(period: Period, at: &str, zone: &str) -> u64 {
        let at: jiff::Timestamp = at.parse().unwrap();
        let window = period.window(at.into(), &TimeZone::get(zone).unwrap());
        window.end.since(window.start).as_secs() / 3600
    }

    #[test]
    fn windows_follow_the_zone() {
        for (period, at, zone, start, end) in [
            (Period::Day, "2026-03-08T03:00:00Z", "America/New_York", "2026-03-07T05:00:00.000Z", "2026-03-08T05:00:00.000Z"),
            (Period::Week, "2026-11-23T05:30:00Z", "America/Los_Angeles", "2026-11-16T08:00:00.000Z", "2026-11-23T08:00:00.000Z"),
            (Period::Month, "2026-12-31T23:30:00Z", "Asia/Tokyo", "2026-12-31T15:00:00.000Z", "2027-01-31T15:00:00.000Z"),
            (Period::Hour, "2026-06-01T10:15:00Z", "Asia/Kolkata", "2026-06-01T09:30:00.000Z", "2026-06-01T10:30:00.000Z"),
        ] {
            assert_eq!(window(period, at, zone), (start.into(), end.into()), "{period:?} {at} {zone}");
        }
    }

    #[test]
    fn days_of_23_and_25_hours_are_whole_days() {
        assert_eq!(hours(Period::Day, "2026-03-08T12:00:00Z", "America/New_York"), 23);
        assert_eq!(hours(Period::Day, "2026-11-01T12:00:00Z", "America/New_York"), 25);
        assert_eq!(hours(Period::Day, "2026-11-02T12:00:00Z", "America/New_York"), 24);
    }

    #[test]
    fn a_cap_admits_up_to_its_limit_and_no_further() {
        let usage = |count, spend| Usage { count, spend: Money::from_units(spend) };
        let count = Cap { limit: Limit::Count(2), per: Period::Day };
        assert!(count.admits(usage(1, 0), Money::ZERO));
        assert!(!count.admits(usage(2, 0), Money::ZERO));
        let spend = Cap { limit: Limit::Spend(Money::from_units(100)), per: Period::Day };
        assert!(spend.admits(usage(9, 90), Money::from_units(10)));
        assert!(!spend.admits(usage(9, 90), Money::from_micros(10_000_001)));
    }
}
