//! `GET /v1/admin/unknown`: sales that may have been made, and nobody knows.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use wire::answer::Node as Body;

use super::{documents, entry};
use crate::{caller, node::Node, problem::Problem, refusals::NotAnOperators};

/// Sales whose outcome nobody knows
///
/// The buyer may have the contact, so its lead is offered to nobody. They settle by the buyer's own report, by its status
/// address, by the contract's policy, or by `POST /v1/admin/sales/{sale_id}/resolve`.
#[utoipa::path(
    get,
    path = "/v1/admin/unknown",
    operation_id = "unknown_sales",
    tag = "operators",
    responses(
        (status = 200, description = "Oldest first", body = documents::AdminSales),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
    ),
    security(("key" = []))
)]
pub async fn unknown(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "unknown_sales", request, caller::operator, |_| answer(&node)).await
}

async fn answer(node: &Node) -> Result<Body, Problem> {
    let rows = node.readers.read(|reader| reader.unknown_sales()).await.map_err(Problem::store)?;
    Ok(entry::sales(rows.iter().map(|row| (row, None)), node.currency()))
}
