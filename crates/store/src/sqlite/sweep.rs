//! The housekeeping that every batch starts with. Bounded: a pile of old rows is worked off over several batches.

use exchange::id::PingId;
use rusqlite::params;

use super::{batch::Batch, column::Columns, failure::Result, query::Query, quote_holds};
use crate::policy::{IDEMPOTENCY_KEYS_KEPT, SWEPT_PER_BATCH, WINDOWS_KEPT};

pub(super) fn sweep(batch: &Batch<'_>) -> Result<()> {
    release_expired_quotes(batch)?;
    forget_idempotency_keys(batch)?;
    forget_windows(batch)
}

/// Open quotes that nobody posted in time. One that was posted keeps its holds until its lead's run ends.
fn release_expired_quotes(batch: &Batch<'_>) -> Result<()> {
    let sql = "SELECT ping FROM quotes WHERE holding = 1 AND lead IS NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
    let expired = batch.db.all(sql, params![batch.now.micros(), SWEPT_PER_BATCH], |row| row.value::<PingId>(0))?;
    expired.into_iter().try_for_each(|ping| quote_holds::release(batch, ping))
}

fn forget_idempotency_keys(batch: &Batch<'_>) -> Result<()> {
    let sql = "DELETE FROM idempotency_keys WHERE (supplier, key) IN (SELECT supplier, key FROM idempotency_keys WHERE used_at <= ?1 LIMIT ?2)";
    batch.db.change(sql, params![batch.now.minus(IDEMPOTENCY_KEYS_KEPT).micros(), SWEPT_PER_BATCH])?;
    Ok(())
}

fn forget_windows(batch: &Batch<'_>) -> Result<()> {
    let sql = "DELETE FROM cap_usage WHERE (contract, period, window_start) IN
        (SELECT contract, period, window_start FROM cap_usage WHERE window_end <= ?1 LIMIT ?2)";
    batch.db.change(sql, params![batch.now.minus(WINDOWS_KEPT).micros(), SWEPT_PER_BATCH])?;
    Ok(())
}
