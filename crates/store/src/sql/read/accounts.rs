//! What was booked on accounts in a time: summed up from what is kept of the quarters of an hour that are over, and from the ledger for the rest.

use std::collections::BTreeMap;

use exchange::{
    figures::{Quarter, QuarterAccount},
    id::LeadId,
    ledger::Account,
    money::Money,
    time::Timestamp,
};

use super::{
    super::{
        accounts::CAUSES,
        db::{Db, Row, params},
        failure::Result,
    },
    kept_until::kept_until,
};
use crate::rows::{CauseTotal, Statement, StatementLine, StatementPage, StatementPlace};

/// What was booked in these quarters, counted from the ledger.
pub(in crate::sql) fn counted(db: &dyn Db, from: Timestamp, until: Timestamp) -> Result<Vec<QuarterAccount>> {
    let sql = "SELECT transfers.booked_at / ?3, entries.account, transfers.cause, count(*), CAST(sum(entries.amount) AS BIGINT)
        FROM transfers JOIN entries ON entries.cause = transfers.cause AND entries.transfer = transfers.id
        WHERE transfers.booked_at >= ?1 AND transfers.booked_at < ?2 GROUP BY 1, 2, 3";
    let step = i64::try_from(Quarter::LENGTH.as_micros()).unwrap_or(i64::MAX);
    db.all(sql, params![from.micros(), until.micros(), step], |row| {
        let start = Timestamp::from_micros(row.value::<i64>(0)?.saturating_mul(step));
        Ok(QuarterAccount { account: row.value(1)?, quarter: Quarter::of(start), cause: row.value(2)?, entries: row.value(3)?, amount: row.value(4)? })
    })
}

pub(in crate::sql) fn kept(db: &dyn Db) -> Result<Vec<QuarterAccount>> {
    db.all("SELECT account, start, cause, entries, amount FROM quarter_accounts", params![], |row| {
        Ok(QuarterAccount { account: row.value(0)?, quarter: Quarter::of(row.value(1)?), cause: row.value(2)?, entries: row.value(3)?, amount: row.value(4)? })
    })
}

/// By cause.
type Sums = BTreeMap<String, CauseTotal>;

fn add(sums: &mut Sums, row: &Row) -> Result<()> {
    let sum = sums.entry(row.value(0)?).or_default();
    sum.entries += row.value::<u64>(1)?;
    sum.amount += row.value::<Money>(2)?;
    Ok(())
}

fn counted_on(db: &dyn Db, account: &str, (from, until): (Timestamp, Timestamp), sums: &mut Sums) -> Result<()> {
    if from >= until {
        return Ok(());
    }
    // It isn't grouped, since a sort gives way to nobody.
    let of_cause =
        |cause: &str| format!("count(*) FILTER (WHERE cause = '{cause}'), CAST(coalesce(sum(amount) FILTER (WHERE cause = '{cause}'), 0) AS BIGINT)");
    let sql = format!("SELECT {} FROM entries WHERE account = ?1 AND booked_at >= ?2 AND booked_at < ?3", CAUSES.map(of_cause).join(", "));
    for row in db.rows(&sql, params![account, from.micros(), until.micros()])? {
        for (place, cause) in CAUSES.iter().enumerate() {
            let (entries, amount) = (row.value::<u64>(2 * place)?, row.value::<Money>(2 * place + 1)?);
            if entries > 0 {
                let sum = sums.entry((*cause).to_owned()).or_default();
                sum.entries += entries;
                sum.amount += amount;
            }
        }
    }
    Ok(())
}

/// A time, by what is known of it: quarters of an hour that are kept, and what lies before and after them.
struct Spans {
    kept: (Timestamp, Timestamp),
    not_kept: [(Timestamp, Timestamp); 2],
}

fn spans(db: &dyn Db, from: Timestamp, until: Timestamp) -> Result<Spans> {
    let first = Quarter::from(from);
    let kept_until = kept_until(db)?.unwrap_or(first).min(Quarter::of(until)).max(first);
    if kept_until == first {
        return Ok(Spans { kept: (from, from), not_kept: [(from, until), (until, until)] });
    }
    let kept = (first.start(), kept_until.start());
    Ok(Spans { kept, not_kept: [(from, kept.0), (kept.1, until)] })
}

