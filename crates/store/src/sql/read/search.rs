//! Leads that are looked for, newest first. Ids of leads sort by time, so every way to them ends in an id.

use std::{fmt::Write, time::Duration};

use exchange::{command::LeadStatus, id::LeadId, time::Timestamp};

use super::super::{
    db::{Db, Param, Row, params},
    failure::Result,
};
use crate::search::{LeadFilter, ListedLead, ListedSale, Named};

/// The clock in an id is its node's own, when the request came; a lead is taken on a little later, by the store's.
const CLOCKS_APART: Duration = Duration::from_secs(3600);

/// A person or a reference has no more leads than this that matter.
const MOST_NAMED: u32 = 1000;

pub(in crate::sql) fn find(db: &dyn Db, filter: &LeadFilter, before: Option<LeadId>, most: u32) -> Result<Vec<ListedLead>> {
    let Some(named) = &filter.named else {
        return ids(db, filter, before, most)?.into_iter().filter_map(|lead| listed(db, lead).transpose()).collect();
    };
    let mut found = named_ids(db, named)?;
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    let older = found.into_iter().filter(|lead| before.is_none_or(|before| *lead < before));
    let leads = older.filter_map(|lead| listed(db, lead).transpose()).filter(|lead| lead.as_ref().map_or(true, |lead| filter.takes(lead)));
    leads.take(most as usize).collect()
}

fn named_ids(db: &dyn Db, named: &Named) -> Result<Vec<LeadId>> {
    let id = |row: &Row| row.value(0);
    match named {
        Named::Lead(lead) => Ok(vec![*lead]),
        Named::BuyerPing(ping) => db.all("SELECT lead FROM sales WHERE buyer_ping = ?1 ORDER BY lead DESC LIMIT ?2", params![ping.bytes(), MOST_NAMED], id),
        Named::Person(person) => db.all("SELECT lead FROM people WHERE mac = ?1 ORDER BY lead DESC LIMIT ?2", params![&person.0, MOST_NAMED], id),
        Named::Reference { text, kept_key } => {
            let mut found = Vec::new();
            for column in ["reference", "buyer_lead_reference"] {
                let sql = format!("SELECT lead FROM sales WHERE {column} = ?1 ORDER BY lead DESC LIMIT ?2");
                found.extend(db.all(&sql, params![text, MOST_NAMED], id)?);
            }
            // A key is found by its supplier and itself: each supplier that has used one is tried.
            let sql = "WITH RECURSIVE suppliers (name) AS (
                    SELECT min(supplier) FROM idempotency_keys
                    UNION ALL SELECT (SELECT min(supplier) FROM idempotency_keys WHERE supplier > name) FROM suppliers WHERE name IS NOT NULL)
                SELECT coalesce(keys.lead, quotes.lead) FROM suppliers JOIN idempotency_keys AS keys ON keys.supplier = suppliers.name AND keys.key = ?1
                LEFT JOIN quotes ON quotes.ping = keys.ping WHERE coalesce(keys.lead, quotes.lead) IS NOT NULL";
            found.extend(db.all(sql, params![kept_key], id)?);
            Ok(found)
        }
    }
}

/// What narrows the search, as the words after WHERE.
#[derive(Default)]
struct Narrowed<'a> {
    conditions: String,
    params: Vec<Param<'a>>,
}

impl<'a> Narrowed<'a> {
    /// `?` stands for the value.
    fn by(&mut self, condition: &str, value: impl Into<Param<'a>>) {
        self.params.push(value.into());
        let joined = if self.conditions.is_empty() { "" } else { " AND " };
        // Writing to a text can't fail.
        let _ = write!(self.conditions, "{joined}{}", condition.replace('?', &format!("?{}", self.params.len())));
    }
}

