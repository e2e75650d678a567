//! Leads, and those whose run was cut off.

use exchange::{
    id::{LeadId, PingId},
    time::Timestamp,
};

use super::super::{
    db::{Db, Param, Row, params},
    failure::Result,
};
use crate::rows::LeadRow;

const COLUMNS: &str = "SELECT id, supplier, vertical, revision, test, ping, quoted, status, net, reason, redirect_url, duplicate_of, own_duplicate_of,
    attributes, fence, accepted_at, lease_until, ended_at, erased_at FROM leads";

pub(in crate::sql) fn lead(db: &dyn Db, lead: LeadId) -> Result<Option<LeadRow>> {
    Ok(select(db, "WHERE id = ?1", params![lead.bytes()])?.pop())
}

pub(in crate::sql) fn lead_of_ping(db: &dyn Db, ping: PingId) -> Result<Option<LeadId>> {
    Ok(db.one("SELECT lead FROM quotes WHERE ping = ?1", params![ping.bytes()], |row| row.value(0))?.flatten())
}

pub(in crate::sql) fn leads(db: &dyn Db, before: Option<Timestamp>, most: u32) -> Result<Vec<LeadRow>> {
    let before = before.map_or(i64::MAX, Timestamp::micros);
    select(db, "WHERE accepted_at < ?1 ORDER BY accepted_at DESC, id LIMIT ?2", params![before, most])
}

/// The other side of `LeadState::is_alive`.
pub(in crate::sql) fn lapsed(db: &dyn Db, now: Timestamp, most: u32) -> Result<Vec<LeadId>> {
    let sql = "SELECT leads.id FROM leads LEFT JOIN nodes ON nodes.id = leads.node AND nodes.lives_until > ?1
        WHERE leads.lease_until IS NOT NULL AND (leads.lease_until <= ?1 OR nodes.id IS NULL) ORDER BY leads.lease_until, leads.id LIMIT ?2";
    db.all(sql, params![now.micros(), most], |row| row.value(0))
}

fn select(db: &dyn Db, which: &str, params: &[Param<'_>]) -> Result<Vec<LeadRow>> {
    let mut leads = db.all(&format!("{COLUMNS} {which}"), params, lead_row)?;
    for lead in &mut leads {
        let sql = "SELECT net FROM sales WHERE lead = ?1 AND status = 'sold' ORDER BY reserved_at, id";
        lead.legs = db.all(sql, params![lead.lead.bytes()], |row| row.value(0))?;
    }
    Ok(leads)
}

fn lead_row(row: &Row) -> Result<LeadRow> {
    Ok(LeadRow {
        lead: row.value(0)?,
        supplier: row.value(1)?,
        vertical: row.value(2)?,
        revision: row.value(3)?,
        test: row.value(4)?,
        ping: row.value(5)?,
        quoted: row.value(6)?,
        status: row.value(7)?,
        net: row.value(8)?,
        legs: Vec::new(),
        reason: row.value(9)?,
        redirect_url: row.value(10)?,
        duplicate_of: row.value(11)?,
        own_duplicate_of: row.value(12)?,
        attributes: row.packed(13)?,
        fence: row.value(14)?,
        accepted_at: row.value(15)?,
        lease_until: row.value(16)?,
        ended_at: row.value(17)?,
        erased_at: row.value(18)?,
    })
}
