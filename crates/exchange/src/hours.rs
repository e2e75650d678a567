//! A contract's opening hours, in its own time zone.

use jiff::{civil::Weekday, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One line such as `mon-fri 08:00-18:00`. Hours that end at or before they start cross midnight.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpenHours {
    /// Monday first.
    days: [bool; 7],
    from_minute: u16,
    to_minute: u16,
}

/// Why a text gives no hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write hours like \"mon-fri 08:00-18:00\" or \"sat,sun 22:00-02:00\"")]
pub struct NotHours;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl std::str::FromStr for OpenHours {
    type Err = NotHours;

    fn from_str(text: &str) -> Result<Self, NotHours> {
        let text = text.trim().to_ascii_lowercase();
        let (days, hours) = text.split_once(char::is_whitespace).ok_or(NotHours)?;
        let (from, to) = hours.trim().split_once('-').ok_or(NotHours)?;
        let (from_minute, to_minute) = (minute_of_day(from)?, minute_of_day(to)?);
        if from_minute == 24 * 60 {
            return Err(NotHours);
        }
        Ok(Self { days: days_of(days)?, from_minute, to_minute })
    }
}

fn days_of(text: &str) -> Result<[bool; 7], NotHours> {
    let day = |word: &str| DAYS.iter().position(|day| *day == word.trim()).ok_or(NotHours);
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = match part {
            "daily" => (0, 6),
            range => match range.split_once('-') {
                Some((first, last)) => (day(first)?, day(last)?),
                None => (day(range)?, day(range)?),
            },
        };
        // "sat-mon" goes round the end of the week.
        for step in 0..=(last + 7 - first) % 7 {
            days[(first + step) % 7] = true;
        }
    }
    Ok(days)
}

fn minute_of_day(text: &str) -> Result<u16, NotHours> {
    let (hour, minute) = text.trim().split_once(':').ok_or(NotHours)?;
    let number =
        |part: &str| if part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) { part.parse::<u16>().map_err(|_| NotHours) } else { Err(NotHours) };
    let (hour, minute) = (number(hour)?, number(minute)?);
    if minute < 60 && hour * 60 + minute <= 24 * 60 { Ok(hour * 60 + minute) } else { Err(NotHours) }
}

/// An instant as the clock and the calendar of a zone show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    weekday: Weekday,
    minute: u16,
}

impl Moment {
    #[must_use]
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        let local = zone.to_datetime(at.to_jiff());
        Self { weekday: local.weekday(), minute: local.hour() as u16 * 60 + local.minute() as u16 }
    }
}

impl OpenHours {
    /// Whether the contract is open at this instant: `from` counts, `to` doesn't.
    #[must_use]
    pub fn contain(&self, at: Timestamp, zone: &TimeZone) -> bool {
        self.contain_moment(Moment::new(at, zone))
    }

    #[must_use]
    pub fn contain_moment(&self, Moment { weekday, minute }: Moment) -> bool {
        let open_on = |weekday: Weekday| self.days[weekday.to_monday_zero_offset() as usize];
        if self.from_minute < self.to_minute {
            open_on(weekday) && (self.from_minute..self.to_minute).contains(&minute)
        } else {
            (open_on(weekday) && minute >= self.from_minute) || (open_on(weekday.previous()) && minute < self.to_minute)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(hours: &str, at: &str, zone: &str) -> bool {
        let at: jiff::Timestamp = at.parse().unwrap();
        hours.parse::<OpenHours>().unwrap().contain(at.into(), &TimeZone::get(zone).unwrap())
    }

    /// 2026-11-23 is a Monday.
    #[test]
    fn hours_are_those_of_the_zone() {
        for (hours, at, expected) in [
            ("mon-fri 08:00-18:00", "2026-11-23T16:00:00Z", true),
            ("mon-fri 08:00-18:00", "2026-11-23T15:59:59Z", false),
            ("mon-fri 08:00-18:00", "2026-11-24T02:00:00Z", false),
            ("sat 10:00-14:00", "2026-11-23T20:00:00Z", false),
            ("sun 22:00-02:00", "2026-11-23T09:59:00Z", true),
            ("sun 22:00-02:00", "2026-11-23T10:00:00Z", false),
            ("sat-mon 00:00-24:00", "2026-11-23T20:00:00Z", true),
            ("daily 00:00-24:00", "2026-11-25T20:00:00Z", true),
        ] {
            assert_eq!(open(hours, at, "America/Los_Angeles"), expected, "{hours} at {at}");
        }
    }

    #[test]
    fn what_gives_no_hours_is_refused() {
        for text in ["", "mon", "mon 8-18", "mon 08:00", "noday 08:00-18:00", "mon 08:00-25:00", "mon 24:00-08:00", "mon 08:60-18:00"] {
            assert_eq!(text.parse::<OpenHours>(), Err(NotHours), "{text}");
        }
    }
}
