//! What came of a supplier's request: replies of the flow and rows of the store, before they are said in anybody's words.

use std::sync::Arc;

use exchange::{
    command::{LeadStatus, NotAccepted},
    contract::SaleKind,
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

use crate::{driver::Started, node::Node, problem::Problem};

/// What came of it, in the market's currency.
pub struct Outcome {
    pub what: What,
    pub currency: Currency,
    /// Names of fields that nothing was done with.
    pub ignored: Vec<String>,
}

pub enum What {
    Quoted(Quoted),
    Unmatched { ping: PingId, reason: &'static str },
    Lead(Lead),
}

pub struct Quoted {
    pub ping: PingId,
    pub net: Money,
    pub firm: bool,
    pub expires_at: Timestamp,
    /// Of a shared quote: the net of each leg, the dearest first.
    pub legs: Vec<Money>,
}

pub struct Lead {
    pub lead: LeadId,
    pub status: LeadStatus,
    pub net: Money,
    pub reason: Option<String>,
    pub redirect_url: Option<String>,
    /// The supplier's own first lead of the same person.
    pub duplicate_of: Option<LeadId>,
    /// The net of each sold leg, the dearest first, where there are several.
    pub legs: Vec<Money>,
}

impl Outcome {
    fn new(what: What, market: &Market) -> Self {
        Self { what, currency: market.currency(), ignored: Vec::new() }
    }

    fn with_ignored(self, ignored: Vec<String>) -> Self {
        Self { ignored, ..self }
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

/// What came of a run, or the problem that stands in its way. The same payload has the same fields that are ignored.
pub async fn of_reply(node: &Arc<Node>, reply: Reply, market: &Market, ignored: Vec<String>) -> Result<Outcome, Problem> {
    let what = match reply {
        Reply::Quoted(quote) => What::Quoted(Quoted::of(&quote)),
        Reply::Unmatched { ping, reason } => What::Unmatched { ping, reason: reason.word() },
        Reply::AlreadyPinged(ping) => of_earlier_ping(node, ping).await?,
        Reply::Lead(lead) => What::Lead(Lead::of(lead)),
        Reply::NotAccepted(NotAccepted::Repeat(lead)) => What::Lead(of_repeat(node, lead).await?),
        Reply::NotAccepted(standing) => return Err(Problem::not_accepted(&standing)),
        Reply::Unavailable => return Err(Problem::unavailable("the exchange can't store this durably")),
    };
    Ok(Outcome::new(what, market).with_ignored(ignored))
}

/// A repeated ping hears what the first was told.
async fn of_earlier_ping(node: &Node, ping: PingId) -> Result<What, Problem> {
    let answer = node.readers.read(move |reader| reader.ping_answer(ping)).await.map_err(Problem::store)?;
    match answer {
        None => Err(Problem::in_flight(None)),
        Some(PingAnswer::Quoted(quote)) => Ok(What::Quoted(Quoted::of_row(&quote))),
        Some(PingAnswer::Unmatched(record)) => Ok(What::Unmatched { ping, reason: why_unmatched(&record) }),
    }
}

async fn of_repeat(node: &Node, lead: LeadId) -> Result<Lead, Problem> {
    let row = node.readers.read(move |reader| reader.lead(lead)).await.map_err(Problem::store)?;
    let row = row.ok_or_else(|| Problem::not_accepted(&NotAccepted::Erased))?;
    if row.status == LeadStatus::Open { Err(Problem::in_flight(Some(lead))) } else { Ok(Lead::of_row(&row)) }
}

impl Quoted {
    fn of(quote: &QuoteReply) -> Self {
        Self { ping: quote.ping, net: quote.net, firm: quote.firm, expires_at: quote.expires_at, legs: dearest_first(&quote.legs) }
    }

    fn of_row(quote: &QuoteRow) -> Self {
        let promised: Vec<_> = quote.offers.iter().filter(|offer| offer.promised).collect();
        let is_shared = promised.iter().any(|offer| offer.kind == SaleKind::Shared);
        let nets: Vec<Money> = if is_shared { promised.iter().map(|offer| offer.net).collect() } else { Vec::new() };
        Self { ping: quote.ping, net: quote.net, firm: quote.firm, expires_at: quote.expires_at, legs: dearest_first(&nets) }
    }
}

impl Lead {
    fn of(reply: LeadReply) -> Self {
        Self {
            lead: reply.lead,
            status: reply.status,
            net: reply.net,
            reason: reply.reason.map(|reason| reason.word().to_owned()),
            redirect_url: reply.redirect_url,
            duplicate_of: reply.duplicate_of,
            legs: several(&reply.legs),
        }
    }

    /// As the store has it now. A lead whose run goes on is pending, for its supplier.
    pub fn of_row(row: &LeadRow) -> Self {
        Self {
            lead: row.lead,
            status: if row.status == LeadStatus::Open { LeadStatus::Pending } else { row.status },
            net: row.net,
            reason: row.reason.clone(),
            redirect_url: row.redirect_url.clone(),
            duplicate_of: row.own_duplicate_of,
            legs: several(&row.legs),
        }
    }
}

fn why_unmatched(record: &RunRecord) -> &'static str {
    let reason = record.decisions.iter().rev().find_map(|(_, decision)| if let Decision::Unsold { reason } = decision { Some(*reason) } else { None });
    reason.map_or("no_bid", |reason| reason.word())
}

/// So that a repeat says them in the same order, whichever was settled first.
fn dearest_first(nets: &[Money]) -> Vec<Money> {
    let mut nets = nets.to_vec();
    nets.sort_unstable_by_key(|net| std::cmp::Reverse(*net));
    nets
}

/// The price of a single leg is that of the lead: it isn't said twice.
fn several(nets: &[Money]) -> Vec<Money> {
    if nets.len() > 1 { dearest_first(nets) } else { Vec::new() }
}
