//! `GET /v1/sales`: what a buyer bought, and where each sale stands.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{
    lead::{Code, FieldError},
    money::Currency,
};
use wire::{
    answer::Node as Body,
    request::{Page, read_page},
};

use super::{
    documents, entry,
    page::{self, Sales},
};
use crate::{
    caller::{self, Asked, Buyer},
    node::Node,
    problem::Problem,
    refusals::NotABuyers,
};

/// Your sales, newest first
///
/// Nothing of a contact is in it: the contact came with the post, once. Sales of one instant stay on one page, so a page may
/// be a little longer than `limit`.
#[utoipa::path(
    get,
    path = "/v1/sales",
    operation_id = "sales",
    tag = "buyers",
    params(
        ("before" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where it is left out"),
    ),
    responses(
        (status = 200, description = "A page of sales", body = documents::Sales),
        (status = 422, description = "A wrong `limit`, or a `before` that is no sale of yours", content_type = "application/problem+json"),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotABuyers,
    ),
    security(("key" = []))
)]
pub async fn sales(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "sales", request, caller::buyer, |asked| answer(&node, asked)).await
}

async fn answer(node: &Node, asked: Asked<Buyer>) -> Result<Body, Problem> {
    let page: Page<_> = read_page(asked.query.as_deref()).map_err(|errors| Problem::fields(&errors))?;
    let read = node.readers.read(move |reader| page::read(reader, &asked.who.0, page)).await.map_err(Problem::store)?;
    let sales = read.ok_or_else(not_ones_own)?;
    Ok(body(&sales, node.currency()))
}

fn not_ones_own() -> Problem {
    Problem::fields(&[FieldError { field: "before".into(), code: Code::Invalid, message: "send the id that `next` named".into() }])
}

fn body(sales: &Sales, currency: Currency) -> Body {
    let entries = sales.listed.iter().map(|listed| entry::of(listed, currency));
    Body::object([("sales", Some(Body::list("sale", entries))), ("next", sales.next.map(Body::of))])
}
