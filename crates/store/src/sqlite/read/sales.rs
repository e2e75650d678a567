//! Sales, disclosures, returns.

use exchange::{
    id::{BuyerName, LeadId, SaleId},
    time::Timestamp,
};
use rusqlite::{Connection, Params, Row, params};

use super::super::{column::Columns, failure::Result, query::Query};
use crate::rows::{DisclosureRow, ReturnRow, SaleRow};

const COLUMNS: &str = "SELECT id, lead, buyer, contract, parent, kind, status, test, price, net, buyer_ping, reference, void_cause, why, redirect_url,
    buyer_lead_reference, reserved_at, post_started_at, ended_at FROM sales";

pub(in crate::sqlite) fn sale(db: &Connection, sale: SaleId) -> Result<Option<SaleRow>> {
    Ok(select(db, "WHERE id = ?1", [sale.bytes()])?.pop())
}

pub(in crate::sqlite) fn of_lead(db: &Connection, lead: LeadId) -> Result<Vec<SaleRow>> {
    select(db, "WHERE lead = ?1 ORDER BY reserved_at, id", [lead.bytes()])
}

pub(in crate::sqlite) fn of_buyer(db: &Connection, buyer: &BuyerName, before: Option<Timestamp>, most: u32) -> Result<Vec<SaleRow>> {
    let before = before.map_or(i64::MAX, Timestamp::micros);
    select(db, "WHERE buyer = ?1 AND reserved_at < ?2 ORDER BY reserved_at DESC, id LIMIT ?3", params![buyer.as_str(), before, most])
}

pub(in crate::sqlite) fn unknown(db: &Connection) -> Result<Vec<SaleRow>> {
    select(db, "WHERE status = 'unknown' ORDER BY post_started_at, id", [])
}

fn select(db: &Connection, which: &str, params: impl Params) -> Result<Vec<SaleRow>> {
    db.all(&format!("{COLUMNS} {which}"), params, sale_row)
}

fn sale_row(row: &Row<'_>) -> rusqlite::Result<SaleRow> {
    Ok(SaleRow {
        sale: row.value("id")?,
        lead: row.value("lead")?,
        buyer: row.value("buyer")?,
        contract: row.value("contract")?,
        parent: row.value("parent")?,
        kind: row.value("kind")?,
        status: row.value("status")?,
        test: row.get("test")?,
        price: row.value("price")?,
        net: row.value("net")?,
        buyer_ping: row.value("buyer_ping")?,
        reference: row.get("reference")?,
        void_cause: row.get("void_cause")?,
        why: row.get("why")?,
        redirect_url: row.get("redirect_url")?,
        buyer_lead_reference: row.get("buyer_lead_reference")?,
        reserved_at: row.value("reserved_at")?,
        post_started_at: row.optional("post_started_at")?,
        ended_at: row.optional("ended_at")?,
    })
}

pub(in crate::sqlite) fn disclosures(db: &Connection, lead: LeadId) -> Result<Vec<DisclosureRow>> {
    let sql = "SELECT sale, lead, buyer, parent, started_at, outcome FROM disclosures WHERE lead = ?1 ORDER BY started_at, sale";
    db.all(sql, [lead.bytes()], |row| {
        Ok(DisclosureRow {
            sale: row.value(0)?,
            lead: row.value(1)?,
            buyer: row.value(2)?,
            parent: row.value(3)?,
            started_at: row.value(4)?,
            outcome: row.get(5)?,
        })
    })
}

pub(in crate::sqlite) fn returns(db: &Connection, lead: LeadId) -> Result<Vec<ReturnRow>> {
    let sql = "SELECT returns.sale, returns.status, returns.reason, returns.requested_at, returns.decided_at
        FROM sales JOIN returns ON returns.sale = sales.id WHERE sales.lead = ?1 ORDER BY returns.requested_at, returns.sale";
    db.all(sql, [lead.bytes()], |row| {
        Ok(ReturnRow { sale: row.value(0)?, status: row.value(1)?, reason: row.get(2)?, requested_at: row.value(3)?, decided_at: row.optional(4)? })
    })
}
