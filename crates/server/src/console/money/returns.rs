//! `/console/money/returns`: returns that buyers have asked for, to accept or refuse.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use exchange::{id::SaleId, permission::Permission};
use jiff::tz::TimeZone;
use store::{ReturnRow, SaleRow};

use super::ruled;
use crate::{
    console::{
        components::{Amount, Moment},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
    ruling,
};

const PATH: &str = "/console/money/returns";
const MOST: u32 = 200;

#[derive(Template)]
#[template(path = "console/money/returns.html")]
struct View {
    frame: Frame,
    may_decide: bool,
    rows: Vec<Row>,
}

struct Row {
    sale: String,
    lead: String,
    buyer: String,
    contract: String,
    price: Amount,
    net: Amount,
    reason: String,
    has_note: bool,
    asked_at: Moment,
    sold_at: Option<Moment>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let zone = node.time_zone();
    let open = node.page_readers.read(|reader| ruling::open_returns(reader, MOST)).await?;
    reply::page(&View::of(Frame::of(&visitor, Place::Returns), &visitor, &open, &zone))
}

impl View {
    fn of(frame: Frame, visitor: &Visitor, open: &[(SaleRow, ReturnRow)], zone: &TimeZone) -> Self {
        let row = |(sale, asked): &(SaleRow, ReturnRow)| Row {
            sale: sale.sale.to_string(),
            lead: sale.lead.to_string(),
            buyer: sale.buyer.to_string(),
            contract: sale.contract.to_string(),
            price: Amount::of(sale.price),
            net: Amount::of(sale.net),
            reason: asked.reason.replace('_', " "),
            has_note: asked.note.is_some(),
            asked_at: Moment::of(asked.requested_at, zone),
            sold_at: sale.ended_at.map(|at| Moment::of(at, zone)),
        };
        Self { frame, may_decide: visitor.may(Permission::Decide), rows: open.iter().map(row).collect() }
    }
}

pub async fn accept(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>) -> Reply {
    decide(&node, &visitor, &sale, true).await
}

pub async fn refuse(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>) -> Reply {
    decide(&node, &visitor, &sale, false).await
}

async fn decide(node: &Node, visitor: &Visitor, sale: &str, accept: bool) -> Reply {
    let unknown = || Failed::not_found("Nobody has asked to return a sale of this id.");
    let sale: SaleId = sale.parse().map_err(|_| unknown())?;
    let read = node.page_readers.read(move |reader| ruling::sale_and_return(reader, sale)).await?;
    let asked = read.and_then(|(_, asked)| asked).ok_or_else(unknown)?;
    let done = if accept { "Accepted: the sale is reversed in the ledger." } else { "Refused: the sale stands." };
    ruled(node, visitor, (PATH, sale), ruling::decide(&asked, accept), done).await
}

#[cfg(test)]
mod tests {
    use store::ReturnStatus;

    use super::*;
    use crate::console::{frame, money::unknown::sample_sale};

    fn rendered(role: &str) -> String {
        let asked = ReturnRow {
            sale: SaleId::from_bytes([1; 16]),
            status: ReturnStatus::Requested,
            reason: "invalid_phone".into(),
            note: None,
            requested_at: Default::default(),
            decided_at: None,
        };
        View::of(frame::sample(role, Place::Returns), &frame::sample_visitor(role), &[(sample_sale(), asked)], &TimeZone::UTC).render().unwrap()
    }

    #[test]
    fn render() {
        insta::assert_snapshot!(frame::inside(&rendered("operations")));
        assert!(!rendered("read-only").contains("/accept"));
    }
}
