//! An instant, in the exchange's time zone; machines and the pointer's hint have it in UTC.

use askama::Template;
use exchange::time::Timestamp;
use jiff::tz::TimeZone;

#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(ext = "html", source = r#"<time datetime="{{ utc }}" title="{{ utc }}">{{ text }}</time>"#)]
pub struct Moment {
    utc: String,
    text: String,
}

impl Moment {
    /// Day and time, to the second.
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        Self { utc: at.to_string(), text: zone.to_datetime(at.to_jiff()).strftime("%Y-%m-%d %H:%M:%S").to_string() }
    }

    /// The day alone.
    pub fn day(at: Timestamp, zone: &TimeZone) -> Self {
        Self { utc: at.to_string(), text: at.date_in(zone).to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        let at: Timestamp = "2026-11-28T03:04:05.678Z".parse::<jiff::Timestamp>().unwrap().into();
        let zone = TimeZone::get("America/New_York").unwrap();
        let written = Moment::of(at, &zone).to_string();
        assert_eq!(written, r#"<time datetime="2026-11-28T03:04:05.678Z" title="2026-11-28T03:04:05.678Z">2026-11-27 22:04:05</time>"#);
        assert!(Moment::day(at, &zone).to_string().contains(">2026-11-27<"));
    }
}
