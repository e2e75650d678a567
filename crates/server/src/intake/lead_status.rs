//! `GET /v1/leads/{lead_id}`: where a supplier's own lead stands.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use exchange::{
    id::{LeadId, SupplierName},
    money::Currency,
};

use super::{
    answers, documents,
    outcome::Lead,
    request::{About, asking},
};
use crate::{node::Node, problem::Problem};

/// Where one of the supplier's own leads stands
#[utoipa::path(
    get,
    path = "/v1/leads/{lead_id}",
    operation_id = "lead_status",
    tag = "suppliers",
    params(("lead_id" = String, Path, description = "lead_…")),
    responses(
        (status = 200, description = "The lead, with its times", body = documents::Lead),
        (status = 401, description = "No key, or one that isn't known", content_type = "application/problem+json"),
        (status = 404, description = "No lead of this supplier", content_type = "application/problem+json"),
        (status = 429, description = "Faster than the supplier's rate limit", content_type = "application/problem+json"),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub async fn lead_status(State(node): State<Arc<Node>>, About(lead): About, headers: HeaderMap) -> Response {
    let asking = match asking(&node, &headers).await {
        Ok(asking) => asking,
        Err((format, problem)) => return problem.respond(format, "lead_status"),
    };
    match answer(&node, &lead, &asking.supplier).await {
        Ok(answer) => answer.respond(asking.format, "lead_status"),
        Err(problem) => problem.respond(asking.format, "lead_status"),
    }
}

async fn answer(node: &Node, lead: &str, supplier: &SupplierName) -> Result<answers::Answer, Problem> {
    let unknown = || Problem::not_found("no lead of yours has this id");
    let lead: LeadId = lead.parse().map_err(|_| unknown())?;
    let row = node.readers.read(move |reader| reader.lead(lead)).await.map_err(Problem::store)?;
    let row = row.filter(|row| row.supplier == *supplier).ok_or_else(unknown)?;
    let currency = node.market().map_or(Currency::USD, |market| market.currency());
    Ok(answers::of_lead(Lead::of_row(&row), currency).with_times(&row))
}
