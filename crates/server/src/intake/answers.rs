//! What suppliers hear: replies of the flow and rows of the store, as answers.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use exchange::{
    command::{LeadStatus, NotAccepted},
    flow::{
        UnknownStart,
        effect::{LeadReply, QuoteReply, Reply},
    },
    id::{LeadId, PingId},
    market::Market,
    money::{Currency, Money},
    record::{Decision, RunRecord},
    time::Timestamp,
};
use store::{LeadRow, PingAnswer, QuoteRow};
use wire::answer::{Format, Node as Body};

use crate::{driver::Started, metrics as figures, node::Node, problem::Problem};

/// A 200 with its body.
pub struct Answer(Vec<(&'static str, Body)>);

impl Answer {
    fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.0.push((name, Body::of(value)));
        self
    }

    fn with_some(self, name: &'static str, value: Option<impl std::fmt::Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn with_yes_or_no(mut self, name: &'static str, yes: bool) -> Self {
        self.0.push((name, Body::Boolean(yes)));
        self
    }

    fn with_list(mut self, name: &'static str, entry: &'static str, entries: Vec<Body>) -> Self {
        if !entries.is_empty() {
            self.0.push((name, Body::list(entry, entries)));
        }
        self
    }

    pub fn with_ignored(self, ignored: Vec<String>) -> Self {
        self.with_list("ignored", "field", ignored.into_iter().map(Body::text).collect())
    }

    /// When it was accepted and decided.
    pub fn with_times(self, row: &LeadRow) -> Self {
        self.with("accepted_at", row.accepted_at.to_string()).with_some("decided_at", row.ended_at.map(|at| at.to_string()))
    }

    pub fn respond(self, format: Format, route: &'static str) -> Response {
        figures::requested(route, 200);
        let mut response = Response::new(Body::Object(self.0).render(format).into());
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        response
    }
}

/// Waits for a run's reply. A run that ends without one was cut off.
pub async fn await_reply(started: Result<Started, UnknownStart>) -> Result<Reply, Problem> {
    let run = started.map_err(|error| {
        tracing::error!(%error, "a run could not start");
        Problem::unavailable("the exchange can't start this")
    })?;
    run.reply().await.ok_or_else(|| Problem::unavailable("the exchange is shutting down"))
}

/// The dearest first, so that a repeat says them in the same order, whichever was settled first.
fn legs(nets: &[Money]) -> Vec<Body> {
    let mut nets = nets.to_vec();
    nets.sort_unstable_by(|a, b| b.cmp(a));
    nets.iter().map(|net| Body::object([("price", Some(Body::of(net)))])).collect()
}

pub fn quoted(quote: &QuoteReply, currency: Currency, ignored: Vec<String>) -> Answer {
    matched(quote.ping, quote.net, currency, quote.firm, quote.expires_at).with_list("legs", "leg", legs(&quote.legs)).with_ignored(ignored)
}

fn matched(ping: PingId, net: Money, currency: Currency, firm: bool, expires_at: Timestamp) -> Answer {
    Answer(Vec::new())
        .with("ping_id", ping.to_string())
        .with("status", "matched")
        .with("price", net.to_string())
        .with("currency", currency.code())
        .with_yes_or_no("firm", firm)
        .with("expires_at", expires_at.to_string())
}

pub fn unmatched(ping: PingId, reason: &str, ignored: Vec<String>) -> Answer {
    Answer(Vec::new()).with("ping_id", ping.to_string()).with("status", "unmatched").with("reason", reason).with_ignored(ignored)
}

/// The answer to a repeated ping: what the first was told.
pub async fn of_ping(node: &Node, ping: PingId, market: &Market) -> Result<Answer, Problem> {
    let answer = node.readers.read(move |reader| reader.ping_answer(ping)).await.map_err(Problem::store)?;
    match answer {
        None => Err(Problem::in_flight(None)),
        Some(PingAnswer::Quoted(quote)) => Ok(of_quote_row(&quote, market.currency())),
        Some(PingAnswer::Unmatched(record)) => Ok(unmatched(ping, why_unmatched(&record), Vec::new())),
    }
}

fn of_quote_row(quote: &QuoteRow, currency: Currency) -> Answer {
    let promised: Vec<_> = quote.offers.iter().filter(|offer| offer.promised).collect();
    let is_shared = promised.iter().any(|offer| offer.kind == exchange::contract::SaleKind::Shared);
    let nets: Vec<Money> = if is_shared { promised.iter().map(|offer| offer.net).collect() } else { Vec::new() };
    matched(quote.ping, quote.net, currency, quote.firm, quote.expires_at).with_list("legs", "leg", legs(&nets))
}

fn why_unmatched(record: &RunRecord) -> &'static str {
    let reason = record.decisions.iter().rev().find_map(|(_, decision)| if let Decision::Unsold { reason } = decision { Some(*reason) } else { None });
    reason.map_or("no_bid", |reason| reason.word())
}

