//! `/console/buying/sales/{sale_id}`: one sale; its contact, once somebody asks for it and the journal says who; and the way to give it back.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::extract::{Path, State};
use exchange::{
    command::{Command, Operation, Outcome},
    id::{BuyerName, Subject},
    money::Currency,
    raw::{RawFields, RawValue},
    returns::ReturnReason,
    seal::{Opener, Reveal},
    time::Timestamp,
};
use jiff::tz::TimeZone;
use store::{SaleRow, SaleStatus};
use wire::request::read_return;
use zeroize::Zeroizing;

use super::buyer_of;
use crate::{
    clock,
    console::{
        change,
        components::{Amount, Choice, Moment, Tag},
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
    problem::Problem,
    purchases::{
        page::{self, Listed},
        return_request,
    },
};

#[derive(Template)]
#[template(path = "console/buying/sale.html")]
struct View {
    frame: Frame,
    sale: String,
    post: String,
    ping: String,
    reference: String,
    lead_ref: String,
    contract: String,
    kind: &'static str,
    price: Amount,
    status: Tag,
    why: String,
    reserved: Moment,
    posted: Option<Moment>,
    ended: Option<Moment>,
    is_test: bool,
    returned: Option<Returned>,
    may_open: bool,
    /// Until when it may be given back; none where it may not.
    return_until: Option<Moment>,
    reason: Choice,
    /// Names and values, of a contact that was opened for this page.
    contact: Option<Vec<(String, Zeroizing<String>)>>,
}

struct Returned {
    status: Tag,
    reason: String,
    requested: Moment,
    decided: Option<Moment>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>) -> Reply {
    let listed = own(&node, &buyer_of(&visitor)?, &sale).await?;
    show(&node, &visitor, &listed, None).await
}

async fn show(node: &Node, visitor: &Visitor, listed: &Listed, contact: Option<Vec<(String, Zeroizing<String>)>>) -> Reply {
    let until = return_until(node, listed).await?;
    reply::page(&view(Frame::of(visitor, Place::Purchases), listed, contact, until, node.currency(), &node.time_zone()))
}

/// None where the contract takes nothing back, or it is too late.
async fn return_until(node: &Node, listed: &Listed) -> Result<Option<Timestamp>, Failed> {
    let sale = &listed.sale;
    if sale.status != SaleStatus::Sold || listed.returned.is_some() || sale.test {
        return Ok(None);
    }
    let rules = return_request::rules(node, sale).await.map_err(|problem| refused(&problem))?;
    Ok(sale.ended_at.zip(rules.within).map(|(sold, within)| sold.plus(within)).filter(|until| *until > clock::now()))
}

/// Who looks is journalled first, as with any other look at a contact.
pub async fn open(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>) -> Reply {
    let buyer = buyer_of(&visitor)?;
    let listed = own(&node, &buyer, &sale).await?;
    if !may_open(&listed.sale) {
        return Err(Failed::Refused("The contact of this sale is not yours: it was not posted to you, or you gave it back.".into()));
    }
    let reveal = Operation::Reveal {
        subject: Subject::Lead(listed.sale.lead),
        who: format!("{} of buyer {buyer}", visitor.person),
        why: format!("bought it: {}", listed.sale.sale),
    };
    let revealed = match change::apply(&node, &visitor, Command::Operate(reveal)).await? {
        Outcome::Revealed(revealed) => revealed,
        _ => return Err(Failed::Refused("Nothing is kept of this person any more: its data were erased.".into())),
    };
    let contact = contact(&node, &listed.sale, &revealed).await?;
    show(&node, &visitor, &listed, Some(contact)).await
}

async fn contact(node: &Node, sale: &SaleRow, revealed: &Reveal) -> Result<Vec<(String, Zeroizing<String>)>, Failed> {
    let lead = sale.lead;
    let parts = node.page_readers.read(move |reader| reader.contact_parts(lead, None)).await?;
    let mut shown = BTreeMap::new();
    for part in &parts {
        let contact = part.open(Opener::Reveal(revealed), &node.master).map_err(|error| {
            tracing::error!(%error, "a sealed contact could not be opened");
            Failed::Unavailable
        })?;
        for name in part.values.names() {
            if let Some(value) = contact.value(name) {
                shown.insert(name.to_owned(), value.text());
            }
        }
    }
    Ok(shown.into_iter().collect())
}

pub async fn give_back(State(node): State<Arc<Node>>, visitor: Visitor, Path(sale): Path<String>, form: Form) -> Reply {
    let buyer = buyer_of(&visitor)?;
    let listed = own(&node, &buyer, &sale).await?;
    let said: RawFields =
        ["reason", "note"].into_iter().filter(|name| !form.text(name).is_empty()).map(|name| (name.to_owned(), RawValue::of_text(form.text(name)))).collect();
    let text = read_return(&said).map_err(|errors| refused(&Problem::fields(&errors)))?;
    return_request::ask(&node, &listed.sale, &visitor.person.to_string(), text).await.map_err(|problem| refused(&problem))?;
    reply::done(&format!("{}/{}", Place::Purchases.path(), listed.sale.sale), "The operator is asked to take it back.")
}

fn refused(problem: &Problem) -> Failed {
    Failed::Refused(problem.refusal().messages.join(" "))
}

/// A sale of this buyer. Another's is answered as one that isn't there.
async fn own(node: &Node, buyer: &BuyerName, sale: &str) -> Result<Listed, Failed> {
    let unknown = || Failed::not_found("No sale of yours has this id.");
    let sale = sale.parse().map_err(|_| unknown())?;
    let buyer = buyer.clone();
    let found = node.page_readers.read(move |reader| reader.sale(sale)?.filter(|row| row.buyer == buyer).map(|row| page::listed(reader, row)).transpose());
    found.await?.ok_or_else(unknown)
}

/// Whoever was, or may have been, sent the contact, and hasn't given it back.
fn may_open(sale: &SaleRow) -> bool {
    match sale.status {
        SaleStatus::Sold | SaleStatus::Posted | SaleStatus::Unknown => sale.post_started_at.is_some(),
        SaleStatus::Reserved | SaleStatus::Void | SaleStatus::Returned => false,
    }
}

fn view(
    frame: Frame,
    listed: &Listed,
    contact: Option<Vec<(String, Zeroizing<String>)>>,
    until: Option<Timestamp>,
    currency: Currency,
    zone: &TimeZone,
) -> View {
    let sale = &listed.sale;
    let moment = |at| Moment::of(at, zone);
    let options = ReturnReason::WORDS.map(|(word, _)| (word.to_owned(), word.replace('_', " "))).into();
    View {
        frame,
        sale: sale.sale.to_string(),
        post: sale.sale.post_id().to_string(),
        ping: sale.buyer_ping.to_string(),
        reference: sale.reference.clone().unwrap_or_default(),
        lead_ref: sale.buyer_lead_reference.clone().unwrap_or_default(),
        contract: sale.contract.to_string(),
        kind: sale.kind.word(),
        price: Amount::with_code(sale.price, currency),
        status: Tag::status(sale.status.word()),
        why: sale.void_cause.clone().unwrap_or_default().replace('_', " "),
        reserved: moment(sale.reserved_at),
        posted: sale.post_started_at.map(moment),
        ended: sale.ended_at.map(moment),
        is_test: sale.test,
        returned: listed.returned.as_ref().map(|row| Returned {
            status: Tag::status(row.status.word()),
            reason: row.reason.replace('_', " "),
            requested: moment(row.requested_at),
            decided: row.decided_at.map(moment),
        }),
        may_open: may_open(sale) && contact.is_none(),
        return_until: until.map(moment),
        reason: Choice { name: "reason", label: "Why".into(), options, ..Choice::default() },
        contact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{frame, money::unknown::sample_sale};

    #[test]
    fn render() {
        let sold = SaleRow { status: SaleStatus::Sold, ..sample_sale() };
        let frame = || frame::sample(&format!("buyer:{}", sold.buyer), Place::Purchases);
        let listed = Listed { sale: sold.clone(), returned: None };
        let contact = vec![("phone".to_owned(), Zeroizing::new("+12025550123".to_owned())), ("last_name".to_owned(), Zeroizing::new("<b>".to_owned()))];
        let pages = [(None, Some(Timestamp::from_micros(1_764_288_000_000_000))), (Some(contact), None)]
            .map(|(contact, until)| view(frame(), &listed, contact, until, Currency::USD, &TimeZone::UTC).render().unwrap());
        insta::assert_snapshot!(frame::inside(&pages.join("\n")));
    }

    #[test]
    fn only_what_was_posted_and_kept_is_opened() {
        let of = |status| SaleRow { status, ..sample_sale() };
        let opened = [SaleStatus::Reserved, SaleStatus::Posted, SaleStatus::Sold, SaleStatus::Void, SaleStatus::Unknown, SaleStatus::Returned];
        assert_eq!(opened.map(|status| may_open(&of(status))), [false, true, true, false, true, false]);
        assert!(!may_open(&SaleRow { post_started_at: None, ..of(SaleStatus::Sold) }));
    }
}
