//! Alerts: those that stand, those there were, and what is to be told of them.

use exchange::{
    alerts::{AlertKey, AlertMessage},
    time::Timestamp,
};

use super::super::{
    db::{Db, Row, params},
    failure::Result,
};
use crate::rows::{AlertRow, DueAlertRow};

const COLUMNS: &str = "kind, about, raised_at, says, cleared_at";

/// Newest first.
pub(in crate::sql) fn standing(db: &dyn Db) -> Result<Vec<AlertRow>> {
    db.all(&format!("SELECT {COLUMNS} FROM alerts WHERE cleared_at IS NULL ORDER BY raised_at DESC, kind, about"), params![], alert_row)
}

/// Those that were cleared, newest first.
pub(in crate::sql) fn cleared(db: &dyn Db, most: u32) -> Result<Vec<AlertRow>> {
    let sql = format!("SELECT {COLUMNS} FROM alerts WHERE cleared_at IS NOT NULL ORDER BY raised_at DESC, kind, about LIMIT ?1");
    db.all(&sql, params![most], alert_row)
}

pub(in crate::sql) fn due(db: &dyn Db, now: Timestamp, most: u32) -> Result<Vec<DueAlertRow>> {
    let sql = "SELECT alerts.kind, alerts.about, alerts.raised_at, alerts.says, alerts.cleared_at, alert_messages.change, alert_messages.way
        FROM alert_messages JOIN alerts ON alerts.kind = alert_messages.kind AND alerts.about = alert_messages.about AND alerts.raised_at = alert_messages.raised_at
        WHERE alert_messages.state = 'waiting' AND alert_messages.due_at <= ?1 ORDER BY alert_messages.due_at, alerts.kind, alerts.about LIMIT ?2";
    db.all(sql, params![now.micros(), most], |row| {
        let alert = alert_row(row)?;
        let message = AlertMessage { key: alert.key.clone(), raised_at: alert.raised_at, change: row.value(5)?, way: row.value(6)? };
        Ok(DueAlertRow { alert, message })
    })
}

fn alert_row(row: &Row) -> Result<AlertRow> {
    let key = AlertKey { kind: row.value(0)?, about: row.value(1)? };
    Ok(AlertRow { key, raised_at: row.value(2)?, says: row.value(3)?, cleared_at: row.value(4)? })
}
