//! Sales, disclosures, returns.

use exchange::{
    id::{BuyerName, LeadId, SaleId},
    time::Timestamp,
};

use super::{
    super::{
        db::{Db, Param, Row, params},
        failure::{Failure, Result},
    },
    leads,
};
use crate::rows::{DisclosureRow, ReturnRow, SaleRow, UnknownRow};

const COLUMNS: &str = "SELECT id, lead, buyer, contract, parent, kind, status, test, price, net, buyer_ping, reference, void_cause, why, redirect_url,
    buyer_lead_reference, reserved_at, post_started_at, ended_at, confirmed, looks, look_at FROM sales";

pub(in crate::sql) fn sale(db: &dyn Db, sale: SaleId) -> Result<Option<SaleRow>> {
    Ok(select(db, "WHERE id = ?1", params![sale.bytes()])?.pop())
}

pub(in crate::sql) fn of_lead(db: &dyn Db, lead: LeadId) -> Result<Vec<SaleRow>> {
    select(db, "WHERE lead = ?1 ORDER BY reserved_at, id", params![lead.bytes()])
}

pub(in crate::sql) fn of_buyer(db: &dyn Db, buyer: &BuyerName, before: Option<Timestamp>, most: u32) -> Result<Vec<SaleRow>> {
    let before = before.map_or(i64::MAX, Timestamp::micros);
    select(db, "WHERE buyer = ?1 AND reserved_at < ?2 ORDER BY reserved_at DESC, id LIMIT ?3", params![buyer.as_str(), before, most])
}

pub(in crate::sql) fn unknown(db: &dyn Db) -> Result<Vec<SaleRow>> {
    select(db, "WHERE status = 'unknown' ORDER BY post_started_at, id", params![])
}

pub(in crate::sql) fn due_unknown(db: &dyn Db, now: Timestamp, most: u32) -> Result<Vec<UnknownRow>> {
    // So many of each buyer: a pile of one's hides no other's.
    let due = "WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY buyer ORDER BY look_at, id) AS place
        FROM sales WHERE status = 'unknown' AND look_at <= ?1) AS due WHERE place <= ?2) ORDER BY look_at, id";
    let due = select(db, due, params![now.micros(), most])?;
    due.into_iter().map(|sale| with_lead(db, now, sale)).collect()
}

pub(in crate::sql) fn open_post(db: &dyn Db, now: Timestamp, sale: SaleId) -> Result<Option<UnknownRow>> {
    let open = select(db, "WHERE id = ?1 AND status IN ('posted', 'unknown')", params![sale.bytes()])?.pop();
    open.map(|sale| with_lead(db, now, sale)).transpose()
}

fn with_lead(db: &dyn Db, now: Timestamp, sale: SaleRow) -> Result<UnknownRow> {
    let lead = leads::lead(db, sale.lead)?.ok_or(Failure::Broken("a sale has no lead"))?;
    Ok(UnknownRow { age: now.since(sale.post_started_at.unwrap_or(now)), sale, lead })
}

fn select(db: &dyn Db, which: &str, params: &[Param<'_>]) -> Result<Vec<SaleRow>> {
    db.all(&format!("{COLUMNS} {which}"), params, sale_row)
}

fn sale_row(row: &Row) -> Result<SaleRow> {
    Ok(SaleRow {
        sale: row.value(0)?,
        lead: row.value(1)?,
        buyer: row.value(2)?,
        contract: row.value(3)?,
        parent: row.value(4)?,
        kind: row.value(5)?,
        status: row.value(6)?,
        test: row.value(7)?,
        price: row.value(8)?,
        net: row.value(9)?,
        buyer_ping: row.value(10)?,
        reference: row.value(11)?,
        void_cause: row.value(12)?,
        why: row.value(13)?,
        redirect_url: row.value(14)?,
        buyer_lead_reference: row.value(15)?,
        reserved_at: row.value(16)?,
        post_started_at: row.value(17)?,
        ended_at: row.value(18)?,
        confirmed: row.value(19)?,
        looks: row.value(20)?,
        look_at: row.value(21)?,
    })
}

pub(in crate::sql) fn disclosures(db: &dyn Db, lead: LeadId) -> Result<Vec<DisclosureRow>> {
    let sql = "SELECT sale, lead, buyer, parent, started_at, outcome FROM disclosures WHERE lead = ?1 ORDER BY started_at, sale";
    db.all(sql, params![lead.bytes()], |row| {
        Ok(DisclosureRow {
            sale: row.value(0)?,
            lead: row.value(1)?,
            buyer: row.value(2)?,
            parent: row.value(3)?,
            started_at: row.value(4)?,
            outcome: row.value(5)?,
        })
    })
}

pub(in crate::sql) fn returns(db: &dyn Db, lead: LeadId) -> Result<Vec<ReturnRow>> {
    let sql = format!("{RETURNS} JOIN sales ON sales.id = returns.sale WHERE sales.lead = ?1 ORDER BY returns.requested_at, returns.sale");
    db.all(&sql, params![lead.bytes()], return_row)
}

/// Oldest first.
pub(in crate::sql) fn open_returns(db: &dyn Db, most: u32) -> Result<Vec<ReturnRow>> {
    let sql = format!("{RETURNS} WHERE returns.status = 'requested' ORDER BY returns.requested_at, returns.sale LIMIT ?1");
    db.all(&sql, params![most], return_row)
}

const RETURNS: &str = "SELECT returns.sale, returns.status, returns.reason, returns.note, returns.requested_at, returns.decided_at FROM returns";

fn return_row(row: &Row) -> Result<ReturnRow> {
    let note = if row.value::<Option<Vec<u8>>>(3)?.is_some() { Some(row.whole_part(3)?) } else { None };
    Ok(ReturnRow { sale: row.value(0)?, status: row.value(1)?, reason: row.value(2)?, note, requested_at: row.value(4)?, decided_at: row.value(5)? })
}
