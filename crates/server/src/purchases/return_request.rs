//! `POST /v1/sales/{sale_id}/return`: a buyer gives a lead back.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use exchange::{
    command::{Command, Outcome},
    id::{BuyerName, SaleId, Subject},
    returns::{RequestReturn, ReturnRefusal, ReturnRules},
    seal::ContactPart,
    value::Value,
};
use store::SaleRow;
use wire::{
    answer::Node as Body,
    request::{ReturnText, read_return},
};

use super::{
    documents,
    entry::{entry, sale_of},
};
use crate::{
    audited::audited,
    caller::{self, Asked, Buyer},
    entropy,
    intake::About,
    node::Node,
    problem::Problem,
    refusals::{NotABuyers, NotRead},
    ruling::NOTE,
};

/// Give a lead back
///
/// Within the contract's `return_days` and its share of returns; the operator decides. The same request again gets the sale as it
/// is. What the note says is sealed like a contact: only the operator reads it, and the journal says so.
#[utoipa::path(
    post,
    path = "/v1/sales/{sale_id}/return",
    operation_id = "request_return",
    tag = "buyers",
    params(("sale_id" = String, Path, description = "The sale, sale_…")),
    request_body(description = "`reason` is one of a fixed set; `note` has at most 1,000 characters", content((documents::ReturnRequest = "application/json"), (String = "application/x-www-form-urlencoded"), (String = "application/xml"))),
    responses(
        (status = 200, description = "The sale with its return", body = documents::Sale),
        (status = 404, description = "No sale of this buyer", content_type = "application/problem+json"),
        (status = 409, description = "It can't be given back; `detail` says why", content_type = "application/problem+json"),
        (status = 422, description = "Fields that must be corrected, all of them named in `errors`", content_type = "application/problem+json"),
        (status = 503, description = "Nothing could be stored durably; the same request may be sent again", content_type = "application/problem+json"),
        NotABuyers,
        NotRead,
    ),
    security(("key" = []))
)]
pub async fn return_request(State(node): State<Arc<Node>>, About(sale): About, request: Request) -> Response {
    caller::answered(&node, "request_return", request, caller::buyer, |asked| answer(&node, sale, asked)).await
}

fn unknown() -> Problem {
    Problem::not_found("no sale of yours has this id")
}

async fn answer(node: &Node, sale: String, asked: Asked<Buyer>) -> Result<Body, Problem> {
    let sale: SaleId = sale.parse().map_err(|_| unknown())?;
    let buyer = asked.who.0;
    let row = sale_of(node, sale, &buyer).await?.ok_or_else(unknown)?;
    let text = read_return(&asked.fields).map_err(|errors| Problem::fields(&errors))?;
    ask(node, &row, &format!("buyer {buyer}"), text).await?;
    again(node, sale, &buyer).await
}

/// `who` asks for a return of one of its buyer's sales.
pub async fn ask(node: &Node, row: &SaleRow, who: &str, text: ReturnText) -> Result<(), Problem> {
    let rules = rules(node, row).await?;
    let note = sealed(node, row, &text)?;
    let request = RequestReturn { sale: row.sale, buyer: row.buyer.clone(), reason: text.reason, note, rules };
    match node.writer.apply(audited(who, Command::RequestReturn(request))).await {
        Ok(Outcome::ReturnOpen) => Ok(()),
        Ok(Outcome::ReturnRefused(ReturnRefusal::UnknownSale)) => Err(unknown()),
        Ok(Outcome::ReturnRefused(refusal)) => Err(Problem::return_refused(refusal)),
        Ok(other) => {
            tracing::error!(?other, "the store answered a return otherwise");
            Err(Problem::internal())
        }
        Err(error) => Err(Problem::not_stored(&error)),
    }
}

async fn again(node: &Node, sale: SaleId, buyer: &BuyerName) -> Result<Body, Problem> {
    entry(node, sale_of(node, sale, buyer).await?.ok_or_else(unknown)?).await
}

/// The contract's, as the lead was sold under it.
pub async fn rules(node: &Node, row: &SaleRow) -> Result<ReturnRules, Problem> {
    let lead = row.lead;
    let lead = node.readers.read(move |reader| reader.lead(lead)).await.map_err(Problem::store)?.ok_or_else(unknown)?;
    let market = node.market_of(lead.revision).await.map_err(Problem::market)?;
    market.contract_named(&row.contract).map(ReturnRules::of).ok_or_else(|| Problem::return_refused(ReturnRefusal::NoReturns))
}

fn sealed(node: &Node, row: &SaleRow, text: &ReturnText) -> Result<Option<ContactPart>, Problem> {
    let seal = |note: &str| node.master.seal(Subject::Lead(row.lead), [(NOTE, &Value::of_text(note))], &mut entropy::fill);
    text.note.as_ref().map(|note| seal(note)).transpose().map_err(|_| Problem::unavailable("the note can't be sealed"))
}
