//! One of a buyer's sales, as every call tells it.

use exchange::{
    id::{BuyerName, SaleId},
    money::Currency,
};
use store::{ReturnRow, SaleRow};
use wire::answer::Node as Body;

use super::page::{self, Listed};
use crate::{node::Node, problem::Problem};

/// None for another buyer's sale, as for one that isn't there.
pub async fn sale_of(node: &Node, sale: SaleId, buyer: &BuyerName) -> Result<Option<SaleRow>, Problem> {
    let row = node.readers.read(move |reader| reader.sale(sale)).await.map_err(Problem::store)?;
    Ok(row.filter(|row| row.buyer == *buyer))
}

/// A sale with what became of its return.
pub async fn entry(node: &Node, sale: SaleRow) -> Result<Body, Problem> {
    let listed = node.readers.read(move |reader| page::listed(reader, sale)).await.map_err(Problem::store)?;
    Ok(of(&listed, node.currency()))
}

pub fn of(listed: &Listed, currency: Currency) -> Body {
    let sale = &listed.sale;
    Body::object([
        ("sale_id", Some(Body::of(sale.sale))),
        ("post_id", Some(Body::of(sale.sale.post_id()))),
        ("ping_id", Some(Body::of(sale.buyer_ping))),
        ("ref", sale.reference.clone().map(Body::text)),
        ("lead_ref", sale.buyer_lead_reference.clone().map(Body::text)),
        ("contract", Some(Body::of(&sale.contract))),
        ("sale", Some(Body::text(sale.kind.word()))),
        ("status", Some(Body::text(sale.status.word()))),
        ("price", Some(Body::of(sale.price))),
        ("currency", Some(Body::of(currency.code()))),
        ("test", Some(Body::Boolean(sale.test))),
        ("reason", sale.void_cause.clone().map(Body::text)),
        ("reserved_at", Some(Body::of(sale.reserved_at))),
        ("posted_at", sale.post_started_at.map(Body::of)),
        ("ended_at", sale.ended_at.map(Body::of)),
        ("return", listed.returned.as_ref().map(of_return)),
    ])
}

fn of_return(row: &ReturnRow) -> Body {
    Body::object([
        ("status", Some(Body::text(row.status.word()))),
        ("reason", Some(Body::text(row.reason.clone())).filter(|_| !row.reason.is_empty())),
        ("requested_at", Some(Body::of(row.requested_at))),
        ("decided_at", row.decided_at.map(Body::of)),
    ])
}