/// The answer to a run about a lead, or the problem that stands in its way.
pub async fn of_lead_reply(node: &Arc<Node>, reply: Reply, market: &Market, ignored: Vec<String>) -> Result<Answer, Problem> {
    match reply {
        Reply::Lead(lead) => Ok(of_lead(&lead, market.currency()).with_ignored(ignored)),
        Reply::NotAccepted(NotAccepted::Repeat(lead)) => Ok(of_repeat(node, lead, market).await?.with_ignored(ignored)),
        Reply::NotAccepted(standing) => Err(Problem::not_accepted(&standing)),
        Reply::Unavailable => Err(Problem::unavailable("the exchange can't store this durably")),
        Reply::Quoted(quote) => Ok(quoted(&quote, market.currency(), ignored)),
        Reply::Unmatched { ping, reason } => Ok(unmatched(ping, reason.word(), ignored)),
        Reply::AlreadyPinged(ping) => Ok(of_ping(node, ping, market).await?.with_ignored(ignored)),
    }
}

async fn of_repeat(node: &Node, lead: LeadId, market: &Market) -> Result<Answer, Problem> {
    let row = node.readers.read(move |reader| reader.lead(lead)).await.map_err(Problem::store)?;
    let row = row.ok_or_else(|| Problem::not_accepted(&NotAccepted::Erased))?;
    if row.status == LeadStatus::Open { Err(Problem::in_flight(Some(lead))) } else { Ok(lead_row(&row, market.currency())) }
}

fn of_lead(lead: &LeadReply, currency: Currency) -> Answer {
    Answer(Vec::new())
        .with("lead_id", lead.lead.to_string())
        .with("status", lead.status.word())
        .with("price", lead.net.to_string())
        .with("currency", currency.code())
        .with_some("reason", lead.reason.map(|reason| reason.word()))
        .with_some("redirect_url", lead.redirect_url.clone())
        .with_some("duplicate_of", lead.duplicate_of.map(|first| first.to_string()))
        .with_list("legs", "leg", legs(&several(&lead.legs)))
}

/// A lead whose run goes on is pending, for its supplier.
fn told(status: LeadStatus) -> LeadStatus {
    if status == LeadStatus::Open { LeadStatus::Pending } else { status }
}

/// A lead as the store has it now.
pub fn lead_row(row: &LeadRow, currency: Currency) -> Answer {
    Answer(Vec::new())
        .with("lead_id", row.lead.to_string())
        .with("status", told(row.status).word())
        .with("price", row.net.to_string())
        .with("currency", currency.code())
        .with_some("reason", row.reason.clone())
        .with_some("redirect_url", row.redirect_url.clone())
        .with_some("duplicate_of", row.own_duplicate_of.map(|first| first.to_string()))
        .with_list("legs", "leg", legs(&several(&row.legs)))
}

/// Dearest first, so that every answer has them in one order. The price of a single leg is that of the lead: it isn't said twice.
fn several(nets: &[Money]) -> Vec<Money> {
    let mut nets = if nets.len() > 1 { nets.to_vec() } else { Vec::new() };
    nets.sort_unstable_by_key(|net| std::cmp::Reverse(*net));
    nets
}
