//! `POST /v1/contracts/{contract}`: a buyer pauses its contract or sets its prices, as far as the operator leaves that to it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use wire::{answer::Node as Body, request::read_own_terms};

use super::{
    contracts::{entry, market},
    documents,
};
use crate::{
    caller::{self, Asked, Buyer},
    intake::About,
    node::Node,
    problem::Problem,
    refusals::{NotABuyers, NotRead},
    self_service::{self, By},
};

/// Pause a contract, resume it, or set its prices
///
/// As far as `self_service` of the contract says. What is left out stays as it is. New auctions run under it at once, on every node within
/// a second; a lead whose auction is over keeps the price of that, though nothing more is sold to a paused contract. The same request
/// again changes nothing. At most 20 changes in an hour.
#[utoipa::path(
    post,
    path = "/v1/contracts/{contract}",
    operation_id = "set_own_terms",
    tag = "buyers",
    params(("contract" = String, Path, description = "The contract's name, without the buyer's")),
    request_body(description = "What is to be otherwise. With the `version` that the contract had when it was read, it is refused (409) if others changed its terms since", content((documents::OwnTerms = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "The contract as it is then", body = documents::Contract),
        (status = 404, description = "No contract of this buyer", content_type = "application/problem+json"),
        (status = 409, description = "The contract's terms aren't of that `version` any more", content_type = "application/problem+json"),
        (status = 422, description = "Fields that can't be so, or that the operator hasn't left to you, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 429, description = "Too many changes in this hour; `Retry-After` says when there is room", content_type = "application/problem+json"),
        (status = 503, description = "Nothing could be stored durably; the same request may be sent again", content_type = "application/problem+json"),
        NotABuyers,
        NotRead,
    ),
    security(("key" = []))
)]
pub async fn own_terms(State(node): State<Arc<Node>>, About(contract): About, request: Request) -> Response {
    caller::answered(&node, "set_own_terms", request, caller::buyer, |asked| answer(&node, contract, asked)).await
}

async fn answer(node: &Arc<Node>, contract: String, asked: Asked<Buyer>) -> Result<Body, Problem> {
    let buyer = asked.who.0;
    self_service::own(&*market(node)?, &buyer, &contract)?;
    let terms = read_own_terms(&asked.fields, node.currency()).map_err(|errors| Problem::fields(&errors))?;
    self_service::change(node, By { buyer: &buyer, person: None }, &contract, &terms).await?;
    let market = market(node)?;
    self_service::own(&market, &buyer, &contract).map(|contract| entry(&market, contract))
}
