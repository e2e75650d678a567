//! Suppress: people whom the contracts with this list, or nobody on the exchange, may be offered.

use exchange::{command::Outcome, id::ListName, seal::PersonMac};

use super::super::{
    batch::{Batch, Pending},
    db::params,
    failure::Result,
};

pub(super) fn suppress(batch: &Batch<'_>, list: &ListName, people: &[PersonMac]) -> Result<Pending> {
    let mut added = 0;
    for person in people {
        let sql = "INSERT INTO suppressed (list, mac, added_at) VALUES (?1, ?2, ?3) ON CONFLICT (list, mac) DO NOTHING";
        added += batch.db.change(sql, params![list.as_str(), &person.0, batch.now.micros()])?;
    }
    Ok(Pending::Ready(Outcome::Suppressed { added }))
}
