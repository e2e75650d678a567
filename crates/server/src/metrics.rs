//! Figures for Prometheus. Labels are names of the market and words of this code: never anything of a lead.

use std::time::Duration;

use exchange::{
    call::{CallFailure, PingReply, PostReply},
    flow::{Run, effect::Reply},
    id::BuyerName,
    record::{BidOutcome, Decision},
};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::admission::Load;

/// In seconds.
const TIMES: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
const COUNTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Installs the recorder of this process.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &TIMES)?
        .set_buckets_for_metric(Matcher::Suffix("_commands".into()), &COUNTS)?
        .install_recorder()?;
    describe_counter!("pingpost_requests_total", "HTTP requests of suppliers, by route and status");
    describe_counter!("pingpost_shed_total", "Requests that were not taken on because the node carried all it can, by class");
    describe_counter!("pingpost_replies_total", "Answers to pings and leads, by vertical and outcome");
    describe_counter!("pingpost_pings_total", "Pings sent, by buyer");
    describe_counter!("pingpost_bids_total", "Bids that came back, by buyer");
    describe_counter!("pingpost_no_bids_total", "Pings without a usable bid, by buyer and reason");
    describe_counter!("pingpost_skips_total", "Contracts whose filter held that were not asked, by reason");
    describe_counter!("pingpost_posts_total", "Posts, by buyer and outcome");
    describe_histogram!("pingpost_ping_seconds", "How long a buyer took to answer a ping");
    describe_histogram!("pingpost_answer_seconds", "From a request to its answer, by kind of run");
    describe_histogram!("pingpost_store_commit_seconds", "How long a batch took to commit");
    describe_histogram!("pingpost_store_batch_commands", "Commands that were committed together");
    describe_gauge!("pingpost_market_revision", "The market revision in force");
    describe_gauge!("pingpost_runs", "Runs under way");
    describe_gauge!("pingpost_room", "Runs under way from which on new pings are shed");
    describe_gauge!("pingpost_lag_seconds", "How late a task came to run that should run at once, as looked at last");
    describe_gauge!("pingpost_store_wait_seconds", "How long the oldest command has waited for the store, as looked at last");
    describe_gauge!("pingpost_circuit_open", "1 while a buyer is left alone because most calls to it failed");
    Ok(handle)
}

pub fn requested(route: &'static str, status: u16) {
    counter!("pingpost_requests_total", "route" => route, "status" => status.to_string()).increment(1);
}

pub fn pinged(buyer: &BuyerName, reply: &PingReply, took: Duration) {
    let buyer = buyer.to_string();
    if !matches!(reply, PingReply::Failed(CallFailure::Busy | CallFailure::CircuitOpen)) {
        counter!("pingpost_pings_total", "buyer" => buyer.clone()).increment(1);
        histogram!("pingpost_ping_seconds", "buyer" => buyer.clone()).record(took.as_secs_f64());
    }
    let reason = match reply {
        PingReply::Bid(_) => return counter!("pingpost_bids_total", "buyer" => buyer).increment(1),
        PingReply::NoBid(_) => "no_bid".to_owned(),
        PingReply::Failed(failure) => failure.word().to_owned(),
    };
    counter!("pingpost_no_bids_total", "buyer" => buyer, "reason" => reason).increment(1);
}

pub fn shed(class: &'static str) {
    counter!("pingpost_shed_total", "class" => class).increment(1);
}

/// What the node carries, as looked at last.
pub fn carried(load: &Load, room: usize) {
    gauge!("pingpost_lag_seconds").set(load.lag.as_secs_f64());
    gauge!("pingpost_store_wait_seconds").set(load.age.as_secs_f64());
    gauge!("pingpost_room").set(room as f64);
}

pub fn circuit(buyer: &BuyerName, is_open: bool) {
    gauge!("pingpost_circuit_open", "buyer" => buyer.to_string()).set(if is_open { 1.0 } else { 0.0 });
}

pub fn posted(buyer: &BuyerName, reply: &PostReply) {
    let outcome = match reply {
        PostReply::Accepted { .. } => "accepted",
        PostReply::Rejected { .. } => "rejected",
        PostReply::Unsent(_) => "unsent",
        PostReply::Unknown(_) => "unknown",
    };
    counter!("pingpost_posts_total", "buyer" => buyer.to_string(), "outcome" => outcome).increment(1);
}

pub fn replied(run: &Run, reply: &Reply, took: Duration) {
    let (kind, outcome) = match reply {
        Reply::Quoted(_) => ("ping", "matched"),
        Reply::Unmatched { reason, .. } => ("ping", reason.word()),
        Reply::Lead(lead) => ("lead", lead.reason.map_or(lead.status.word(), |reason| reason.word())),
        Reply::AlreadyPinged(_) | Reply::NotAccepted(_) => ("repeat", "not_taken_on"),
        Reply::Unavailable => ("none", "unavailable"),
    };
    counter!("pingpost_replies_total", "vertical" => run.vertical().to_string(), "kind" => kind, "outcome" => outcome).increment(1);
    histogram!("pingpost_answer_seconds", "kind" => kind).record(took.as_secs_f64());
}

/// Counts what only the whole record says.
pub fn run_ended(run: &Run) {
    for (_, decision) in &run.record().decisions {
        match decision {
            Decision::Skipped { why, .. } => counter!("pingpost_skips_total", "reason" => why.word()).increment(1),
            Decision::Answered { contract, outcome: BidOutcome::NotAdmitted(fault), .. } => {
                let buyer = run.market().buyer_of(*contract).name.to_string();
                counter!("pingpost_no_bids_total", "buyer" => buyer, "reason" => fault.word()).increment(1);
            }
            _ => {}
        }
    }
}
