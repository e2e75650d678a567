//! How full the windows of contracts' caps are.
//!
//! A window's row says what [`counted`] says; it is made when a cap first asks for it and kept up by [`change`] from then on.

use std::sync::LazyLock;

use exchange::{
    cap::{Cap, Limit, Period, Usage, Window},
    changes::Change,
    id::ContractKey,
    money::{Money, Percent},
    time::Timestamp,
};
use jiff::tz::TimeZone;

use super::{
    batch::Batch,
    column::integer,
    db::{Db, params},
    failure::Result,
};

/// What a contract has sold and holds in one window.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub all: Usage,
    /// The open firm quotes' part of it.
    pub firm: Usage,
}

impl Filled {
    /// Whether a firm quote may hold one more at `price`: all firm holds together stay within their share of what is left to them and to
    /// everybody else.
    pub fn admits_firm(&self, cap: &Cap, price: Money, share: Percent) -> bool {
        match cap.limit {
            Limit::Count(most) => integer(self.firm.count + 1) <= share.of_rounded_down(integer(most) - integer(self.all.count - self.firm.count)),
            Limit::Spend(most) => (self.firm.spend + price).micros() <= share.of_rounded_down((most - (self.all.spend - self.firm.spend)).micros()),
        }
    }
}

/// The window of a cap around an instant, as the engine keeps it: makes its row if this is the first that asks.
pub(super) fn filled(batch: &Batch<'_>, contract: &ContractKey, cap: &Cap, zone: &TimeZone) -> Result<Filled> {
    let window = cap.per.window(batch.now, zone);
    if let Some(kept) = kept(batch.db, contract, cap.per, &window)? {
        return Ok(kept);
    }
    let counted = counted(batch.db, contract, &window)?;
    let sql = "INSERT INTO cap_usage (contract, period, window_start, window_end, count, spend, firm_count, firm_spend) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (contract, period, window_start) DO UPDATE SET window_end = excluded.window_end, count = excluded.count, spend = excluded.spend,
        firm_count = excluded.firm_count, firm_spend = excluded.firm_spend";
    batch.db.write(
        sql,
        params![
            contract.to_string(),
            cap.per.word(),
            window.start.micros(),
            window.end.micros(),
            integer(counted.all.count),
            counted.all.spend.micros(),
            integer(counted.firm.count),
            counted.firm.spend.micros()
        ],
    )?;
    // It may be the first of its period.
    batch.kept_periods.borrow_mut().remove(&contract.to_string());
    Ok(counted)
}

/// The same for a reader, who makes no row.
pub(super) fn seen(db: &dyn Db, contract: &ContractKey, cap: &Cap, at: Timestamp, zone: &TimeZone) -> Result<Filled> {
    let window = cap.per.window(at, zone);
    match kept(db, contract, cap.per, &window)? {
        Some(kept) => Ok(kept),
        None => counted(db, contract, &window),
    }
}

fn kept(db: &dyn Db, contract: &ContractKey, period: Period, window: &Window) -> Result<Option<Filled>> {
    let sql = "SELECT count, spend, firm_count, firm_spend FROM cap_usage WHERE contract = ?1 AND period = ?2 AND window_start = ?3 AND window_end = ?4";
    db.one(sql, params![contract.to_string(), period.word(), window.start.micros(), window.end.micros()], |row| {
        Ok(Filled { all: Usage { count: row.value(0)?, spend: row.value(1)? }, firm: Usage { count: row.value(2)?, spend: row.value(3)? } })
    })
}

/// Counts a window from the sales and firm holds themselves.
pub(super) fn counted(db: &dyn Db, contract: &ContractKey, window: &Window) -> Result<Filled> {
    let count = |sql: &str| -> Result<Usage> {
        let usage = db.one(sql, params![contract.to_string(), window.start.micros(), window.end.micros()], |row| {
            Ok(Usage { count: row.value(0)?, spend: row.value(1)? })
        })?;
        Ok(usage.unwrap_or_default())
    };
    let sales = count("SELECT count(*), CAST(coalesce(sum(price), 0) AS BIGINT) FROM sales WHERE contract = ?1 AND counted_at >= ?2 AND counted_at < ?3")?;
    let firm = count("SELECT count(*), CAST(coalesce(sum(price), 0) AS BIGINT) FROM quote_holds WHERE contract = ?1 AND counted_at >= ?2 AND counted_at < ?3")?;
    Ok(Filled { all: Usage { count: sales.count + firm.count, spend: sales.spend + firm.spend }, firm })
}

/// One more or one less in every kept window around the instant that it was counted at, in whatever zone the window is.
#[derive(Clone, Copy)]
pub(super) enum Step {
    SaleTaken,
    SaleFreed,
    FirmTaken,
    FirmFreed,
    /// A sale takes a firm hold over.
    FirmSold,
}

pub(super) fn change(batch: &Batch<'_>, contract: &ContractKey, counted_at: Timestamp, price: Money, step: Step) -> Result<()> {
    let (all, firm) = match step {
        Step::SaleTaken => (1, 0),
        Step::SaleFreed => (-1, 0),
        Step::FirmTaken => (1, 1),
        Step::FirmFreed => (-1, -1),
        Step::FirmSold => (0, -1),
    };
    let sql = "UPDATE cap_usage SET count = count + ?5, spend = spend + ?6, firm_count = firm_count + ?7, firm_spend = firm_spend + ?8
        WHERE contract = ?1 AND period = ?2 AND window_start BETWEEN ?3 AND ?4 AND window_end > ?4";
    if all != 0 {
        batch.changed(Change::Used { contract: contract.clone(), at: counted_at, count: all, spend: Money::from_micros(all * price.micros()) });
    }
    let (contract, at, price) = (contract.to_string(), counted_at.micros(), price.micros());
    for period in kept_periods(batch, &contract)? {
        let from = earliest_start(period, counted_at);
        batch.db.write(sql, params![&contract, period.word(), from, at, all, all * price, firm, firm * price])?;
    }
    Ok(())
}

/// Of which periods a contract has windows. Looked up once a batch: most contracts have a cap or two, and many none.
fn kept_periods(batch: &Batch<'_>, contract: &str) -> Result<Vec<Period>> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        let one = |(word, _)| format!("EXISTS (SELECT 1 FROM cap_usage WHERE contract = ?1 AND period = '{word}')");
        format!("SELECT {}", Period::WORDS.map(one).join(", "))
    });
    if let Some(known) = batch.kept_periods.borrow().get(contract) {
        return Ok(known.clone());
    }
    let found = batch.db.one(&SQL, params![contract], |row| {
        let is_kept = |(column, (_, period))| Ok(row.value::<bool>(column)?.then_some(period));
        Period::WORDS.into_iter().enumerate().filter_map(|each| is_kept(each).transpose()).collect::<Result<Vec<Period>>>()
    })?;
    let found = found.unwrap_or_default();
    batch.kept_periods.borrow_mut().insert(contract.to_owned(), found.clone());
    Ok(found)
}

/// No window of the period that contains the instant starts earlier: bounds the search in the index.
fn earliest_start(period: Period, at: Timestamp) -> i64 {
    const DAY: i64 = 24 * 3600 * 1_000_000;
    let longest = match period {
        Period::Hour | Period::Day => 2 * DAY,
        Period::Week => 9 * DAY,
        Period::Month => 33 * DAY,
        Period::Total => return i64::MIN,
    };
    at.micros().saturating_sub(longest)
}