/// What was booked on an account in a time.
fn sums(db: &dyn Db, account: &str, from: Timestamp, until: Timestamp) -> Result<Sums> {
    let mut sums = Sums::new();
    let spans = spans(db, from, until)?;
    let sql = "SELECT cause, CAST(sum(entries) AS BIGINT), CAST(sum(amount) AS BIGINT) FROM quarter_accounts WHERE account = ?1 AND start >= ?2 AND start < ?3 GROUP BY cause";
    db.rows(sql, params![account, spans.kept.0.micros(), spans.kept.1.micros()])?.iter().try_for_each(|row| add(&mut sums, row))?;
    spans.not_kept.into_iter().try_for_each(|span| counted_on(db, account, span, &mut sums))?;
    Ok(sums)
}

/// The lines of a period that follow one of them, or its first, with what the account had before it and what the whole period comes to.
pub(in crate::sql) fn statement_page(
    db: &dyn Db,
    account: &Account,
    (from, until): (Timestamp, Timestamp),
    after: Option<StatementPlace>,
    most: u32,
) -> Result<StatementPage> {
    let name = account.to_string();
    let before = sums(db, &name, Timestamp::from_micros(0), from)?;
    let totals = sums(db, &name, from, until)?;
    let after = after.filter(|place| from <= place.booked_at && place.booked_at < until).unwrap_or(StatementPlace { booked_at: from, passed: 0 });
    let sql = format!("{LINES} LIMIT ?4 OFFSET ?5");
    let lines = db.all(&sql, params![&name, after.booked_at.micros(), until.micros(), most, after.passed], line)?;
    let end = lines.last().map(|last| {
        let of_instant = lines.iter().filter(|line| line.booked_at == last.booked_at).count();
        let before = if last.booked_at == after.booked_at { after.passed } else { 0 };
        StatementPlace { booked_at: last.booked_at, passed: before.saturating_add(u32::try_from(of_instant).unwrap_or(u32::MAX)) }
    });
    let opening = before.values().map(|sum| sum.amount).sum();
    Ok(StatementPage { opening, earlier: booked_up_to(db, &name, from, after)?, totals, end, lines })
}

/// What was booked on an account from an instant up to a place.
fn booked_up_to(db: &dyn Db, account: &str, from: Timestamp, place: StatementPlace) -> Result<CauseTotal> {
    let mut sum = CauseTotal::default();
    for earlier in sums(db, account, from, place.booked_at)?.values() {
        sum.entries += earlier.entries;
        sum.amount += earlier.amount;
    }
    let sql = "SELECT amount FROM entries WHERE account = ?1 AND booked_at = ?2 ORDER BY transfer, cause LIMIT ?3";
    for amount in db.all(sql, params![account, place.booked_at.micros(), place.passed], |row| row.value::<Money>(0))? {
        sum.entries += 1;
        sum.amount += amount;
    }
    Ok(sum)
}

/// What was booked on an account in a time, in the order of a statement.
const LINES: &str = "SELECT entries.booked_at, entries.cause, entries.transfer, transfers.lead, transfers.note, entries.amount
    FROM entries JOIN transfers ON transfers.cause = entries.cause AND transfers.id = entries.transfer
    WHERE entries.account = ?1 AND entries.booked_at >= ?2 AND entries.booked_at < ?3 ORDER BY entries.booked_at, entries.transfer, entries.cause";

/// All of it, counted from the ledger alone.
pub(in crate::sql) fn statement(db: &dyn Db, account: &Account, from: Timestamp, until: Timestamp) -> Result<Statement> {
    let name = account.to_string();
    let sql = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM entries WHERE account = ?1 AND booked_at < ?2";
    let opening = db.one(sql, params![&name, from.micros()], |row| row.value(0))?.unwrap_or_default();
    Ok(Statement { opening, lines: db.all(LINES, params![&name, from.micros(), until.micros()], line)? })
}

fn line(row: &Row) -> Result<StatementLine> {
    let lead: Option<LeadId> = row.value(3)?;
    Ok(StatementLine {
        booked_at: row.value(0)?,
        cause: row.value(1)?,
        sale: if lead.is_some() { Some(row.value(2)?) } else { None },
        movement: if lead.is_none() { Some(row.value(2)?) } else { None },
        lead,
        note: row.value(4)?,
        amount: row.value(5)?,
    })
}
