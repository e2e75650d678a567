//! Leads, and those whose run was cut off.

use exchange::{
    id::{LeadId, PingId},
    time::Timestamp,
};
use rusqlite::{Connection, Params, Row, params};

use super::{
    super::{column::Columns, failure::Result, query::Query},
    sales,
};
use crate::rows::{LeadRow, UnfinishedLead};

const COLUMNS: &str = "SELECT id, supplier, vertical, revision, test, ping, quoted, status, net, reason, redirect_url, duplicate_of, own_duplicate_of,
    attributes, fence, accepted_at, lease_until, ended_at, erased_at FROM leads";

pub(in crate::sqlite) fn lead(db: &Connection, lead: LeadId) -> Result<Option<LeadRow>> {
    Ok(select(db, "WHERE id = ?1", [lead.bytes()])?.pop())
}

pub(in crate::sqlite) fn lead_of_ping(db: &Connection, ping: PingId) -> Result<Option<LeadId>> {
    Ok(db.one("SELECT lead FROM quotes WHERE ping = ?1", [ping.bytes()], |row| row.optional(0))?.flatten())
}

pub(in crate::sqlite) fn leads(db: &Connection, before: Option<Timestamp>, most: u32) -> Result<Vec<LeadRow>> {
    let before = before.map_or(i64::MAX, Timestamp::micros);
    select(db, "WHERE accepted_at < ?1 ORDER BY accepted_at DESC, id LIMIT ?2", params![before, most])
}

pub(in crate::sqlite) fn unfinished(db: &Connection, lease_over_by: Option<Timestamp>) -> Result<Vec<UnfinishedLead>> {
    let by = lease_over_by.map_or(i64::MAX, Timestamp::micros);
    let leads = select(db, "WHERE lease_until IS NOT NULL AND lease_until <= ?1 ORDER BY accepted_at, id", [by])?;
    leads.into_iter().map(|lead| Ok(UnfinishedLead { sales: sales::of_lead(db, lead.lead)?, lead })).collect()
}

fn select(db: &Connection, which: &str, params: impl Params) -> Result<Vec<LeadRow>> {
    let mut leads = db.all(&format!("{COLUMNS} {which}"), params, lead_row)?;
    for lead in &mut leads {
        let sql = "SELECT net FROM sales WHERE lead = ?1 AND status IN ('sold', 'returned') ORDER BY reserved_at, id";
        lead.legs = db.all(sql, [lead.lead.bytes()], |row| row.value(0))?;
    }
    Ok(leads)
}

fn lead_row(row: &Row<'_>) -> rusqlite::Result<LeadRow> {
    Ok(LeadRow {
        lead: row.value("id")?,
        supplier: row.value("supplier")?,
        vertical: row.value("vertical")?,
        revision: row.value("revision")?,
        test: row.get("test")?,
        ping: row.optional("ping")?,
        quoted: row.get("quoted")?,
        status: row.value("status")?,
        net: row.value("net")?,
        legs: Vec::new(),
        reason: row.get("reason")?,
        redirect_url: row.get("redirect_url")?,
        duplicate_of: row.optional("duplicate_of")?,
        own_duplicate_of: row.optional("own_duplicate_of")?,
        attributes: row.packed("attributes")?,
        fence: row.value("fence")?,
        accepted_at: row.value("accepted_at")?,
        lease_until: row.optional("lease_until")?,
        ended_at: row.optional("ended_at")?,
        erased_at: row.optional("erased_at")?,
    })
}
