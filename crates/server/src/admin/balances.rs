//! `GET /v1/admin/balances`: what every account has, and what is held of it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::money::Currency;
use store::AccountRow;
use wire::answer::Node as Body;

use super::documents;
use crate::{caller, node::Node, problem::Problem, refusals::NotAnOperators};

/// The balance of every account
///
/// A buyer's is what it has left, less than zero by at most its credit; a supplier's what it is owed. All balances sum to zero.
#[utoipa::path(
    get,
    path = "/v1/admin/balances",
    operation_id = "balances",
    tag = "operators",
    responses(
        (status = 200, description = "Every account that was ever booked or held on", body = documents::Balances),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
    ),
    security(("key" = []))
)]
pub async fn balances(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "balances", request, caller::operator, |_| answer(&node)).await
}

async fn answer(node: &Node) -> Result<Body, Problem> {
    let rows = node.readers.read(|reader| reader.balances()).await.map_err(Problem::store)?;
    let currency: Currency = node.currency();
    let entries = rows.iter().map(entry);
    Ok(Body::object([("currency", Some(Body::of(currency.code()))), ("accounts", Some(Body::list("account", entries)))]))
}

fn entry(row: &AccountRow) -> Body {
    Body::object([("account", Some(Body::of(&row.account))), ("balance", Some(Body::of(row.balance))), ("held", Some(Body::of(row.held)))])
}
