//! `GET /v1/admin/leads/{lead_id}`: the trace of a lead or ping, without its contact.

use std::sync::Arc;

use crate::{
    caller::{self, Told},
    intake::About,
    node::Node,
    problem::Problem,
    trace::{self, Trace, TraceError},
};
use axum::{
    extract::{Request, State},
    response::Response,
};

/// The whole life of a lead or ping, and why
///
/// What `pingpost trace --json` prints: each contract's yes or why not, each ping with its bid, the auctions, the sales, who
/// had the contact, the ledger. The contact itself is shown by `pingpost trace --reveal` alone, which journals who looked.
#[utoipa::path(
    get,
    path = "/v1/admin/leads/{lead_id}",
    operation_id = "lead_trace",
    tag = "operators",
    params(("lead_id" = String, Path, description = "lead_… or ping_…")),
    responses(
        (status = 200, description = "The trace", body = Trace),
        (status = 401, description = "No key, or one that isn't known", content_type = "application/problem+json"),
        (status = 403, description = "Not an operator's key", content_type = "application/problem+json"),
        (status = 404, description = "No such lead or ping", content_type = "application/problem+json"),
        (status = 406, description = "JSON isn't accepted", content_type = "application/problem+json"),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub async fn lead(State(node): State<Arc<Node>>, About(id): About, request: Request) -> Response {
    caller::answered(&node, "lead_trace", request, caller::operator, |_| answer(&node, id)).await
}

async fn answer(node: &Node, id: String) -> Result<Told, Problem> {
    let readers = node.readers.clone();
    // Gathering may wait for a record that is on its way; and it is long to tell of a tree with ten thousand contracts.
    let told = tokio::task::spawn_blocking(move || trace::gather(&readers, &id).map(|trace| Told::json(&trace))).await;
    told.map_err(|_| Problem::internal())?.map_err(problem)
}

fn problem(error: TraceError) -> Problem {
    match error {
        TraceError::NotAnId(_) | TraceError::Unknown(_) => Problem::not_found("nothing is known of a lead or ping of this id"),
        TraceError::Store(error) => Problem::store(error),
        TraceError::Market(error) => Problem::market(error),
    }
}
