//! `POST /v1/pings/{vertical}`: anonymous attributes in, a quote out.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{
    flow::Task,
    id::{PingId, Subject},
    lead::read_ping,
};

use super::{
    documents,
    fingerprint::fingerprint,
    outcome::{self, Outcome},
    request::{About, Desk, Incoming, answered, idempotency},
    sealing::seal,
};
use crate::{admission::Class, clock, driver, entropy, node::Node, problem::Problem};

/// Ping: anonymous attributes in, a quote out
///
/// A field of a personal type is refused (`contact_in_ping`). A coarsened field takes the exact value, which is coarsened at
/// once and kept sealed, or its band's label. What no ping shows is named in `ignored`. `"test": true` books nothing.
#[utoipa::path(
    post,
    path = "/v1/pings/{vertical}",
    operation_id = "ping",
    tag = "suppliers",
    params(
        ("vertical" = String, Path, description = "A vertical of the market"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters. The same key and payload: the same answer and one effect, for 7 days"),
    ),
    request_body(description = "The vertical's fields that a ping shows", content((serde_json::Value = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "A quote, or none with the reason", body = documents::Quote),
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
pub async fn ping(State(node): State<Arc<Node>>, About(vertical): About, request: Request) -> Response {
    answered(&node, Class::Ping, request, |incoming| decide(&node, &vertical, incoming)).await
}

/// What comes of a ping, whatever it is said in.
pub async fn decide(node: &Arc<Node>, vertical: &str, mut incoming: Incoming) -> Result<Outcome, Problem> {
    let desk = Desk::open(node.market(), vertical, &incoming.supplier)?;
    let of_market = desk.vertical()?;
    incoming.rename(desk.terms()?);
    let today = clock::now().date_in(&desk.market.parts().time_zone);
    let read = incoming.all_right(read_ping(of_market, &incoming.fields, today))?;
    let ping = PingId::from_bytes(entropy::timed_id());
    let sealed = if read.exact.is_empty() { None } else { Some(seal(&node.master, Subject::Ping(ping), of_market, &read.exact)?) };
    let print = || fingerprint(&node.master, &["ping", vertical], &incoming.fields, incoming.test);
    let idempotency = incoming.idempotency_key.map(|key| idempotency(&node.master, &key, print()));
    let start = desk.start_of_run(read.attributes, incoming.test, incoming.limits, None, Task::Ping { ping, sealed, idempotency, node: node.id });
    let reply = outcome::await_reply(driver::start(node, start)).await?;
    outcome::of_reply(node, reply, &desk.market, read.ignored).await
}
