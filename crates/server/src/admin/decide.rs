//! `POST /v1/admin/sales/{sale_id}/return/decide`: an operator accepts or refuses a return.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::id::SaleId;
use wire::{answer::Node as Body, request::read_decision};

use super::{documents, entry};
use crate::{
    caller::{self, Asked, Operator},
    intake::About,
    node::Node,
    problem::Problem,
    refusals::{NotAnOperators, NotRead},
    ruling,
};

/// Accept or refuse a return
///
/// Accepted, the ledger reverses the sale, also after the supplier was paid; the lead is never sold again. The same ruling again gets
/// the sale as it is.
#[utoipa::path(
    post,
    path = "/v1/admin/sales/{sale_id}/return/decide",
    operation_id = "decide_return",
    tag = "operators",
    params(("sale_id" = String, Path, description = "The sale, sale_…")),
    request_body(description = "`decision` is `accept` or `refuse`", content((documents::Decision = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "The sale as it stands now", body = documents::AdminSale),
        (status = 404, description = "No such sale, or nobody has asked to return it", content_type = "application/problem+json"),
        (status = 409, description = "It was decided otherwise, or is still under way", content_type = "application/problem+json"),
        (status = 422, description = "Fields that must be corrected, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 503, description = "Nothing could be stored durably; the same request may be sent again", content_type = "application/problem+json"),
        NotAnOperators,
        NotRead,
    ),
    security(("key" = []))
)]
pub async fn decide(State(node): State<Arc<Node>>, About(sale): About, request: Request) -> Response {
    caller::answered(&node, "decide_return", request, caller::operator, |asked| answer(&node, sale, asked)).await
}

async fn answer(node: &Node, sale: String, asked: Asked<Operator>) -> Result<Body, Problem> {
    let sale: SaleId = sale.parse().map_err(|_| entry::unknown())?;
    let (_, requested) = entry::read(node, sale).await?;
    let accept = read_decision(&asked.fields).map_err(|errors| Problem::fields(&errors))?;
    let requested = requested.ok_or_else(|| Problem::not_found("nobody has asked to return this sale"))?;
    entry::ruled(node, sale, &asked.who.0, ruling::decide(&requested, accept)).await
}
