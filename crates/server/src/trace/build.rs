//! From rows and records to the trace's view.

use std::{collections::BTreeMap, sync::Arc};

use exchange::{
    attribute::PingPart,
    id::{ContractIndex, Revision, VerticalName},
    market::Market,
    record::{Decision, Micros},
};

use super::{
    calls, contracts,
    life::Life,
    pings,
    told::{Told, millis},
    unread,
    view::{AuctionView, DisclosureView, LedgerView, MomentView, NoticeView, OfferView, QuoteView, SaleView, Trace},
};

/// A life and what there is to tell of it.
pub struct Story {
    pub life: Life,
    pub trace: Trace,
    /// That its last run was in; without a run, that of its revision.
    pub market: Option<Arc<Market>>,
}

pub fn story<E>(life: Life, market_of: impl Fn(Revision) -> Result<Arc<Market>, E>) -> Result<Story, E> {
    let mut runs = Vec::new();
    for (record, run) in [(&life.ping_run, "ping"), (&life.lead_run, "lead")] {
        if let Some(record) = record {
            runs.push(Arc::new(Told { record: Arc::clone(record), market: market_of(record.revision)?, run }));
        }
    }
    let market = match (runs.last(), revision_of(&life)) {
        (Some(run), _) => Some(Arc::clone(&run.market)),
        (None, Some(revision)) => Some(market_of(revision)?),
        (None, None) => None,
    };
    let trace = trace(&life, &runs, market.as_deref());
    Ok(Story { life, trace, market })
}

fn trace(life: &Life, runs: &[Arc<Told>], market: Option<&Market>) -> Trace {
    let mut trace = frame(life);
    if let Some(first) = runs.first() {
        trace.tree = first.tree().map(|tree| tree.name.to_string());
    } else {
        trace.notes.push("The record of the run is not there: it was cut off, is still being written, or was erased.".into());
    }
    trace.attributes = attributes(life, runs, market);
    trace.contracts = contracts::of(runs);
    trace.pings = runs.iter().flat_map(|run| pings::of(run, life)).collect();
    trace.calls = runs.iter().flat_map(|run| calls::of(run)).collect();
    trace.auctions = runs.iter().flat_map(|run| auctions(run)).collect();
    trace.timeline = runs.iter().flat_map(|run| timeline(run)).collect();
    trace.unread = runs.iter().flat_map(|run| unread::of(run)).collect();
    trace
}

/// Everything that the rows say by themselves.
fn frame(life: &Life) -> Trace {
    let record = life.lead_run.as_ref().or(life.ping_run.as_ref());
    let lead = life.lead.as_ref();
    let quote = life.quote.as_ref();
    let unsold = record.and_then(|record| {
        record.decisions.iter().rev().find_map(|(_, decision)| if let Decision::Unsold { reason } = decision { Some(*reason) } else { None })
    });
    let status = match (lead, quote) {
        (Some(lead), _) => lead.status.word(),
        (None, Some(_)) => "matched",
        (None, None) => "unmatched",
    };
    Trace {
        lead_id: lead.map(|lead| lead.lead.to_string()),
        ping_id: life.ping.map(|ping| ping.to_string()),
        status: status.into(),
        reason: lead.and_then(|lead| lead.reason.clone()).or_else(|| unsold.filter(|_| lead.is_none()).map(|reason| reason.word().into())),
        supplier: lead
            .map(|lead| lead.supplier.to_string())
            .or_else(|| quote.map(|quote| quote.supplier.to_string()))
            .or_else(|| record.map(|record| record.supplier.to_string()))
            .unwrap_or_default(),
        vertical: vertical_of(life).map(|name| name.to_string()).unwrap_or_default(),
        revision: revision_of(life).map(|revision| revision.0).unwrap_or_default(),
        tree: None,
        test: lead.map(|lead| lead.test).or_else(|| quote.map(|quote| quote.test)).or_else(|| record.map(|record| record.test)).unwrap_or_default(),
        started_at: record
            .map(|record| record.started_at)
            .or_else(|| lead.map(|lead| lead.accepted_at))
            .or_else(|| quote.map(|quote| quote.quoted_at))
            .unwrap_or_default()
            .to_string(),
        attributes: BTreeMap::new(),
        quote: quote.map(|quote| QuoteView { price: quote.net.to_string(), firm: quote.firm, expires_at: quote.expires_at.to_string() }),
        contracts: Vec::new(),
        pings: Vec::new(),
        calls: Vec::new(),
        auctions: Vec::new(),
        sales: life.sales.iter().map(sale).collect(),
        disclosures: life.disclosures.iter().map(disclosure).collect(),
        ledger: life
            .ledger
            .iter()
            .map(|row| LedgerView {
                account: row.account.to_string(),
                amount: row.amount.to_string(),
                cause: row.cause.clone(),
                booked_at: row.booked_at.to_string(),
            })
            .collect(),
        notices: life.notices.iter().map(NoticeView::of).collect(),
        timeline: Vec::new(),
        unread: Vec::new(),
        contact: None,
        notes: if lead.is_some_and(|lead| lead.erased_at.is_some()) { vec!["This person's data was erased on request.".into()] } else { Vec::new() },
    }
}

