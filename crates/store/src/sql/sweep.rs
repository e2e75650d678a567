//! Housekeeping, bounded: a pile of old rows is worked off over several batches.

use exchange::{alerts::AlertKey, id::PingId, person::SESSION_IDLE, time::Timestamp};

use super::{
    batch::Batch,
    db::{Db, params},
    failure::Result,
    quote_holds,
};
use crate::policy::{ALERTS_KEPT, FORGOTTEN_PER_SWEEP, IDEMPOTENCY_KEYS_KEPT, TALLIES_KEPT, WINDOWS_KEPT};

/// Open quotes with holds that nobody posted in time. One that was posted keeps its holds until its lead's run ends.
pub(crate) fn expired_quotes(db: &dyn Db, now: Timestamp) -> Result<Vec<PingId>> {
    // So many at most, that no batch is held up by a pile of them. A limit that is a parameter has SQLite plan the statement anew each time.
    let sql = "SELECT ping FROM quotes WHERE holding AND lead IS NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT 256";
    db.all(sql, params![now.micros()], |row| row.value(0))
}

/// Releases what such a quote holds, if it is still one.
pub(super) fn release(batch: &Batch<'_>, ping: PingId) -> Result<()> {
    let sql = "SELECT 1 FROM quotes WHERE ping = ?1 AND holding AND lead IS NULL AND expires_at <= ?2";
    if batch.db.exists(sql, params![ping.bytes(), batch.now.micros()])? { quote_holds::release(batch, ping) } else { Ok(()) }
}

/// Forgets what answers nothing any more.
pub(super) fn forget(batch: &Batch<'_>) -> Result<()> {
    let sql = "DELETE FROM idempotency_keys WHERE (supplier, key) IN
        (SELECT supplier, key FROM idempotency_keys WHERE used_at <= ?1 ORDER BY used_at LIMIT ?2) AND used_at <= ?1";
    batch.db.write(sql, params![batch.now.minus(IDEMPOTENCY_KEYS_KEPT).micros(), FORGOTTEN_PER_SWEEP])?;
    let sql = "DELETE FROM cap_usage WHERE (contract, period, window_start) IN
        (SELECT contract, period, window_start FROM cap_usage WHERE window_end <= ?1 ORDER BY window_end LIMIT ?2) AND window_end <= ?1";
    batch.db.write(sql, params![batch.now.minus(WINDOWS_KEPT).micros(), FORGOTTEN_PER_SWEEP])?;
    let sql = "DELETE FROM tallies WHERE (start, kind, name, node) IN
        (SELECT start, kind, name, node FROM tallies WHERE start <= ?1 ORDER BY start LIMIT ?2) AND start <= ?1";
    batch.db.write(sql, params![batch.now.minus(TALLIES_KEPT).micros(), FORGOTTEN_PER_SWEEP])?;
    forget_alerts(batch)?;
    // There are at most some thousands of either: people times what each may have.
    batch.db.write("DELETE FROM console_sessions WHERE ends_at <= ?1 OR seen_at <= ?2", params![batch.now.micros(), batch.now.minus(SESSION_IDLE).micros()])?;
    batch.db.write("DELETE FROM console_links WHERE ends_at <= ?1", params![batch.now.micros()])
}

/// One that stands stays, however old; so does one of which somebody is still to be told.
fn forget_alerts(batch: &Batch<'_>) -> Result<()> {
    let sql = "SELECT kind, about, raised_at FROM alerts WHERE raised_at <= ?1 AND cleared_at <= ?1 AND NOT EXISTS
        (SELECT 1 FROM alert_messages WHERE alert_messages.kind = alerts.kind AND alert_messages.about = alerts.about
            AND alert_messages.raised_at = alerts.raised_at AND alert_messages.state = 'waiting')
        ORDER BY raised_at LIMIT 256";
    let over = batch.db.all(sql, params![batch.now.minus(ALERTS_KEPT).micros()], |row| {
        Ok((AlertKey { kind: row.value(0)?, about: row.value(1)? }, row.value::<Timestamp>(2)?))
    })?;
    for (key, raised_at) in &over {
        for table in ["alert_messages", "alerts"] {
            let sql = format!("DELETE FROM {table} WHERE kind = ?1 AND about = ?2 AND raised_at = ?3");
            batch.db.write(&sql, params![key.kind.word(), &key.about, raised_at.micros()])?;
        }
    }
    Ok(())
}
