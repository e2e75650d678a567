//! A sale as operators are told of it.

use exchange::{command::Outcome, id::SaleId, money::Currency};
use store::{ReturnRow, SaleRow};
use wire::answer::Node as Body;

use crate::{
    audited::audited,
    node::Node,
    problem::Problem,
    ruling::{self, Ruling, Standing},
};

pub fn unknown() -> Problem {
    Problem::not_found("no sale has this id")
}

/// A sale and what became of its return.
pub async fn read(node: &Node, sale: SaleId) -> Result<(SaleRow, Option<ReturnRow>), Problem> {
    node.readers.read(move |reader| ruling::sale_and_return(reader, sale)).await.map_err(Problem::store)?.ok_or_else(unknown)
}

/// Applies a ruling of `who` and tells the sale as it stands then.
pub async fn ruled(node: &Node, sale: SaleId, who: &str, ruling: Ruling) -> Result<Body, Problem> {
    match ruling {
        Ruling::Stands => {}
        Ruling::Against(Standing::UnderWay) => return Err(Problem::in_flight(None)),
        Ruling::Against(standing) => return Err(Problem::decided_otherwise(&standing.to_string())),
        Ruling::Do(command) => match node.writer.apply(audited(who, *command)).await {
            Ok(Outcome::Done) => {}
            // It was decided in between.
            Ok(Outcome::Conflict(_)) => return Err(Problem::in_flight(None)),
            Ok(other) => {
                tracing::error!(?other, %sale, "the store answered a ruling otherwise");
                return Err(Problem::internal());
            }
            Err(error) => return Err(Problem::not_stored(&error)),
        },
    }
    let (row, returned) = read(node, sale).await?;
    Ok(of(&row, returned.as_ref(), node.currency()))
}

pub fn sales<'a>(rows: impl IntoIterator<Item = (&'a SaleRow, Option<&'a ReturnRow>)>, currency: Currency) -> Body {
    Body::object([("sales", Some(Body::list("sale", rows.into_iter().map(|(sale, returned)| of(sale, returned, currency)))))])
}

pub fn of(sale: &SaleRow, returned: Option<&ReturnRow>, currency: Currency) -> Body {
    Body::object([
        ("sale_id", Some(Body::of(sale.sale))),
        ("lead_id", Some(Body::of(sale.lead))),
        ("buyer", Some(Body::of(&sale.buyer))),
        ("contract", Some(Body::of(&sale.contract))),
        ("status", Some(Body::text(sale.status.word()))),
        ("price", Some(Body::of(sale.price))),
        ("net", Some(Body::of(sale.net))),
        ("currency", Some(Body::of(currency.code()))),
        ("why", sale.why.clone().map(Body::text)),
        ("looks", Some(Body::Integer(i64::from(sale.looks)))),
        ("posted_at", sale.post_started_at.map(Body::of)),
        ("ended_at", sale.ended_at.map(Body::of)),
        ("return", returned.map(of_return)),
    ])
}

fn of_return(row: &ReturnRow) -> Body {
    Body::object([
        ("status", Some(Body::text(row.status.word()))),
        ("reason", Some(Body::text(row.reason.clone()))),
        ("has_note", Some(Body::Boolean(row.note.is_some()))),
        ("requested_at", Some(Body::of(row.requested_at))),
        ("decided_at", row.decided_at.map(Body::of)),
    ])
}
