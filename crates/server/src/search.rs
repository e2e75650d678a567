//! Leads that somebody looks for, by whatever is known of them.

use exchange::{
    command::LeadStatus,
    id::{BuyerPingId, LeadId, PingId, SaleId, Subject},
    lead::person,
    record::{Decision, RunRecord},
    seal::MasterKey,
};
use store::{LeadFilter, ListedLead, Named, ReadError, Reader};
use wire::{answer::Node as Body, request::LeadSearch};

use crate::intake::kept_key;

/// What was found, newest first.
#[derive(Default)]
pub struct Found {
    pub leads: Vec<ListedLead>,
    /// The last one, where older ones follow: what the next page comes before.
    pub next: Option<LeadId>,
    /// The ping whose id was looked for, where it was never posted.
    pub ping: Option<PingId>,
}

/// A text is tried as everything that it could be: an id is nothing else; what looks like a phone number may be a reference.
pub fn find(reader: &mut dyn Reader, master: &MasterKey, search: &LeadSearch) -> Result<Found, ReadError> {
    let Some(text) = &search.text else { return page(reader, search, None) };
    let text = text.as_str();
    if let Ok(lead) = text.parse() {
        return page(reader, search, Some(Named::Lead(lead)));
    }
    if let Some(sale) = sale_of(text) {
        let row = reader.sale(sale)?;
        return row.map_or(Ok(Found::default()), |row| page(reader, search, Some(Named::Lead(row.lead))));
    }
    if let Ok(ping) = text.parse::<PingId>() {
        return match reader.lead_of_ping(ping)? {
            Some(lead) => page(reader, search, Some(Named::Lead(lead))),
            None if reader.ping_answer(ping)?.is_some() => Ok(Found { ping: Some(ping), ..Found::default() }),
            None => of_buyer(reader, search, BuyerPingId::from_bytes(*ping.bytes())),
        };
    }
    if let Some((kind, normal)) = person(text) {
        let found = page(reader, search, Some(Named::Person(master.person(kind, &normal))))?;
        if !found.leads.is_empty() {
            return Ok(found);
        }
    }
    page(reader, search, Some(Named::Reference { text: text.to_owned(), kept_key: kept_key(master, text) }))
}

/// Runs that are looked through for a ping that its buyer knows by an id of its own: nothing is kept by those ids but sales.
const RUNS_LOOKED_THROUGH: u32 = 2000;
const RUNS_AT_ONCE: u32 = 200;

/// By the ping's id as its buyer knows it: of any age where the buyer had a sale of it, of the latest runs else.
fn of_buyer(reader: &mut dyn Reader, search: &LeadSearch, ping: BuyerPingId) -> Result<Found, ReadError> {
    let found = page(reader, search, Some(Named::BuyerPing(ping)))?;
    if !found.leads.is_empty() {
        return Ok(found);
    }
    let mut before = None;
    for _ in 0..RUNS_LOOKED_THROUGH / RUNS_AT_ONCE {
        let runs = reader.recent_runs(before, RUNS_AT_ONCE)?;
        let asked =
            |record: &RunRecord| record.decisions.iter().any(|(_, decision)| matches!(decision, Decision::Pinged { buyer_ping, .. } if *buyer_ping == ping));
        match runs.iter().find(|(_, record)| asked(record)) {
            Some((Subject::Lead(lead), _)) => return page(reader, search, Some(Named::Lead(*lead))),
            Some((Subject::Ping(ping), _)) => {
                return match reader.lead_of_ping(*ping)? {
                    Some(lead) => page(reader, search, Some(Named::Lead(lead))),
                    None => Ok(Found { ping: Some(*ping), ..Found::default() }),
                };
            }
            None => {}
        }
        let Some((oldest, _)) = runs.last() else { break };
        before = Some(*oldest.bytes());
    }
    Ok(Found::default())
}

/// A sale's, or its post's as its buyer knows it.
fn sale_of(text: &str) -> Option<SaleId> {
    text.parse().ok().or_else(|| text.parse::<exchange::id::PostId>().ok().map(|post| post.sale_id()))
}

fn page(reader: &mut dyn Reader, search: &LeadSearch, named: Option<Named>) -> Result<Found, ReadError> {
    let filter = LeadFilter {
        named,
        status: search.status,
        supplier: search.supplier.clone(),
        vertical: search.vertical.clone(),
        buyer: search.buyer.clone(),
        contract: search.contract.clone(),
        test: search.test,
        from: search.from,
        until: search.until,
    };
    let limit = search.page.limit as usize;
    let mut leads = reader.find_leads(&filter, search.page.before, search.page.limit + 1)?;
    let more = leads.len() > limit;
    leads.truncate(limit);
    Ok(Found { next: leads.last().map(|lead| lead.lead).filter(|_| more), leads, ping: None })
}

/// As programs are told.
pub fn body(found: &Found) -> Body {
    let leads = Body::list("lead", found.leads.iter().map(entry));
    Body::object([("leads", Some(leads)), ("next", found.next.map(Body::of)), ("ping_id", found.ping.map(Body::of))])
}

fn entry(lead: &ListedLead) -> Body {
    let sales = lead.sales.iter().map(|sale| {
        Body::object([
            ("sale_id", Some(Body::of(sale.sale))),
            ("contract", Some(Body::of(&sale.contract))),
            ("status", Some(Body::text(sale.status.word()))),
            ("price", Some(Body::of(sale.price))),
        ])
    });
    Body::object([
        ("lead_id", Some(Body::of(lead.lead))),
        ("status", Some(Body::text(lead.status.word()))),
        ("reason", lead.reason.clone().map(Body::text)),
        ("supplier", Some(Body::of(&lead.supplier))),
        ("vertical", Some(Body::of(&lead.vertical))),
        ("test", Some(Body::Boolean(lead.test))),
        ("price", Some(Body::of(lead.net)).filter(|_| lead.status == LeadStatus::Sold)),
        ("accepted_at", Some(Body::of(lead.accepted_at))),
        ("ended_at", lead.ended_at.map(Body::of)),
        ("sales", Some(Body::list("sale", sales))),
    ])
}
