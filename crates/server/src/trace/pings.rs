//! Each ping of a run, with its time, its bid, and what became of it.

use exchange::{
    call::PingReply,
    id::ContractIndex,
    money::Money,
    record::{BidOutcome, Decision, Micros, RecordedEvent},
};
use store::SaleStatus;

use super::{
    life::Life,
    told::{Told, millis},
    view::PingView,
};

pub fn of(run: &Told, life: &Life) -> Vec<PingView> {
    let pinged = |(at, decision): &(Micros, Decision)| match decision {
        Decision::Pinged { tier, contract, time, .. } => Some(view(run, life, (*at, *time), *tier, *contract)),
        _ => None,
    };
    run.record.decisions.iter().filter_map(pinged).collect()
}

fn view(run: &Told, life: &Life, (sent, time): (Micros, Micros), in_tier: u32, index: ContractIndex) -> PingView {
    let answered = run.record.decisions.iter().find_map(|(_, decision)| match decision {
        Decision::Answered { tier, contract, outcome } if *tier == in_tier && *contract == index => Some(outcome),
        _ => None,
    });
    let came = run.record.events.iter().find_map(|(at, event)| match event {
        RecordedEvent::Ping { contract, tier, reply } if *tier == in_tier && *contract == index => Some((*at, reply)),
        _ => None,
    });
    let (bid, shared_bid) = match came {
        Some((_, PingReply::Bid(bid))) => (bid.bid, bid.shared_bid),
        _ => (None, None),
    };
    let (outcome, reason) = fate(run, life, index, answered);
    PingView {
        contract: run.contract_name(index),
        tier: run.tier_name(in_tier),
        run: run.run,
        sent_ms: millis(sent),
        answer_by_ms: millis(sent) + millis(time),
        elapsed_ms: came.map(|(at, _)| millis(at) - millis(sent)),
        bid: bid.map(|price| price.to_string()),
        shared_bid: shared_bid.map(|price| price.to_string()),
        outcome,
        reason,
    }
}

/// The outcome in one word, and what there is to say to it.
fn fate(run: &Told, life: &Life, index: ContractIndex, answered: Option<&BidOutcome>) -> (String, Option<String>) {
    let word = |word: &str| (word.to_owned(), None);
    match answered {
        None => word("silent"),
        Some(BidOutcome::Silent) => word("timeout"),
        Some(BidOutcome::Bid { .. } | BidOutcome::Fixed { .. }) => (won_or_lost(run, life, index).to_owned(), None),
        Some(BidOutcome::NoBid { reason }) => ("no_bid".into(), reason.clone()),
        Some(BidOutcome::Late { .. }) => word("late"),
        Some(BidOutcome::Failed(failure)) => (failure.word().into(), failure.detail()),
        Some(BidOutcome::NotAdmitted(fault)) => word(fault.word()),
    }
}

fn won_or_lost(run: &Told, life: &Life, index: ContractIndex) -> &'static str {
    let key = &run.market.contract(index).key;
    if let Some(sale) = life.sales.iter().rev().find(|sale| sale.contract == *key) {
        return match sale.status {
            SaleStatus::Sold | SaleStatus::Returned => "won",
            SaleStatus::Void => "void",
            SaleStatus::Unknown | SaleStatus::Posted | SaleStatus::Reserved => "unknown",
        };
    }
    let is_promised = life
        .quote
        .as_ref()
        .is_some_and(|quote| quote.offers.iter().any(|offer| offer.promised && offer.contract == index && quote.revision == run.market.revision()));
    if is_promised && life.lead.is_none() { "quoted" } else { "lost" }
}

pub fn outcome_in_words(outcome: &BidOutcome) -> String {
    let prices = |exclusive: &Option<Money>, shared: &Option<Money>| match (exclusive, shared) {
        (Some(exclusive), Some(shared)) => format!("{exclusive} exclusive, {shared} shared"),
        (Some(exclusive), None) => format!("{exclusive} exclusive"),
        (None, Some(shared)) => format!("{shared} shared"),
        (None, None) => "nothing".into(),
    };
    match outcome {
        BidOutcome::Bid { exclusive, shared } => format!("bids {}", prices(exclusive, shared)),
        BidOutcome::Fixed { exclusive, shared } => format!("offers its fixed price, {}", prices(exclusive, shared)),
        BidOutcome::NoBid { reason: Some(reason) } => format!("no bid: {reason}"),
        BidOutcome::NoBid { reason: None } => "no bid".into(),
        BidOutcome::Late { exclusive, shared } => format!("bids {} too late", prices(exclusive, shared)),
        BidOutcome::Failed(failure) => format!("no bid: {failure}"),
        BidOutcome::NotAdmitted(fault) => format!("its bid is not admitted: {}", fault.word()),
        BidOutcome::Silent => "silent".into(),
    }
}
