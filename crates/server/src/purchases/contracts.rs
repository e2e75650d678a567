//! `GET /v1/contracts`: a buyer's contracts, and what of them is its own to change.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{contract::Contract, id::BuyerName, market::Market, self_service::PriceKey};
use wire::answer::Node as Body;

use super::documents;
use crate::{
    caller::{self, Asked, Buyer},
    node::Node,
    problem::Problem,
    refusals::NotABuyers,
    self_service,
};

/// Your contracts
///
/// As they are in force now, with what the operator has left to you of each.
#[utoipa::path(
    get,
    path = "/v1/contracts",
    operation_id = "contracts",
    tag = "buyers",
    responses(
        (status = 200, description = "All of them, by name", body = documents::Contracts),
        (status = 503, description = "There is no market yet, or the store can't be read", content_type = "application/problem+json"),
        NotABuyers,
    ),
    security(("key" = []))
)]
pub async fn contracts(State(node): State<Arc<Node>>, request: Request) -> Response {
    caller::answered(&node, "contracts", request, caller::buyer, |asked| answer(&node, asked)).await
}

async fn answer(node: &Node, asked: Asked<Buyer>) -> Result<Body, Problem> {
    let market = market(node)?;
    let own = own(&market, &asked.who.0).map(|contract| entry(&market, contract));
    Ok(Body::object([("contracts", Some(Body::list("contract", own)))]))
}

pub fn market(node: &Node) -> Result<Arc<Market>, Problem> {
    node.market().ok_or_else(|| Problem::unavailable("no market has been applied yet"))
}

fn own<'m>(market: &'m Market, buyer: &BuyerName) -> impl Iterator<Item = &'m Contract> {
    market.parts().contracts.iter().filter(move |contract| contract.key.buyer == *buyer)
}

pub fn entry(market: &Market, contract: &Contract) -> Body {
    let price = |key| contract.price_of(key).map(Body::of);
    let left = &contract.self_service;
    let range = |key| {
        let own = left.prices.get(&key)?;
        Some(Body::object([("min", Some(Body::of(own.range.min()))), ("max", Some(Body::of(own.range.max())))]))
    };
    let left = Body::object([
        ("pause", Some(Body::Boolean(left.pause))),
        ("price", range(PriceKey::Price)),
        ("shared_price", range(PriceKey::SharedPrice)),
        ("max_bid", range(PriceKey::MaxBid)),
    ]);
    Body::object([
        ("contract", Some(Body::of(&contract.key))),
        ("vertical", Some(Body::of(&contract.vertical))),
        ("paused", Some(Body::Boolean(contract.paused_by_buyer))),
        ("paused_by_operator", Some(Body::Boolean(contract.paused))),
        ("suspended", Some(Body::Boolean(market.buyer(contract.buyer).suspended))),
        ("price", price(PriceKey::Price)),
        ("shared_price", price(PriceKey::SharedPrice)),
        ("max_bid", price(PriceKey::MaxBid)),
        ("currency", Some(Body::of(market.currency().code()))),
        ("self_service", Some(left)),
        ("version", Some(Body::text(self_service::version(contract)))),
    ])
}
