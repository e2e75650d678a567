//! `GET /v1/admin/alerts`: what an operator should look at, and what was the matter before.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use wire::answer::Node as Body;

use super::documents;
use crate::{alerts::AlertsTold, caller, node::Node, problem::Problem, refusals::NotAnOperators};

/// Alerts
///
/// Those that stand, and the latest 100 that are over. One node looks each minute; an alert is kept for 90 days after it was over.
#[utoipa::path(
    get,
    path = "/v1/admin/alerts",
    operation_id = "alerts",
    tag = "operators",
    responses(
        (status = 200, description = "Newest first", body = documents::Alerts),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
    ),
    security(("key" = []))
)]
pub async fn alerts(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "alerts", request, caller::operator, |_| answer(&node)).await
}

async fn answer(node: &Node) -> Result<Body, Problem> {
    node.readers.read(AlertsTold::read).await.map(|told| told.body()).map_err(Problem::store)
}
