//! Suppress: people whom the contracts with this list, or nobody on the exchange, may be offered.

use exchange::{command::Outcome, id::ListName, seal::PersonMac};
use rusqlite::params;

use super::super::{
    batch::{Batch, Pending},
    failure::Result,
    query::Query,
};

pub(super) fn suppress(batch: &Batch<'_>, list: &ListName, people: &[PersonMac]) -> Result<Pending> {
    let mut added = 0;
    for person in people {
        let sql = "INSERT OR IGNORE INTO suppressed (list, mac, added_at) VALUES (?1, ?2, ?3)";
        added += batch.db.change(sql, params![list.as_str(), person.0, batch.now.micros()])? as u64;
    }
    Ok(Pending::Ready(Outcome::Suppressed { added }))
}
