//! `/console/buying/sales`: what the buyer bought, newest first.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::Uri};
use exchange::id::SaleId;
use jiff::tz::TimeZone;
use wire::request::{Page, read_page};

use super::buyer_of;
use crate::{
    console::{
        components::{Amount, Moment, Pager, Tag},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
    purchases::page::{self, Listed, Sales},
};

#[derive(Template)]
#[template(path = "console/buying/sales.html")]
struct View {
    frame: Frame,
    sales: Vec<Line>,
    pager: Pager,
}

struct Line {
    sale: SaleId,
    at: Moment,
    contract: String,
    kind: &'static str,
    price: Amount,
    status: Tag,
    /// How its return stands.
    returned: Option<Tag>,
    lead_ref: String,
    is_test: bool,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, uri: Uri) -> Reply {
    let buyer = buyer_of(&visitor)?;
    let asked: Page<SaleId> = read_page(uri.query()).map_err(|_| Failed::not_found("There is no such page."))?;
    let is_later = asked.before.is_some();
    let found = node.page_readers.read(move |reader| page::read(reader, &buyer, asked)).await?;
    let sales = found.ok_or_else(|| Failed::not_found("There is no such page."))?;
    reply::page(&view(Frame::of(&visitor, Place::Purchases), &sales, is_later, &node.time_zone()))
}

fn view(frame: Frame, sales: &Sales, is_later: bool, zone: &TimeZone) -> View {
    let path = Place::Purchases.path();
    View {
        frame,
        sales: sales.listed.iter().map(|listed| Line::of(listed, zone)).collect(),
        pager: Pager::newest_first(is_later.then(|| path.to_owned()), sales.next.map(|sale| format!("{path}?before={sale}"))),
    }
}

impl Line {
    fn of(listed: &Listed, zone: &TimeZone) -> Self {
        let sale = &listed.sale;
        Self {
            sale: sale.sale,
            at: Moment::of(sale.reserved_at, zone),
            contract: sale.contract.name.to_string(),
            kind: sale.kind.word(),
            price: Amount::of(sale.price),
            status: Tag::status(sale.status.word()),
            returned: listed.returned.as_ref().map(|row| Tag::status(row.status.word())),
            lead_ref: sale.buyer_lead_reference.clone().unwrap_or_default(),
            is_test: sale.test,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{frame, money::unknown::sample_sale};

    #[test]
    fn render() {
        let sale = sample_sale();
        let frame = || frame::sample(&format!("buyer:{}", sale.buyer), Place::Purchases);
        let sales = Sales { listed: vec![Listed { sale: sale.clone(), returned: None }], next: Some(sale.sale) };
        let none = Sales { listed: Vec::new(), next: None };
        insta::assert_snapshot!(frame::inside(
            &[view(frame(), &sales, true, &TimeZone::UTC), view(frame(), &none, false, &TimeZone::UTC)].map(|view| view.render().unwrap()).join("\n")
        ));
    }
}
