//! `POST /v1/pings/{ping_id}/post`: the contact for a quote.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{
    id::PingId,
    lead::{Code, FromPing, read_post},
    market::Market,
    schema::Vertical,
};
use store::QuoteRow;

use super::{
    documents,
    fingerprint::fingerprint,
    outcome::{self, Outcome},
    posted::{Posted, start_of_run},
    request::{About, Desk, Incoming, answered},
};
use crate::{admission::Class, clock, driver, node::Node, problem::Problem};

/// Post: the contact for a quote
///
/// What the ping gave exactly may be left out; what differs from the ping, as the ping shows it, is refused
/// (`attribute_changed`). The same payload again gets the lead's current answer.
#[utoipa::path(
    post,
    path = "/v1/pings/{ping_id}/post",
    operation_id = "quoted_post",
    tag = "suppliers",
    params(
        ("ping_id" = String, Path, description = "The ping that was matched, ping_…"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters. The same key and payload: the same answer and one effect, for 7 days"),
    ),
    request_body(description = "All fields of the vertical, exact", content((serde_json::Value = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "What became of the lead", body = documents::Lead),
        (status = 410, description = "The quote has expired", content_type = "application/problem+json"),
        (status = 400, description = "The body can't be read", content_type = "application/problem+json"),
        (status = 401, description = "No key, or one that isn't known", content_type = "application/problem+json"),
        (status = 403, description = "Not this supplier's", content_type = "application/problem+json"),
        (status = 404, description = "Not known", content_type = "application/problem+json"),
        (status = 406, description = "Neither JSON nor XML is accepted", content_type = "application/problem+json"),
        (status = 409, description = "The same request is still being worked on, or the ping was posted otherwise", content_type = "application/problem+json"),
        (status = 413, description = "More than 64 KiB", content_type = "application/problem+json"),
        (status = 415, description = "Neither JSON, form nor XML", content_type = "application/problem+json"),
        (status = 422, description = "Fields that must be corrected, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 429, description = "Faster than the supplier's rate limit; wait as `Retry-After` says", content_type = "application/problem+json"),
        (status = 503, description = "Nothing could be stored durably, or the exchange carries all it can; the same request may be sent again when `Retry-After` is over", content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub async fn quoted_post(State(node): State<Arc<Node>>, About(ping): About, request: Request) -> Response {
    answered(&node, Class::QuotedPost, request, |incoming| decide(&node, &ping, incoming)).await
}

/// What comes of the post of a quote, whatever it is said in.
pub async fn decide(node: &Arc<Node>, ping: &str, mut incoming: Incoming) -> Result<Outcome, Problem> {
    let unknown = || Problem::not_found("no quote of yours has this id: ping first");
    let ping: PingId = ping.parse().map_err(|_| unknown())?;
    let quote = node.readers.read(move |reader| reader.quote(ping)).await.map_err(Problem::store)?;
    let quote = quote.filter(|quote| quote.supplier == incoming.supplier).ok_or_else(unknown)?;
    let of_quote = node.market_of(quote.revision).await.map_err(Problem::market)?;
    let market = market_for(node, &of_quote, &quote);
    let desk = Desk::open(Some(market), quote.vertical.as_str(), &incoming.supplier)?;
    let of_market = desk.vertical()?;
    incoming.rename(desk.terms()?);

    if incoming.test && !quote.test {
        incoming.mistaken("test", Code::AttributeChanged, "the ping was no test, so its post can't be one: ping again as a test");
    }
    // Ages are those of the day of the ping: a birthday in between is no change.
    let day_of_ping = quote.quoted_at.date_in(&desk.market.parts().time_zone);
    // What the ping said is kept by the places of its own revision: under another one, the post speaks for itself.
    let from_ping = (desk.market.revision() == quote.revision).then(|| from_ping(&quote, of_market));
    let read = incoming.all_right(read_post(of_market, &incoming.fields, from_ping.as_ref(), day_of_ping))?;
    let fingerprint = fingerprint(&node.master, &["post", &ping.to_string()], &incoming.fields, quote.test);
    let ignored = read.ignored.clone();
    let sealed_before = from_ping.map(|ping| ping.sealed).unwrap_or_default();
    let requote = desk.terms()?.accept_requote;
    let posted = Posted {
        read,
        test: quote.test,
        fingerprint,
        idempotency_key: incoming.idempotency_key,
        quote: Some((ping, requote)),
        limits: incoming.limits,
        sealed_before,
    };
    let start = start_of_run(node, &desk, posted)?;
    let reply = outcome::await_reply(driver::start(node, start)).await?;
    outcome::of_reply(node, reply, &desk.market, ignored).await
}

/// A quote is sold under its own revision. One that has expired is auctioned again under the present one, where the
/// supplier has asked for that and the present market still has it.
fn market_for(node: &Node, of_quote: &Arc<Market>, quote: &QuoteRow) -> Arc<Market> {
    let present = node.market().filter(|present| quote.expires_at <= clock::now() && quote.lead.is_none() && present.vertical(&quote.vertical).is_some());
    let wants = |market: &Market| market.supplier(&quote.supplier).is_some_and(|supplier| supplier.accept_requote);
    present.filter(|present| wants(present)).unwrap_or_else(|| Arc::clone(of_quote))
}

fn from_ping(quote: &QuoteRow, vertical: &Vertical) -> FromPing {
    let sealed: BTreeSet<_> = quote.sealed_fields.iter().filter_map(|name| vertical.find(name)).collect();
    FromPing { attributes: quote.attributes.clone(), sealed }
}
