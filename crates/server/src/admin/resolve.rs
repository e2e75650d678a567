//! `POST /v1/admin/sales/{sale_id}/resolve`: an operator ends a sale that nobody could settle.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::id::SaleId;
use wire::{answer::Node as Body, request::read_resolution};

use super::{documents, entry};
use crate::{
    caller::{self, Asked, Operator},
    intake::About,
    node::Node,
    problem::Problem,
    refusals::{NotAnOperators, NotRead},
    ruling,
};

/// End a sale that nobody could settle
///
/// Taken for sold, its buyer pays; taken for void, what it held is free and the lead ends unsold, never to be offered again. The same ruling
/// again gets the sale as it is.
#[utoipa::path(
    post,
    path = "/v1/admin/sales/{sale_id}/resolve",
    operation_id = "resolve_sale",
    tag = "operators",
    params(("sale_id" = String, Path, description = "The sale, sale_…")),
    request_body(description = "`as` is `sold` or `void`", content((documents::Resolution = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "The sale as it stands now", body = documents::AdminSale),
        (status = 404, description = "No such sale", content_type = "application/problem+json"),
        (status = 409, description = "It was decided otherwise, or is still under way", content_type = "application/problem+json"),
        (status = 422, description = "Fields that must be corrected, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 503, description = "Nothing could be stored durably; the same request may be sent again", content_type = "application/problem+json"),
        NotAnOperators,
        NotRead,
    ),
    security(("key" = []))
)]
pub async fn resolve(State(node): State<Arc<Node>>, About(sale): About, request: Request) -> Response {
    caller::answered(&node, "resolve_sale", request, caller::operator, |asked| answer(&node, sale, asked)).await
}

async fn answer(node: &Node, sale: String, asked: Asked<Operator>) -> Result<Body, Problem> {
    let sale: SaleId = sale.parse().map_err(|_| entry::unknown())?;
    let (row, _) = entry::read(node, sale).await?;
    let end = read_resolution(&asked.fields).map_err(|errors| Problem::fields(&errors))?;
    entry::ruled(node, sale, &asked.who.0, ruling::resolve(&row, end, &asked.who.0)).await
}
