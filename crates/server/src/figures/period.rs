//! The period that figures are asked for, in the words in which it is asked.

use std::str::FromStr;

use exchange::time::Timestamp;
use jiff::{ToSpan, civil::Date, tz::TimeZone};

/// From `from` up to, and without, `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Timestamp,
    pub until: Timestamp,
    /// On whose clock its days are.
    pub zone: TimeZone,
}

/// A period is at most so many days.
const MOST_DAYS: i64 = 400;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPeriod {
    #[error("write `today`, `yesterday`, a number of days like `7d`, or two days like `2026-10-01..2026-10-31`, both included")]
    Unreadable,
    #[error("the period ends before it begins")]
    Backwards,
    #[error("a period is at most {MOST_DAYS} days")]
    TooLong,
}

impl Period {
    /// Days begin and end on the zone's clock. The present day goes up to now, however it is asked for.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, NoPeriod> {
        let today = now.date_in(zone);
        let back = |days: i64| today.checked_sub(days.days()).map_err(|_| NoPeriod::TooLong);
        let (first, last) = match text {
            "today" => (today, today),
            "yesterday" => (back(1)?, back(1)?),
            _ => match text.split_once("..") {
                Some((first, last)) => (day(first)?, day(last)?),
                None => {
                    let days = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok()).filter(|days| *days > 0).ok_or(NoPeriod::Unreadable)?;
                    (back(i64::from(days) - 1)?, today)
                }
            },
        };
        if last < first {
            return Err(NoPeriod::Backwards);
        }
        let end = last.tomorrow().map_err(|_| NoPeriod::TooLong)?;
        if first.checked_add(MOST_DAYS.days()).is_ok_and(|most| most < end) {
            return Err(NoPeriod::TooLong);
        }
        let start_of = |day: Date| day.to_zoned_datetime(zone.clone()).map(|at| Timestamp::from(at.timestamp())).map_err(|_| NoPeriod::TooLong);
        let from = start_of(first)?;
        Ok(Self { from, until: start_of(end)?.min(now).max(from), zone: zone.clone() })
    }

    /// The present day, up to now.
    pub fn today(now: Timestamp, zone: &TimeZone) -> Self {
        let from = now.date_in(zone).to_zoned_datetime(zone.clone()).map_or(now, |at| at.timestamp().into());
        Self { from, until: now, zone: zone.clone() }
    }

    /// What was a day before: from the start of the day before to the same time of day.
    pub fn day_before(now: Timestamp, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(now.to_jiff());
        let before = local.saturating_sub(1.day());
        let instant = |at: jiff::civil::DateTime| zone.to_ambiguous_timestamp(at).compatible().map_or(now, Timestamp::from);
        let from = instant(before.date().at(0, 0, 0, 0));
        Self { from, until: instant(before).max(from), zone: zone.clone() }
    }
}

fn day(text: &str) -> Result<Date, NoPeriod> {
    Date::from_str(text).map_err(|_| NoPeriod::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<(String, String), NoPeriod> {
        let zone = TimeZone::get("America/New_York").unwrap();
        // Half past one in the night to a Sunday on which clocks had gone back an hour before.
        let now = "2026-11-01T06:30:00Z".parse::<jiff::Timestamp>().unwrap().into();
        Period::parse(text, now, &zone).map(|period| (period.from.to_string(), period.until.to_string()))
    }

    #[test]
    fn periods_are_days_up_to_now() {
        let period = |from: &str, until: &str| Ok((format!("{from}:00.000Z"), format!("{until}:00.000Z")));
        assert_eq!(told("today"), period("2026-11-01T04:00", "2026-11-01T06:30"));
        assert_eq!(told("1d"), told("today"));
        assert_eq!(told("yesterday"), period("2026-10-31T04:00", "2026-11-01T04:00"));
        assert_eq!(told("7d"), period("2026-10-26T04:00", "2026-11-01T06:30"));
        assert_eq!(told("2026-03-08..2026-03-08"), period("2026-03-08T05:00", "2026-03-09T04:00"), "a day of 23 hours");
        assert_eq!(told("2026-11-01..2026-11-30"), told("today"), "what is to come has no figures");
        for wrong in ["", "week", "0d", "-1d", "7", "2026-10-01", "2026-10-01..", "..", "9999999d"] {
            assert_eq!(told(wrong), Err(NoPeriod::Unreadable), "{wrong}");
        }
        assert_eq!(told("2026-10-02..2026-10-01"), Err(NoPeriod::Backwards));
        assert_eq!((told("401d"), told("400d").is_ok()), (Err(NoPeriod::TooLong), true));
    }

    #[test]
    fn the_day_before_ends_at_the_same_time_of_day() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let before = |now: &str| {
            let period = Period::day_before(now.parse::<jiff::Timestamp>().unwrap().into(), &zone);
            (period.from.to_string(), period.until.to_string())
        };
        assert_eq!(before("2026-06-02T16:00:00Z"), ("2026-06-01T04:00:00.000Z".into(), "2026-06-01T16:00:00.000Z".into()));
        assert_eq!(before("2026-11-01T17:00:00Z"), ("2026-10-31T04:00:00.000Z".into(), "2026-10-31T16:00:00.000Z".into()), "noon is noon");
    }
}
