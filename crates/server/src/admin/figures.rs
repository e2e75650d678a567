//! `GET /v1/admin/figures`: what the exchange took in, sold and earned, and how its buyers do.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{
    id::VerticalName,
    lead::{Code, FieldError},
};
use wire::answer::Node as Body;

use super::documents;
use crate::{
    caller, clock,
    figures::{period::Period, report::Report},
    node::Node,
    problem::Problem,
    refusals::NotAnOperators,
};

/// The figures of a period
///
/// Together, by vertical, and of each buyer. `pingpost figures --define` says what each is; they add up with the ledger, and test leads
/// are in none of them. A figure that there is nothing to measure by is null.
#[utoipa::path(
    get,
    path = "/v1/admin/figures",
    operation_id = "figures",
    tag = "operators",
    params(
        ("period" = Option<String>, Query, description = "`today` where it is left out, `yesterday`, a number of days like `7d`, or two days like `2026-10-01..2026-10-31`, both included; on the exchange's clock"),
        ("vertical" = Option<String>, Query, description = "Of one vertical alone"),
    ),
    responses(
        (status = 200, description = "The figures", body = documents::FiguresOfPeriod),
        (status = 422, description = "No such period or vertical", content_type = "application/problem+json"),
        (status = 503, description = "The store can't be read", content_type = "application/problem+json"),
        NotAnOperators,
    ),
    security(("key" = []))
)]
pub async fn figures(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "figures", request, caller::operator, |asked| answer(&node, asked.query)).await
}

async fn answer(node: &Node, query: Option<String>) -> Result<Body, Problem> {
    let market = node.market().ok_or_else(|| Problem::unavailable("no market has been applied yet"))?;
    let (mut period, mut vertical, mut errors) = ("today".to_owned(), None, Vec::new());
    let invalid = |field: &str, message: String| FieldError { field: field.into(), code: Code::Invalid, message };
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match name.as_ref() {
            "period" => period = value.into_owned(),
            "vertical" => match value.parse::<VerticalName>().ok().filter(|name| market.vertical(name).is_some()) {
                Some(name) => vertical = Some(name),
                None => errors.push(invalid("vertical", "the market has no vertical of this name".into())),
            },
            _ => {}
        }
    }
    let period = Period::parse(&period, clock::now(), &market.parts().time_zone).map_err(|wrong| errors.push(invalid("period", wrong.to_string()))).ok();
    let Some(period) = period.filter(|_| errors.is_empty()) else { return Err(Problem::fields(&errors)) };
    let report = node.readers.read(move |reader| Report::read(reader, period, vertical.as_ref())).await.map_err(Problem::store)?;
    Ok(report.body(market.currency()))
}
