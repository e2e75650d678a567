//! Figures of a period: what is kept of the quarters of an hour that are over, and the rest counted from leads and ledger.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    figures::{Auctions, Booked, BuyerCounts, Quarter},
    id::{BuyerName, VerticalName},
    money::Money,
    time::Timestamp,
};

use super::{
    super::{
        db::{Db, Row, params},
        failure::{Failure, Result},
    },
    kept_until::kept_until,
};
use crate::rows::{BookedRow, Tallies};

/// By step and vertical: `step` long each, counted from 1970. What begins before `from` or ends after `until` is of the period's part alone.
pub(in crate::sql) fn counted(db: &dyn Db, from: Timestamp, until: Timestamp, step: Duration) -> Result<Vec<BookedRow>> {
    let mut found = Counted { rows: BTreeMap::new(), step: i64::try_from(step.as_micros()).map_err(|_| Failure::Column)? };
    if from >= until {
        return Ok(Vec::new());
    }
    let period = params![from.micros(), until.micros(), found.step];
    let sql = "SELECT accepted_at / ?3, vertical, count(*) FROM leads WHERE accepted_at >= ?1 AND accepted_at < ?2 AND NOT test GROUP BY 1, 2";
    for row in db.rows(sql, period)? {
        found.of(&row)?.received += row.value::<u64>(2)?;
    }
    // What has a lead is a sale or a return, and a lead is sold by its first sale. No cause is asked for by its name: there is an index
    // that begins with it, of no use here.
    let sql = "SELECT transfers.booked_at / ?3, leads.vertical, transfers.cause, count(*), CAST(sum(CASE WHEN EXISTS (
            SELECT 1 FROM transfers AS earlier WHERE earlier.lead = transfers.lead AND earlier.cause <> 'return'
            AND (earlier.booked_at < transfers.booked_at OR (earlier.booked_at = transfers.booked_at AND earlier.id < transfers.id))
        ) THEN 0 ELSE 1 END) AS BIGINT)
        FROM transfers JOIN leads ON leads.id = transfers.lead
        WHERE transfers.booked_at >= ?1 AND transfers.booked_at < ?2 GROUP BY 1, 2, 3";
    for row in db.rows(sql, period)? {
        let booked = found.of(&row)?;
        match row.value::<String>(2)?.as_str() {
            "sale" => {
                booked.sales += row.value::<u64>(3)?;
                booked.sold += row.value::<u64>(4)?;
            }
            _ => booked.returns += row.value::<u64>(3)?,
        }
    }
    let sql = "SELECT transfers.booked_at / ?3, leads.vertical, transfers.cause, substr(entries.account, 1, 6), CAST(sum(entries.amount) AS BIGINT)
        FROM transfers JOIN leads ON leads.id = transfers.lead JOIN entries ON entries.cause = transfers.cause AND entries.transfer = transfers.id
        WHERE transfers.booked_at >= ?1 AND transfers.booked_at < ?2 GROUP BY 1, 2, 3, 4";
    for row in db.rows(sql, period)? {
        let amount = row.value::<Money>(4)?;
        let (cause, account) = (row.value::<String>(2)?, row.value::<String>(3)?);
        let booked = found.of(&row)?;
        match account.as_str() {
            "buyer:" => {
                booked.revenue += -amount;
                if cause == "return" {
                    booked.returned += amount;
                }
            }
            "suppli" => booked.payout += amount,
            _ => booked.margin += amount,
        }
    }
    Ok(found.rows.into_iter().map(|((start, vertical), booked)| BookedRow { start, vertical, booked }).collect())
}

struct Counted {
    rows: BTreeMap<(Timestamp, VerticalName), Booked>,
    step: i64,
}

impl Counted {
    fn of(&mut self, row: &Row) -> Result<&mut Booked> {
        let start = Timestamp::from_micros(row.value::<i64>(0)? * self.step);
        Ok(self.rows.entry((start, row.value(1)?)).or_default())
    }
}

/// By quarter of an hour and vertical.
pub(in crate::sql) fn figures(db: &dyn Db, from: Timestamp, until: Timestamp) -> Result<Vec<BookedRow>> {
    let first = Quarter::from(from);
    let kept_until = kept_until(db)?.unwrap_or(first).min(Quarter::of(until)).max(first);
    if kept_until == first {
        return counted(db, from, until, Quarter::LENGTH);
    }
    let mut rows = counted(db, from, first.start(), Quarter::LENGTH)?;
    rows.extend(kept(db, first, kept_until)?);
    rows.extend(counted(db, kept_until.start(), until, Quarter::LENGTH)?);
    Ok(rows)
}

pub(in crate::sql) fn kept(db: &dyn Db, from: Quarter, until: Quarter) -> Result<Vec<BookedRow>> {
    let sql = "SELECT start, vertical, received, sold, sales, revenue, payout, margin, returns, returned FROM quarter_figures
        WHERE start >= ?1 AND start < ?2 ORDER BY start, vertical";
    db.all(sql, params![from.start().micros(), until.start().micros()], |row| {
        let booked = Booked {
            received: row.value(2)?,
            sold: row.value(3)?,
            sales: row.value(4)?,
            revenue: row.value(5)?,
            payout: row.value(6)?,
            margin: row.value(7)?,
            returns: row.value(8)?,
            returned: row.value(9)?,
        };
        Ok(BookedRow { start: row.value(0)?, vertical: row.value(1)?, booked })
    })
}

/// What nodes counted in the quarters that overlap with the period.
pub(in crate::sql) fn tallies(db: &dyn Db, from: Timestamp, until: Timestamp) -> Result<Tallies> {
    let mut tallies = Tallies::default();
    let sql = "SELECT start, kind, name, counts FROM tallies WHERE start >= ?1 AND start < ?2 ORDER BY start";
    for row in db.rows(sql, params![Quarter::of(from).start().micros(), until.micros()])? {
        let quarter = Quarter::of(row.value(0)?);
        match row.value::<String>(1)?.as_str() {
            "vertical" => *tallies.verticals.entry((quarter, row.value::<VerticalName>(2)?)).or_default() += &row.packed::<Auctions>(3)?,
            _ => *tallies.buyers.entry((quarter, row.value::<BuyerName>(2)?)).or_default() += &row.packed::<BuyerCounts>(3)?,
        }
    }
    Ok(tallies)
}
