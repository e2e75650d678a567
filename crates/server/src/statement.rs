//! A statement: what was booked on one account in a period, with what it began and ended with. A buyer's is its invoice, a
//! supplier's its payout sheet.

use std::str::FromStr;

use exchange::{
    ledger::Account,
    money::{Currency, Money},
    time::Timestamp,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use store::{Statement, StatementLine};

/// Whole days of one time zone: from the first instant of `first` up to the first of `end`, which is no longer of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    pub first: Date,
    pub end: Date,
    pub zone: TimeZone,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPeriod {
    #[error("{0:?} is no month: write it like 2026-10")]
    Month(String),
    #[error("{0:?} is no day: write it like 2026-10-31")]
    Day(String),
    #[error("the period ends before it begins")]
    Backwards,
}

impl Period {
    pub fn month(text: &str, zone: TimeZone) -> Result<Self, NoPeriod> {
        let wrong = || NoPeriod::Month(text.to_owned());
        let first = Date::from_str(&format!("{text}-01")).map_err(|_| wrong())?;
        Ok(Self { first, end: first.checked_add(1.month()).map_err(|_| wrong())?, zone })
    }

    /// Both days are of the period.
    pub fn days(first: &str, last: &str, zone: TimeZone) -> Result<Self, NoPeriod> {
        let day = |text: &str| Date::from_str(text).map_err(|_| NoPeriod::Day(text.to_owned()));
        let (first, last) = (day(first)?, day(last)?);
        let end = last.tomorrow().map_err(|_| NoPeriod::Day(last.to_string()))?;
        if end <= first { Err(NoPeriod::Backwards) } else { Ok(Self { first, end, zone }) }
    }

    /// The month that `now` is in.
    pub fn present(now: Timestamp, zone: TimeZone) -> Self {
        let first = now.date_in(&zone).first_of_month();
        Self { first, end: first.saturating_add(1.month()), zone }
    }

    pub fn from(&self) -> Timestamp {
        self.start_of(self.first)
    }

    pub fn until(&self) -> Timestamp {
        self.start_of(self.end)
    }

    fn start_of(&self, day: Date) -> Timestamp {
        day.to_zoned_datetime(self.zone.clone()).map_or(Timestamp::from_micros(i64::MAX), |at| at.timestamp().into())
    }

    /// Its last day.
    pub fn last(&self) -> Date {
        self.end.saturating_sub(1.day())
    }
}

/// An account's statement with the period it is of.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub account: Account,
    pub currency: Currency,
    pub period: Period,
    pub statement: Statement,
}

impl Sheet {
    /// Each line with what the account had after it.
    pub fn lines(&self) -> impl Iterator<Item = (&StatementLine, Money)> {
        self.statement.lines.iter().scan(self.statement.opening, |balance, line| {
            *balance += line.amount;
            Some((line, *balance))
        })
    }

