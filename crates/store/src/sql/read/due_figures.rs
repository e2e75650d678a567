//! What is to be kept of figures now.

use exchange::{
    figures::{KeepFigures, Quarter, QuarterFigures},
    time::Timestamp,
};

use super::{
    super::{
        db::{Db, params},
        failure::Result,
    },
    accounts, figures,
    kept_until::kept_until,
};
use crate::{
    policy::{FIGURES_SETTLE, QUARTERS_AT_ONCE},
    rows::BookedRow,
};

/// What is over and isn't kept yet, or is kept and isn't over: clocks went back. None where everything is as it should be.
pub(in crate::sql) fn due(db: &dyn Db, now: Timestamp) -> Result<Option<KeepFigures>> {
    let from = kept_until(db)?;
    if let Some(from) = from.filter(|from| *from > Quarter::of(now)) {
        return Ok(Some(KeepFigures { from: Some(from), until: Quarter::of(now), rows: Vec::new(), accounts: Vec::new() }));
    }
    let over = Quarter::of(now.minus(FIGURES_SETTLE));
    let first = match from {
        Some(from) => from,
        None => first_counted(db)?.unwrap_or(over).min(over),
    };
    let until = over.min(Quarter::of(first.start().plus(Quarter::LENGTH * QUARTERS_AT_ONCE)));
    if from.is_some_and(|from| until <= from) {
        return Ok(None);
    }
    let of_row = |row: BookedRow| QuarterFigures { quarter: Quarter::of(row.start), vertical: row.vertical, booked: row.booked };
    let rows = figures::counted(db, first.start(), until.start(), Quarter::LENGTH)?.into_iter().map(of_row).collect();
    let accounts = accounts::counted(db, first.start(), until.start())?;
    Ok(Some(KeepFigures { from, until, rows, accounts }))
}

fn first_counted(db: &dyn Db) -> Result<Option<Quarter>> {
    let first = |sql: &str| db.one(sql, params![], |row| row.value::<Option<Timestamp>>(0)).map(Option::flatten);
    let lead = first("SELECT min(accepted_at) FROM leads")?;
    let transfer = first("SELECT min(booked_at) FROM transfers")?;
    Ok([lead, transfer].into_iter().flatten().min().map(Quarter::of))
}
