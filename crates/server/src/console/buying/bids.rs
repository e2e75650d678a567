//! `/console/buying/bids`: what the buyer was asked, what it bid, and why it did not win. Of leads that were posted: a ping that nobody
//! posted has no winner. What others bid is not in it.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::extract::{Query, State};
use exchange::{
    contract::SaleKind,
    id::{BuyerName, BuyerPingId, ContractIndex, Revision, Subject},
    market::Market,
    money::Money,
    record::{BidOutcome, Decision, DropReason, RunRecord},
    time::Timestamp,
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::{LeadRow, SaleRow, SaleStatus};

use super::buyer_of;
use crate::{
    console::{
        components::{Amount, Moment, Pager, Tag, Tone},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
};

/// Leads that a page looks through.
const LOOKED_THROUGH: u32 = 100;

#[derive(Template)]
#[template(path = "console/buying/bids.html")]
struct View {
    frame: Frame,
    bids: Vec<Line>,
    pager: Pager,
}

struct Line {
    at: Moment,
    /// As the buyer knows it; none where it has a fixed price and was not asked.
    ping: Option<BuyerPingId>,
    vertical: String,
    contract: String,
    bid: Option<Amount>,
    shared: Option<Amount>,
    outcome: Tag,
    why: String,
    is_test: bool,
}

/// Leads before this instant, in microseconds.
#[derive(Deserialize)]
pub struct Before {
    before: Option<i64>,
}

/// A lead with the records of its runs, and what this buyer has of it.
struct Looked {
    lead: LeadRow,
    records: Vec<RunRecord>,
    sales: Vec<SaleRow>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Query(asked): Query<Before>) -> Reply {
    let buyer = buyer_of(&visitor)?;
    let before = asked.before.map(Timestamp::from_micros);
    let looked = node.page_readers.read(move |reader| {
        let leads = reader.leads(before, LOOKED_THROUGH)?;
        leads
            .into_iter()
            .map(|lead| {
                let subjects = lead.ping.map(Subject::Ping).into_iter().chain([Subject::Lead(lead.lead)]);
                let records = subjects.map(|subject| reader.record(subject)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
                Ok(Looked { sales: reader.sales_of(lead.lead)?, records, lead })
            })
            .collect::<Result<Vec<_>, _>>()
    });
    let looked = looked.await?;
    let older = looked.last().filter(|_| looked.len() == LOOKED_THROUGH as usize).map(|last| last.lead.accepted_at);
    let markets = markets(&node, &looked).await?;
    let zone = node.time_zone();
    let view = View {
        frame: Frame::of(&visitor, Place::Bids),
        bids: looked.iter().flat_map(|looked| lines(looked, &markets, &buyer, &zone)).collect(),
        pager: Pager { newest: before.map(|_| Place::Bids.path().to_owned()), older: older.map(|at| format!("{}?before={}", Place::Bids.path(), at.micros())) },
    };
    reply::page(&view)
}

async fn markets(node: &Node, looked: &[Looked]) -> Result<BTreeMap<Revision, Arc<Market>>, Failed> {
    let mut markets = BTreeMap::new();
    for record in looked.iter().flat_map(|looked| &looked.records) {
        if let std::collections::btree_map::Entry::Vacant(vacant) = markets.entry(record.revision) {
            let market = node.market_of(record.revision).await.map_err(|error| {
                tracing::error!(%error, "a market could not be read");
                Failed::Unavailable
            })?;
            vacant.insert(market);
        }
    }
    Ok(markets)
}

fn lines(looked: &Looked, markets: &BTreeMap<Revision, Arc<Market>>, buyer: &BuyerName, zone: &TimeZone) -> Vec<Line> {
    let of_record = |record: &RunRecord| {
        let market = markets.get(&record.revision)?;
        let own = |index: &ContractIndex| market.contract(*index).key.buyer == *buyer;
        let answered = record.decisions.iter().filter_map(|(_, decision)| match decision {
            Decision::Answered { contract, outcome, .. } if own(contract) => Some((*contract, outcome)),
            _ => None,
        });
        Some(answered.map(|(contract, outcome)| line(looked, record, market, contract, outcome, zone)).collect::<Vec<_>>())
    };
    looked.records.iter().filter_map(of_record).flatten().collect()
}

fn line(looked: &Looked, record: &RunRecord, market: &Market, index: ContractIndex, outcome: &BidOutcome, zone: &TimeZone) -> Line {
    let contract = market.contract(index);
    let ping = record.decisions.iter().find_map(|(_, decision)| match decision {
        Decision::Pinged { contract, buyer_ping, .. } if *contract == index => Some(*buyer_ping),
        _ => None,
    });
    let (bid, shared) = prices(outcome);
    let sale = looked.sales.iter().rev().find(|sale| sale.contract == contract.key);
    let (outcome, why) = told(record, index, outcome, sale);
    Line {
        at: Moment::of(record.started_at, zone),
        ping,
        vertical: market.vertical(&record.vertical).map_or_else(|| record.vertical.to_string(), |vertical| vertical.label.clone()),
        contract: contract.key.name.to_string(),
        bid: bid.map(Amount::of),
        shared: shared.map(Amount::of),
        outcome,
        why,
        is_test: looked.lead.test,
    }
}

fn prices(outcome: &BidOutcome) -> (Option<Money>, Option<Money>) {
    match outcome {
        BidOutcome::Bid { exclusive, shared } | BidOutcome::Fixed { exclusive, shared } | BidOutcome::Late { exclusive, shared } => (*exclusive, *shared),
        BidOutcome::NoBid { .. } | BidOutcome::Failed(_) | BidOutcome::NotAdmitted(_) | BidOutcome::Silent => (None, None),
    }
}

/// In one word, and why; without a word of anybody else.
fn told(record: &RunRecord, index: ContractIndex, outcome: &BidOutcome, sale: Option<&SaleRow>) -> (Tag, String) {
    match outcome {
        BidOutcome::Bid { .. } | BidOutcome::Fixed { .. } => stood(record, index, sale),
        BidOutcome::NoBid { reason } => (Tag::new("no bid", Tone::Plain), reason.clone().unwrap_or_default()),
        BidOutcome::Late { .. } => (Tag::new("late", Tone::Warn), "It came after the deadline.".into()),
        BidOutcome::Failed(failure) => (Tag::new("failed", Tone::Bad), failure.to_string()),
        BidOutcome::NotAdmitted(fault) => (Tag::new("not admitted", Tone::Warn), fault.word().replace('_', " ")),
        BidOutcome::Silent => (Tag::new("no answer", Tone::Warn), "Nothing had come by the deadline.".into()),
    }
}

fn stood(record: &RunRecord, index: ContractIndex, sale: Option<&SaleRow>) -> (Tag, String) {
    if let Some(sale) = sale {
        return match sale.status {
            SaleStatus::Sold => (Tag::new("won", Tone::Good), String::new()),
            SaleStatus::Returned => (Tag::new("won", Tone::Good), "Given back since.".into()),
            SaleStatus::Void => (Tag::new("void", Tone::Bad), sale.void_cause.clone().unwrap_or_default().replace('_', " ")),
            SaleStatus::Reserved | SaleStatus::Posted => (Tag::new("posted", Tone::Warn), "Its post is under way.".into()),
            SaleStatus::Unknown => (Tag::new("unknown", Tone::Warn), "It isn't known whether you took it.".into()),
        };
    }
    let dropped = record.decisions.iter().find_map(|(_, decision)| match decision {
        Decision::OfferDropped { contract, why, .. } if *contract == index => Some(why),
        _ => None,
    });
    match dropped {
        Some(DropReason::Refused(refusal)) => (Tag::new("fell away", Tone::Warn), refusal.to_string().replace('_', " ")),
        Some(DropReason::Expired) => (Tag::new("expired", Tone::Warn), "Your bid's time was over.".into()),
        Some(DropReason::SameParent) => (Tag::new("fell away", Tone::Plain), "Another buyer of your company has it.".into()),
        Some(DropReason::BelowQuote) => (Tag::new("fell away", Tone::Plain), "It would have paid less than was promised for the lead.".into()),
        Some(DropReason::NotAdmitted(why)) => (Tag::new("fell away", Tone::Warn), why.to_string().replace('_', " ")),
        None => {
            (Tag::new("lost", Tone::Plain), if is_tie(record, index) { "A tie, and the lot fell on another." } else { "Another offer came before." }.into())
        }
    }
}

/// Whether the first of its tier offered as much for the same kind of sale, to the one who sells.
fn is_tie(record: &RunRecord, index: ContractIndex) -> bool {
    record.decisions.iter().any(|(_, decision)| match decision {
        Decision::Ranked { offers, .. } => {
            let own = |kind: SaleKind| offers.iter().find(|offer| offer.contract == index && offer.kind == kind);
            offers.first().is_some_and(|first| first.contract != index && own(first.kind).is_some_and(|own| own.net == first.net))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let line = |bid: Option<i64>, outcome: (&str, Tone), why: &str, is_test| Line {
            at: Moment::of(Timestamp::from_micros(1_764_288_000_000_000), &TimeZone::UTC),
            ping: Some(BuyerPingId::from_bytes([7; 16])),
            vertical: "Mortgage".into(),
            contract: "west".into(),
            bid: bid.map(|units| Amount::of(Money::from_units(units))),
            shared: None,
            outcome: Tag::new(outcome.0, outcome.1),
            why: why.into(),
            is_test,
        };
        let bids = vec![
            line(Some(40), ("won", Tone::Good), "", false),
            line(Some(31), ("lost", Tone::Plain), "Another offer came before.", false),
            line(None, ("no bid", Tone::Plain), "<outside our states>", true),
        ];
        let pager = Pager { newest: None, older: Some("/console/buying/bids?before=1".into()) };
        insta::assert_snapshot!(View { frame: frame::sample("buyer:acme", Place::Bids), bids, pager }.render().unwrap());
    }
}