    /// When a line was booked, on the period's clock.
    pub fn local_time(&self, at: Timestamp) -> String {
        self.period.zone.to_datetime(at.to_jiff()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What was booked for one cause, and how often.
    pub fn total_of(&self, cause: &str) -> (usize, Money) {
        let of_cause = || self.statement.lines.iter().filter(|line| line.cause == cause);
        (of_cause().count(), of_cause().map(|line| line.amount).sum())
    }

    pub fn json(&self) -> Value {
        json!({
            "account": self.account.to_string(),
            "currency": self.currency.code(),
            "first_day": self.period.first.to_string(),
            "last_day": self.period.last().to_string(),
            "time_zone": self.period.zone.iana_name(),
            "opening_balance": self.statement.opening.to_string(),
            "closing_balance": self.statement.closing().to_string(),
            "lines": self.lines().map(|(line, balance)| json!({
                "booked_at": line.booked_at.to_string(),
                "cause": line.cause,
                "sale_id": line.sale.map(|id| id.to_string()),
                "lead_id": line.lead.map(|id| id.to_string()),
                "movement_id": line.movement.map(|id| id.to_string()),
                "note": line.note,
                "amount": line.amount.to_string(),
                "balance": balance.to_string(),
            })).collect::<Vec<_>>(),
        })
    }

    /// With a header; the first and the last line are the balances.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["booked_at", "cause", "sale_id", "lead_id", "movement_id", "note", "amount", "balance", "currency"])?;
        let balance = |cause: &str, at: Timestamp, balance: Money| {
            [
                at.to_string(),
                cause.to_owned(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                balance.to_string(),
                self.currency.code().to_owned(),
            ]
        };
        writer.write_record(balance("opening_balance", self.period.from(), self.statement.opening))?;
        let id = |id: Option<String>| id.unwrap_or_default();
        for (line, after) in self.lines() {
            writer.write_record([
                line.booked_at.to_string(),
                line.cause.clone(),
                id(line.sale.map(|id| id.to_string())),
                id(line.lead.map(|id| id.to_string())),
                id(line.movement.map(|id| id.to_string())),
                line.note.as_deref().map(plain_cell).unwrap_or_default(),
                line.amount.to_string(),
                after.to_string(),
                self.currency.code().to_owned(),
            ])?;
        }
        writer.write_record(balance("closing_balance", self.period.until(), self.statement.closing()))?;
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}

/// A text that no spreadsheet takes for a formula.
fn plain_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    #[test]
    fn periods_are_whole_days_of_their_zone() {
        let told = |period: Period| (period.from().to_string(), period.until().to_string(), period.last().to_string());
        let text = |from: &str, until: &str, last: &str| (from.to_owned(), until.to_owned(), last.to_owned());
        // Clocks go back in it: the month has an hour more than its days.
        assert_eq!(told(Period::month("2026-11", zone()).unwrap()), text("2026-11-01T04:00:00.000Z", "2026-12-01T05:00:00.000Z", "2026-11-30"));
        assert_eq!(told(Period::days("2026-03-08", "2026-03-08", zone()).unwrap()), text("2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z", "2026-03-08"));
        let now = "2026-12-01T04:59:59Z".parse::<jiff::Timestamp>().unwrap().into();
        assert_eq!(told(Period::present(now, zone())).2, "2026-11-30");
        for month in ["2026", "2026-13", "october"] {
            assert_eq!(Period::month(month, zone()), Err(NoPeriod::Month(month.into())));
        }
        assert_eq!(Period::days("2026-10-02", "2026-10-01", zone()), Err(NoPeriod::Backwards));
        assert_eq!(Period::days("2026-10-02", "2.10.26", zone()), Err(NoPeriod::Day("2.10.26".into())));
    }

    #[test]
    fn a_sheet_adds_up_and_runs_nothing() {
        let line = |seconds: i64, cause: &str, amount: i64, note: Option<&str>| StatementLine {
            booked_at: Timestamp::from_micros(seconds * 1_000_000),
            cause: cause.into(),
            sale: None,
            lead: None,
            movement: None,
            note: note.map(str::to_owned),
            amount: Money::from_units(amount),
        };
        let lines = vec![line(1, "prepayment", 100, Some("=HYPERLINK(\"x\")")), line(2, "sale", -10, None), line(3, "sale", -12, None)];
        let statement = Statement { opening: Money::from_units(5), lines };
        let period = Period::days("1970-01-01", "1970-01-01", TimeZone::UTC).unwrap();
        let sheet = Sheet { account: "buyer:acme".parse().unwrap(), currency: Currency::USD, period, statement };
        assert_eq!(sheet.total_of("sale"), (2, Money::from_units(-22)));
        let csv = String::from_utf8(sheet.csv().unwrap()).unwrap();
        let rows: Vec<&str> = csv.lines().collect();
        assert_eq!(rows[1], "1970-01-01T00:00:00.000Z,opening_balance,,,,,,5.00,USD");
        assert_eq!(rows[2], "1970-01-01T00:00:01.000Z,prepayment,,,,\"'=HYPERLINK(\"\"x\"\")\",100.00,105.00,USD");
        assert_eq!(rows[4], "1970-01-01T00:00:03.000Z,sale,,,,,-12.00,83.00,USD");
        assert_eq!(rows[5], "1970-01-02T00:00:00.000Z,closing_balance,,,,,,83.00,USD");
    }
}
