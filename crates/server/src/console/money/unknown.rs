//! `/console/money/unknown`: sales that may have been made and nobody knows, to be taken for sold or void.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use exchange::{contract::UnknownEnd, id::SaleId, permission::Permission};
use jiff::tz::TimeZone;
use store::SaleRow;

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

const PATH: &str = "/console/money/unknown";
/// So many are shown: the oldest.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "console/money/unknown.html")]
struct View {
    frame: Frame,
    may_decide: bool,
    rows: Vec<Row>,
    /// How many there are beyond those.
    more: usize,
}

struct Row {
    sale: String,
    lead: String,
    buyer: String,
    price: Amount,
    why: String,
    posted_at: Option<Moment>,
    looks: u32,
    look_at: Option<Moment>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let zone = node.time_zone();
    let unknown = node.page_readers.read(|reader| reader.unknown_sales()).await?;
    reply::page(&View::of(Frame::of(&visitor, Place::Unknown), &visitor, &unknown, &zone))
}

impl View {
    fn of(frame: Frame, visitor: &Visitor, unknown: &[SaleRow], zone: &TimeZone) -> Self {
        let row = |sale: &SaleRow| Row {
            sale: sale.sale.to_string(),
            lead: sale.lead.to_string(),
            buyer: sale.buyer.to_string(),
            price: Amount::of(sale.price),
            why: sale.why.clone().unwrap_or_default(),
            posted_at: sale.post_started_at.map(|at| Moment::of(at, zone)),
            looks: sale.looks,
            look_at: sale.look_at.map(|at| Moment::of(at, zone)),
        };
        let rows: Vec<Row> = unknown.iter().take(MOST).map(row).collect();
        Self { frame, may_decide: visitor.may(Permission::Decide), more: unknown.len() - rows.len(), rows }
    }
}

pub async fn as_sold(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>) -> Reply {
    resolve(&node, &visitor, &sale, UnknownEnd::Sold).await
}

pub async fn as_void(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>) -> Reply {
    resolve(&node, &visitor, &sale, UnknownEnd::Void).await
}

async fn resolve(node: &Node, visitor: &Visitor, sale: &str, end: UnknownEnd) -> Reply {
    let unknown = || Failed::not_found("No sale has this id.");
    let sale: SaleId = sale.parse().map_err(|_| unknown())?;
    let row = node.page_readers.read(move |reader| reader.sale(sale)).await?.ok_or_else(unknown)?;
    let done = match end {
        UnknownEnd::Sold => "Taken for sold: the buyer is charged.",
        UnknownEnd::Void => "Taken for void: nobody is charged.",
    };
    ruled(node, visitor, (PATH, sale), ruling::resolve(&row, end, visitor.person.as_str()), done).await
}

/// For tests of pages.
#[cfg(test)]
pub fn sample_sale() -> SaleRow {
    use exchange::{
        contract::SaleKind,
        id::{BuyerPingId, LeadId, ParentName},
        money::Money,
    };
    SaleRow {
        sale: SaleId::from_bytes([1; 16]),
        lead: LeadId::from_bytes([2; 16]),
        buyer: "harbor-lending".parse().unwrap(),
        contract: "harbor-lending/west".parse().unwrap(),
        parent: ParentName::of_company("Harbor").unwrap(),
        kind: SaleKind::Exclusive,
        status: store::SaleStatus::Unknown,
        test: false,
        price: Money::from_units(27),
        net: Money::from_micros(21_600_000),
        buyer_ping: BuyerPingId::from_bytes([3; 16]),
        reference: None,
        void_cause: None,
        why: Some("timeout".into()),
        redirect_url: None,
        buyer_lead_reference: None,
        reserved_at: Default::default(),
        post_started_at: Some(Default::default()),
        ended_at: None,
        confirmed: false,
        looks: 3,
        look_at: Some(Default::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    fn rendered(role: &str) -> String {
        View::of(frame::sample(role, Place::Unknown), &frame::sample_visitor(role), &[sample_sale()], &TimeZone::UTC).render().unwrap()
    }

    #[test]
    fn render() {
        insta::assert_snapshot!(frame::inside(&rendered("finance")));
        assert!(!rendered("read-only").contains("/sold"));
    }
}
