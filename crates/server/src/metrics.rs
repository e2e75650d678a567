//! Figures for Prometheus. Labels are names of the market and words of this code: never anything of a lead.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{LazyLock, PoisonError, RwLock},
    time::Duration,
};

use exchange::{
    call::{CallFailure, PingReply, PostReply},
    figures::{Figure, Figures},
    flow::{Run, effect::Reply},
    id::{BuyerName, SupplierName, VerticalName},
    record::{BidOutcome, Decision},
};
use metrics::{Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::admission::Load;

/// In seconds.
const TIMES: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];
const COUNTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

const TIDY_UP_EVERY: Duration = Duration::from_secs(2);

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
    describe_counter!("pingpost_notices_total", "Tries to tell suppliers of their leads, by supplier and outcome");
    describe_histogram!("pingpost_ping_seconds", "How long a buyer took to answer a ping");
    describe_histogram!("pingpost_answer_seconds", "From a request to its answer, by kind of run");
    describe_histogram!("pingpost_store_commit_seconds", "How long a batch took to commit");
    describe_histogram!("pingpost_store_batch_commands", "Commands that were committed together");
    describe_gauge!("pingpost_market_revision", "The market revision in force");
    describe_gauge!("pingpost_runs", "Runs under way");
    describe_gauge!("pingpost_room", "Runs under way from which on new pings are shed");
    describe_gauge!("pingpost_lag_seconds", "How late a task came to run that should run at once, as looked at last");
    describe_gauge!("pingpost_store_wait_seconds", "How long the oldest command has waited for the store, as looked at last");
    describe_gauge!(
        "pingpost_today",
        "The figures of the present day on the exchange's clock, by figure and vertical; `pingpost figures --define` says what each is"
    );
    describe_gauge!("pingpost_circuit_open", "1 while a buyer or supplier is left alone because most calls to it failed");
    Ok(handle)
}

/// Has samples sorted into their buckets now and then, whoever asks for them: until then each takes room of its own.
pub async fn tidy_up(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(TIDY_UP_EVERY).await;
        handle.run_upkeep();
    }
}

/// Figures by what they are labelled with: as many as there are names in the markets of a process's life, and looked for once each.
struct Kept<K, F>(LazyLock<RwLock<HashMap<K, F>>>);

impl<K: Eq + Hash + Clone, F: Clone> Kept<K, F> {
    const fn new() -> Self {
        Self(LazyLock::new(RwLock::default))
    }

    fn of(&self, key: &K, find: impl FnOnce() -> F) -> F {
        if let Some(figure) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return figure.clone();
        }
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(key.clone()).or_insert_with(find).clone()
    }
}

pub fn requested(route: &'static str, status: u16) {
    static KEPT: Kept<(&str, u16), Counter> = Kept::new();
    KEPT.of(&(route, status), || counter!("pingpost_requests_total", "route" => route, "status" => status.to_string())).increment(1);
}

/// A supplier's request in whose address its data stands.
pub fn requested_by_get(supplier: &SupplierName) {
    counter!("pingpost_requests_by_get_total", "supplier" => supplier.to_string()).increment(1);
}

/// Of the pings to one buyer.
pub struct Pings {
    buyer: String,
    sent: Counter,
    seconds: Histogram,
    bids: Counter,
}

impl Pings {
    pub fn of(buyer: &BuyerName) -> Self {
        let buyer = buyer.to_string();
        Self {
            sent: counter!("pingpost_pings_total", "buyer" => buyer.clone()),
            seconds: histogram!("pingpost_ping_seconds", "buyer" => buyer.clone()),
            bids: counter!("pingpost_bids_total", "buyer" => buyer.clone()),
            buyer,
        }
    }

    pub fn answered(&self, reply: &PingReply, took: Duration) {
        if !matches!(reply, PingReply::Failed(CallFailure::Busy | CallFailure::CircuitOpen)) {
            self.sent.increment(1);
            self.seconds.record(took.as_secs_f64());
        }
        let reason = match reply {
            PingReply::Bid(_) => return self.bids.increment(1),
            PingReply::NoBid(_) => "no_bid",
            PingReply::Failed(failure) => failure.word(),
        };
        counter!("pingpost_no_bids_total", "buyer" => self.buyer.clone(), "reason" => reason).increment(1);
    }
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

/// The figures of a vertical today: what there is no figure of is left out.
pub fn of_today(vertical: &VerticalName, figures: &Figures) {
    for figure in Figure::ALL {
        if let Some(value) = figure.of(figures).number().and_then(|number| number.parse::<f64>().ok()) {
            gauge!("pingpost_today", "figure" => figure.name(), "vertical" => vertical.to_string()).set(value);
        }
    }
}

/// `role` is `buyer` or `supplier`.
pub fn circuit(role: &'static str, name: &str, is_open: bool) {
    gauge!("pingpost_circuit_open", role => name.to_owned()).set(if is_open { 1.0 } else { 0.0 });
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

/// A try to tell a supplier of its lead: `delivered`, `failed`, `given_up` or `unwanted`.
pub fn noticed(supplier: &SupplierName, outcome: &'static str) {
    counter!("pingpost_notices_total", "supplier" => supplier.to_string(), "outcome" => outcome).increment(1);
}

pub fn replied(run: &Run, reply: &Reply, took: Duration) {
    let (kind, outcome) = match reply {
        Reply::Quoted(_) => ("ping", "matched"),
        Reply::Unmatched { reason, .. } => ("ping", reason.word()),
        Reply::Lead(lead) => ("lead", lead.reason.map_or(lead.status.word(), |reason| reason.word())),
        Reply::AlreadyPinged(_) | Reply::NotAccepted(_) => ("repeat", "not_taken_on"),
        Reply::Unavailable => ("none", "unavailable"),
    };
    static REPLIES: Kept<(VerticalName, &str, &str), Counter> = Kept::new();
    static SECONDS: Kept<&str, Histogram> = Kept::new();
    let vertical = run.vertical();
    let find = || counter!("pingpost_replies_total", "vertical" => vertical.to_string(), "kind" => kind, "outcome" => outcome);
    REPLIES.of(&(vertical.clone(), kind, outcome), find).increment(1);
    SECONDS.of(&kind, || histogram!("pingpost_answer_seconds", "kind" => kind)).record(took.as_secs_f64());
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
