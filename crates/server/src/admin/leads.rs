//! `GET /v1/admin/leads` and `POST /v1/admin/leads/search`: leads, by whatever is known of them.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::lead::FieldError;
use wire::{
    answer::Node as Body,
    request::{LeadSearch, read_search, read_search_query},
};

use super::documents;
use crate::{
    caller,
    node::Node,
    problem::Problem,
    refusals::{NotAnOperators, NotRead},
    search,
};

/// Leads, newest first
///
/// All that is said of them holds. A lead is found by its person with `POST /v1/admin/leads/search`: addresses are logged.
#[utoipa::path(
    get,
    path = "/v1/admin/leads",
    operation_id = "leads",
    tag = "operators",
    params(
        ("status" = Option<String>, Query, description = "`open`, `sold`, `unsold`, `duplicate`, `pending` or `returned`"),
        ("supplier" = Option<String>, Query, description = "Who sent it"),
        ("vertical" = Option<String>, Query, description = "Its vertical"),
        ("buyer" = Option<String>, Query, description = "Who had a sale of it, whatever became of that"),
        ("contract" = Option<String>, Query, description = "BUYER/CONTRACT that had a sale of it"),
        ("test" = Option<bool>, Query, description = "Tests only, or none"),
        ("from" = Option<String>, Query, description = "Taken on at this RFC 3339 time or later; a date begins in the exchange's time zone"),
        ("until" = Option<String>, Query, description = "Taken on before this time; of a date, before it ends"),
        ("before" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where it is left out"),
    ),
    responses(
        (status = 200, description = "A page of leads", body = documents::FoundLeads),
        (status = 422, description = "What must be corrected, all of it named in `errors`", content_type = "application/problem+json"),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
    ),
    security(("key" = []))
)]
pub async fn leads(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "leads", request, caller::operator, |asked| answer(&node, read_search_query(asked.query.as_deref(), &node.time_zone()))).await
}

/// Leads, by an id, a reference, a phone number or an e-mail
///
/// `text` is anything that is known of a lead: its id, that of its ping, sale or post; a buyer's reference of its bid or its lead; a
/// supplier's `Idempotency-Key` of the last 7 days; the person's phone number or e-mail, which are compared as keyed hashes and kept
/// nowhere. The other fields narrow it, and mean what they mean in `GET /v1/admin/leads`.
#[utoipa::path(
    post,
    path = "/v1/admin/leads/search",
    operation_id = "search_leads",
    tag = "operators",
    request_body(description = "Any of them may be left out", content((documents::LeadSearch = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "A page of leads", body = documents::FoundLeads),
        (status = 422, description = "Fields that must be corrected, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
        NotRead,
    ),
    security(("key" = []))
)]
pub async fn search(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "search_leads", request, caller::operator, |asked| answer(&node, read_search(&asked.fields, &node.time_zone()))).await
}

async fn answer(node: &Node, search: Result<LeadSearch, Vec<FieldError>>) -> Result<Body, Problem> {
    let search = search.map_err(|errors| Problem::fields(&errors))?;
    let master = node.master.clone();
    let found = node.readers.read(move |reader| search::find(reader, &master, &search)).await.map_err(Problem::store)?;
    Ok(search::body(&found))
}
