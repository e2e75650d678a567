//! `GET /v1/admin/returns`: what buyers want to give back, and waits for the operator.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use wire::answer::Node as Body;

use super::{documents, entry};
use crate::{caller, node::Node, problem::Problem, refusals::NotAnOperators, ruling};

/// At most so many are told at once.
const MOST: u32 = 500;

/// Returns that wait to be decided
///
/// At most 500 of them; decided ones leave the list. A buyer's note is sealed: `pingpost returns --reveal` shows it, and
/// journals who looked.
#[utoipa::path(
    get,
    path = "/v1/admin/returns",
    operation_id = "open_returns",
    tag = "operators",
    responses(
        (status = 200, description = "Oldest first", body = documents::AdminSales),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
    ),
    security(("key" = []))
)]
pub async fn returns(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "open_returns", request, caller::operator, |_| answer(&node)).await
}

async fn answer(node: &Node) -> Result<Body, Problem> {
    let open = node.readers.read(|reader| ruling::open_returns(reader, MOST)).await.map_err(Problem::store)?;
    Ok(entry::sales(open.iter().map(|(sale, asked)| (sale, Some(asked))), node.currency()))
}