fn ids(db: &dyn Db, filter: &LeadFilter, before: Option<LeadId>, most: u32) -> Result<Vec<LeadId>> {
    let buying = filter.buying();
    let id = if buying.is_some() { "sales.lead" } else { "leads.id" };
    let mut narrowed = Narrowed::default();
    let newest = before.map_or([0xFF; 16], |before| *before.bytes());
    narrowed.by(&format!("{id} < ?"), newest.to_vec());
    if let Some(buyer) = buying {
        narrowed.by("sales.buyer = ?", buyer.as_str());
    }
    if let Some(contract) = &filter.contract {
        narrowed.by("sales.contract = ?", contract.to_string());
    }
    if let Some(supplier) = &filter.supplier {
        narrowed.by("leads.supplier = ?", supplier.as_str());
    }
    if let Some(vertical) = &filter.vertical {
        narrowed.by("leads.vertical = ?", vertical.as_str());
    }
    if let Some(status) = filter.status {
        narrowed.by(&format!("{}leads.status = ?", of_index(status)), status.word());
    }
    if let Some(test) = filter.test {
        narrowed.by("leads.test = ?", test);
    }
    if let Some(from) = filter.from {
        narrowed.by(&format!("{id} >= ?"), first_id(from.minus(CLOCKS_APART)).to_vec());
        narrowed.by("leads.accepted_at >= ?", from.micros());
    }
    if let Some(until) = filter.until {
        narrowed.by(&format!("{id} < ?"), first_id(until.plus(CLOCKS_APART)).to_vec());
        narrowed.by("leads.accepted_at < ?", until.micros());
    }
    // A cross join is walked as it is written: by the buyer's sales.
    let tables = if buying.is_some() { "sales CROSS JOIN leads" } else { "leads" };
    let joined = if buying.is_some() { " AND leads.id = sales.lead" } else { "" };
    narrowed.params.push(most.into());
    let (conditions, last) = (&narrowed.conditions, narrowed.params.len());
    let distinct = if buying.is_some() { "DISTINCT " } else { "" };
    let sql = format!("SELECT {distinct}{id} FROM {tables} WHERE {conditions}{joined} ORDER BY {id} DESC LIMIT ?{last}");
    db.all(&sql, &narrowed.params, |row| row.value(0))
}

/// The words that tell a database that one of its smaller indices has all of this status.
fn of_index(status: LeadStatus) -> &'static str {
    match status {
        LeadStatus::Open => "leads.lease_until IS NOT NULL AND ",
        LeadStatus::Duplicate | LeadStatus::Pending | LeadStatus::Returned => "leads.status IN ('duplicate', 'pending', 'returned') AND ",
        LeadStatus::Sold | LeadStatus::Unsold => "",
    }
}

/// The first id of version 7 that is of this instant.
fn first_id(at: Timestamp) -> [u8; 16] {
    let millis = u64::try_from(at.micros() / 1000).unwrap_or(0);
    let mut id = [0; 16];
    id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    id
}

fn listed(db: &dyn Db, lead: LeadId) -> Result<Option<ListedLead>> {
    let sql = "SELECT supplier, vertical, test, status, reason, net, accepted_at, ended_at FROM leads WHERE id = ?1";
    let found = db.one(sql, params![lead.bytes()], |row| {
        Ok(ListedLead {
            lead,
            supplier: row.value(0)?,
            vertical: row.value(1)?,
            test: row.value(2)?,
            status: row.value(3)?,
            reason: row.value(4)?,
            net: row.value(5)?,
            accepted_at: row.value(6)?,
            ended_at: row.value(7)?,
            sales: Vec::new(),
        })
    })?;
    let Some(mut found) = found else { return Ok(None) };
    let sql = "SELECT id, contract, status, price FROM sales WHERE lead = ?1 ORDER BY reserved_at, id";
    let sale = |row: &Row| Ok(ListedSale { sale: row.value(0)?, contract: row.value(1)?, status: row.value(2)?, price: row.value(3)? });
    found.sales = db.all(sql, params![lead.bytes()], sale)?;
    Ok(Some(found))
}
