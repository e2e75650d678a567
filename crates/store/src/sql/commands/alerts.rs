//! Keep, of alerts: who watches, what stands, and who was told.

use exchange::{
    alerts::{AlertChange, AlertKey, AlertMessage, KeepAlertTry, KeepAlerts, KeepWatch},
    notice::{TryResult, back_off},
    time::Timestamp,
};

use super::super::{
    batch::{Batch, Pending},
    db::params,
    failure::Result,
};
use crate::policy::ALERTS_TRIED_FOR;

/// The watch goes to whoever asks first once its holder has been silent.
pub(super) fn watch(batch: &Batch<'_>, watch: &KeepWatch) -> Result<Pending> {
    let sql = "INSERT INTO alert_watch (one, node, until) VALUES (1, ?1, ?2)
        ON CONFLICT (one) DO UPDATE SET node = excluded.node, until = excluded.until WHERE alert_watch.node = excluded.node OR alert_watch.until <= ?3";
    let taken = batch.db.change(sql, params![watch.node.bytes(), batch.now.plus(watch.lives).micros(), batch.now.micros()])?;
    Ok(if taken == 1 { Pending::done() } else { Pending::conflict("another node watches") })
}

pub(super) fn keep(batch: &Batch<'_>, alerts: &KeepAlerts) -> Result<Pending> {
    if !batch.db.exists("SELECT 1 FROM alert_watch WHERE node = ?1 AND until > ?2", params![alerts.node.bytes(), batch.now.micros()])? {
        return Ok(Pending::conflict("another node watches"));
    }
    let now = batch.now.micros();
    for (key, says) in &alerts.changes.raise {
        if standing(batch, key)?.is_none() {
            let sql = "INSERT INTO alerts (kind, about, raised_at, says) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, about, raised_at) DO NOTHING";
            if batch.db.change(sql, params![key.kind.word(), &key.about, now, says])? == 1 {
                tell(batch, alerts, key, (batch.now, AlertChange::Raised))?;
            }
        }
    }
    for key in &alerts.changes.clear {
        if let Some(raised_at) = standing(batch, key)? {
            let sql = "UPDATE alerts SET cleared_at = ?4 WHERE kind = ?1 AND about = ?2 AND raised_at = ?3";
            batch.db.write(sql, params![key.kind.word(), &key.about, raised_at.micros(), now])?;
            tell(batch, alerts, key, (raised_at, AlertChange::Cleared))?;
        }
    }
    Ok(Pending::done())
}

/// Since when it stands.
fn standing(batch: &Batch<'_>, key: &AlertKey) -> Result<Option<Timestamp>> {
    let sql = "SELECT raised_at FROM alerts WHERE kind = ?1 AND about = ?2 AND cleared_at IS NULL";
    batch.db.one(sql, params![key.kind.word(), &key.about], |row| row.value(0))
}

fn tell(batch: &Batch<'_>, alerts: &KeepAlerts, key: &AlertKey, (raised_at, change): (Timestamp, AlertChange)) -> Result<()> {
    let sql =
        "INSERT INTO alert_messages (kind, about, raised_at, change, way, changed_at, state, tries, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?6)";
    for way in &alerts.ways {
        batch.db.write(sql, params![key.kind.word(), &key.about, raised_at.micros(), change.word(), way.word(), batch.now.micros()])?;
    }
    Ok(())
}

/// What is tried in vain is tried again for three days.
pub(super) fn note_try(batch: &Batch<'_>, noted: &KeepAlertTry) -> Result<Pending> {
    let AlertMessage { key, raised_at, change, way } = &noted.message;
    let which = "kind = ?1 AND about = ?2 AND raised_at = ?3 AND change = ?4 AND way = ?5 AND state = 'waiting'";
    let named = params![key.kind.word(), &key.about, raised_at.micros(), change.word(), way.word()];
    let found = batch
        .db
        .one(&format!("SELECT tries, changed_at FROM alert_messages WHERE {which}"), named, |row| Ok((row.value::<u32>(0)?, row.value::<Timestamp>(1)?)))?;
    let Some((tries, changed_at)) = found else { return Ok(Pending::conflict("it waits no more")) };
    let (state, failure) = match &noted.result {
        TryResult::Delivered => ("delivered", None),
        TryResult::Unwanted => ("unwanted", None),
        TryResult::Failed(why) if batch.now.since(changed_at) >= ALERTS_TRIED_FOR => ("given_up", Some(why)),
        TryResult::Failed(why) => ("waiting", Some(why)),
    };
    let due_at = (state == "waiting").then(|| batch.now.plus(back_off(tries)).micros());
    let sql = format!("UPDATE alert_messages SET state = ?6, tries = tries + 1, due_at = ?7, failure = ?8 WHERE {which}");
    batch.db.write(&sql, params![key.kind.word(), &key.about, raised_at.micros(), change.word(), way.word(), state, due_at, failure])?;
    Ok(Pending::done())
}