fn sale(row: &store::SaleRow) -> SaleView {
    let cause = [row.void_cause.clone(), row.why.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    SaleView {
        sale_id: row.sale.to_string(),
        buyer: row.buyer.to_string(),
        contract: row.contract.to_string(),
        kind: row.kind.word().into(),
        price: row.price.to_string(),
        net: row.net.to_string(),
        status: row.status.word().into(),
        reason: (!cause.is_empty()).then_some(cause),
        reserved_at: row.reserved_at.to_string(),
        ended_at: row.ended_at.map(|at| at.to_string()),
    }
}

fn disclosure(row: &store::DisclosureRow) -> DisclosureView {
    DisclosureView { buyer: row.buyer.to_string(), at: row.started_at.to_string(), outcome: row.outcome.clone() }
}

fn vertical_of(life: &Life) -> Option<&VerticalName> {
    let of_lead = life.lead.as_ref().map(|lead| &lead.vertical);
    of_lead.or(life.quote.as_ref().map(|quote| &quote.vertical)).or(life.ping_run.as_ref().map(|record| &record.vertical))
}

fn revision_of(life: &Life) -> Option<Revision> {
    let of_lead = life.lead.as_ref().map(|lead| lead.revision);
    of_lead.or(life.quote.as_ref().map(|quote| quote.revision)).or(life.ping_run.as_ref().map(|record| record.revision))
}

fn attributes(life: &Life, runs: &[Arc<Told>], market: Option<&Market>) -> BTreeMap<String, String> {
    let in_market = |market: &Market, name: &VerticalName, part: &PingPart| {
        let vertical = market.vertical(name);
        vertical
            .map(|vertical| part.iter().map(|(index, shown)| (vertical.field(index).name.clone(), shown.text(vertical.field(index)))).collect())
            .unwrap_or_default()
    };
    if let Some(run) = runs.last() {
        return in_market(&run.market, &run.record.vertical, &run.record.attributes);
    }
    life.lead.as_ref().zip(market).map(|(lead, market)| in_market(market, &lead.vertical, &lead.attributes)).unwrap_or_default()
}

fn auctions(run: &Told) -> Vec<AuctionView> {
    let of = |(at, decision): &(Micros, Decision)| match decision {
        Decision::Ranked { tier, offers } => {
            let offers = offers.iter().map(|offer| OfferView {
                contract: run.contract_name(offer.contract),
                kind: offer.kind.word().into(),
                price: offer.price.to_string(),
                net: offer.net.to_string(),
                lot: format!("{:016x}", offer.lot),
            });
            Some(AuctionView { run: run.run, tier: run.tier_name(*tier), at_ms: millis(*at), offers: offers.collect() })
        }
        _ => None,
    };
    run.record.decisions.iter().filter_map(of).collect()
}

fn timeline(run: &Told) -> Vec<MomentView> {
    run.record.decisions.iter().map(|(at, decision)| MomentView { run: run.run, at_ms: millis(*at), what: sentence(run, decision) }).collect()
}

fn sentence(run: &Told, decision: &Decision) -> String {
    let name = |contract: &ContractIndex| run.contract_name(*contract);
    match decision {
        Decision::TierEntered { tier } => format!("tier {} is asked", run.tier_name(*tier)),
        Decision::Skipped { contract, why, .. } => format!("{} is not asked: {why}", name(contract)),
        Decision::Pinged { contract, time, .. } => format!("{} is pinged, with {:.0} ms to answer", name(contract), millis(*time)),
        Decision::Answered { contract, outcome, .. } => format!("{}: {}", name(contract), pings::outcome_in_words(outcome)),
        Decision::ClosedEarly { outstanding, .. } => format!("closed early: none of the {outstanding} still out can change the outcome"),
        Decision::Ranked { offers, .. } => {
            format!("{} offers ranked, {} first", offers.len(), offers.first().map(|offer| name(&offer.contract)).unwrap_or_default())
        }
        Decision::Chose { kind, exclusive_net, shared_net, .. } => format!("{} earns more: exclusive {exclusive_net}, shared {shared_net}", kind.word()),
        Decision::Quoted { net, firm, .. } => format!("{net} net is quoted{}", if *firm { ", firm if the holds can be taken" } else { "" }),
        Decision::OfferDropped { contract, kind, why, .. } => format!("the {} offer of {} falls away: {why}", kind.word(), name(contract)),
        Decision::Reserving { contract, kind, price, net, .. } => format!("reserving for {}: {} at {price}, {net} net", name(contract), kind.word()),
        Decision::Posting { attempt: 1, .. } => "the contact is posted to the buyer".into(),
        Decision::Posting { attempt, .. } => format!("the same post is sent again to the same buyer, attempt {attempt}"),
        Decision::Sold { .. } => "sold".into(),
        Decision::Voided { why, .. } => format!("voided: {why}"),
        Decision::LeftUnknown { why, .. } => format!("left unknown: {why}"),
        Decision::Unsold { reason } => format!("ends unsold: {}", reason.word()),
        Decision::Limited { min_price, max_disclosures } => {
            let least = min_price.map(|least| format!("at least {least} net"));
            let most = max_disclosures.map(|most| format!("at most {most} buyers"));
            format!("the supplier asks for {}", [least, most].into_iter().flatten().collect::<Vec<_>>().join(" and "))
        }
        Decision::Duplicate => "is a duplicate of an earlier lead".into(),
    }
}
