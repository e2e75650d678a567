//! `POST /v1/leads/{vertical}`: ping, auction and post in one.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::lead::read_post;

use super::{
    documents,
    fingerprint::fingerprint,
    outcome::{self, Outcome},
    posted::{Posted, start_of_run},
    request::{About, Desk, Incoming, answered},
};
use crate::{admission::Class, clock, driver, node::Node, problem::Problem};

/// Direct post: ping, auction and post in one
#[utoipa::path(
    post,
    path = "/v1/leads/{vertical}",
    operation_id = "direct_post",
    tag = "suppliers",
    params(
        ("vertical" = String, Path, description = "A vertical of the market"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible characters. The same key and payload: the same answer and one effect, for 7 days"),
    ),
    request_body(description = "All fields of the vertical, exact", content((serde_json::Value = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "What became of the lead", body = documents::Lead),
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
pub async fn direct_post(State(node): State<Arc<Node>>, About(vertical): About, request: Request) -> Response {
    answered(&node, Class::DirectPost, request, |incoming| decide(&node, &vertical, incoming)).await
}

/// What comes of a lead, whatever it is said in.
pub async fn decide(node: &Arc<Node>, vertical: &str, mut incoming: Incoming) -> Result<Outcome, Problem> {
    let desk = Desk::open(node.market(), vertical, &incoming.supplier)?;
    let of_market = desk.vertical()?;
    incoming.rename(desk.terms()?);
    let today = clock::now().date_in(&desk.market.parts().time_zone);
    let read = incoming.all_right(read_post(of_market, &incoming.fields, None, today))?;
    let fingerprint = fingerprint(&node.master, &["lead", vertical], &incoming.fields, incoming.test);
    let ignored = read.ignored.clone();
    let posted = Posted {
        read,
        test: incoming.test,
        fingerprint,
        idempotency_key: incoming.idempotency_key,
        quote: None,
        limits: incoming.limits,
        sealed_before: BTreeSet::new(),
    };
    let start = start_of_run(node, &desk, posted)?;
    let reply = outcome::await_reply(driver::start(node, start)).await?;
    outcome::of_reply(node, reply, &desk.market, ignored).await
}
