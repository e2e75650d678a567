//! `/console/leads`: leads, newest first, and one box that finds any of them by whatever is known of it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
};
use exchange::{
    command::LeadStatus,
    lead::FieldError,
    market::Market,
    money::Money,
    raw::{RawFields, RawValue},
};
use jiff::tz::TimeZone;
use store::{ListedLead, SaleStatus};
use wire::request::{LeadSearch, read_search, read_search_query};

use super::{
    components::{Amount, Choice, Field, Moment, Pager, Tag},
    failed::Failed,
    form::Form,
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    visitor::Visitor,
};
use crate::{
    node::Node,
    search::{self, Found},
};

#[derive(Template)]
#[template(path = "console/leads.html")]
struct View {
    frame: Frame,
    choices: Vec<Choice>,
    days: Vec<Field>,
    /// What the list is of, where something was searched for.
    says: String,
    is_filtered: bool,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    path: String,
    at: Moment,
    id: String,
    status: Tag,
    reason: String,
    is_test: bool,
    supplier: String,
    vertical: String,
    /// What buyers pay for it, and what the supplier gets.
    price: Option<Amount>,
    net: Option<Amount>,
    buyers: Vec<String>,
}

/// The names of the filters, as queries have them.
const FILTERS: [&str; 7] = ["status", "supplier", "vertical", "buyer", "test", "from", "until"];

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, RawQuery(query): RawQuery) -> Reply {
    let zone = node.time_zone();
    let typed = Typed::of_query(query.as_deref().unwrap_or_default());
    match read_search_query(query.as_deref(), &zone) {
        Ok(search) => {
            let found = find(&node, search).await?;
            reply::page(&view(&node, &visitor, &typed, &[], &found, ""))
        }
        Err(errors) => reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &view(&node, &visitor, &typed, &errors, &Found::default(), "")),
    }
}

/// What is searched for is in no address, and is not shown again: it may be a person's.
pub async fn search(State(node): State<Arc<Node>>, visitor: Visitor, form: Form) -> Reply {
    let fields: RawFields = [("text".to_owned(), RawValue::Text(form.text("text").to_owned().into()))].into();
    let Ok(search) = read_search(&fields, &node.time_zone()) else {
        return Err(Failed::Refused("What you search for has at most 255 characters.".into()));
    };
    if search.text.is_none() {
        return reply::go_to("/console/leads");
    }
    let found = find(&node, search).await?;
    if let Some(ping) = found.ping {
        return reply::go_to(&format!("/console/pings/{ping}"));
    }
    match found.leads.as_slice() {
        [one] => reply::go_to(&format!("/console/leads/{}", one.lead)),
        [] => reply::page(&view(
            &node,
            &visitor,
            &Typed::default(),
            &[],
            &found,
            "Nothing is known by that. Ids begin with lead_, ping_, sale_ or post_; a phone number has its area code; a supplier's idempotency key is known for seven days, and the id that a buyer has of a ping which it didn't buy for the latest 2,000 pings and leads.",
        )),
        _ => reply::page(&view(&node, &visitor, &Typed::default(), &[], &found, "Found by what you searched for, newest first.")),
    }
}

async fn find(node: &Node, search: LeadSearch) -> Result<Found, Failed> {
    let master = node.master.clone();
    Ok(node.page_readers.read(move |reader| search::find(reader, &master, &search)).await?)
}

/// The filters as they were typed.
#[derive(Default)]
struct Typed(Vec<(String, String)>);

impl Typed {
    fn of_query(query: &str) -> Self {
        let known = form_urlencoded::parse(query.as_bytes()).into_owned().filter(|(name, value)| FILTERS.contains(&name.as_str()) && !value.is_empty());
        Self(known.collect())
    }

    fn value(&self, name: &str) -> String {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn path(&self, before: Option<String>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter());
        query.extend_pairs(before.map(|before| ("before", before)));
        let query = query.finish();
        if query.is_empty() { "/console/leads".into() } else { format!("/console/leads?{query}") }
    }
}

fn view(node: &Node, visitor: &Visitor, typed: &Typed, errors: &[FieldError], found: &Found, says: &str) -> View {
    written(Frame::of(visitor, Place::Leads), node.market().as_deref(), &node.time_zone(), typed, errors, found, says)
}

fn written(frame: Frame, market: Option<&Market>, zone: &TimeZone, typed: &Typed, errors: &[FieldError], found: &Found, says: &str) -> View {
    let wrong = |name: &str| errors.iter().find(|error| error.field == name).map(|error| error.message.clone()).unwrap_or_default();
    let choice = |name: &'static str, label: &str, options: Vec<(String, String)>| {
        let chosen = typed.value(name);
        let mut all = vec![(String::new(), "Any".to_owned())];
        all.extend(options);
        if !all.iter().any(|(value, _)| *value == chosen) {
            all.push((chosen.clone(), chosen.clone()));
        }
        Choice { name, label: label.into(), options: all, chosen, hint: String::new(), error: wrong(name) }
    };
    let day = |name, label| Field::new(name, label).with_value(typed.value(name)).of_kind("date").with_error(wrong(name));
    let parts = market.map(Market::parts);
    let named = |name: String, label: String| (name, label);
    View {
        frame,
        choices: vec![
            choice("status", "Status", LeadStatus::WORDS.iter().map(|(word, _)| named((*word).into(), (*word).into())).collect()),
            choice(
                "vertical",
                "Vertical",
                parts.iter().flat_map(|parts| &parts.verticals).map(|known| named(known.name.to_string(), known.label.clone())).collect(),
            ),
            choice(
                "supplier",
                "Supplier",
                parts.iter().flat_map(|parts| &parts.suppliers).map(|known| named(known.name.to_string(), known.label.clone())).collect(),
            ),
            choice("buyer", "Buyer", parts.iter().flat_map(|parts| &parts.buyers).map(|known| named(known.name.to_string(), known.label.clone())).collect()),
            choice("test", "Tests", vec![named("false".into(), "None".into()), named("true".into(), "Only tests".into())]),
        ],
        days: vec![day("from", "From"), day("until", "Until")],
        says: says.to_owned(),
        is_filtered: !typed.0.is_empty() || !says.is_empty(),
        rows: found.leads.iter().map(|lead| row(lead, zone)).collect(),
        pager: Pager::newest_first(None, found.next.map(|next| typed.path(Some(next.to_string())))),
    }
}

fn row(lead: &ListedLead, zone: &TimeZone) -> Row {
    let sold = lead.sales.iter().filter(|sale| matches!(sale.status, SaleStatus::Sold));
    let price: Money = sold.clone().map(|sale| sale.price).sum();
    let is_sold = sold.clone().next().is_some();
    let buyers = lead.sales.iter().filter(|sale| sale.status != SaleStatus::Void).map(|sale| sale.contract.to_string());
    Row {
        path: format!("/console/leads/{}", lead.lead),
        at: Moment::of(lead.accepted_at, zone),
        id: lead.lead.to_string(),
        status: Tag::status(lead.status.word()),
        reason: lead.reason.as_ref().map(|reason| reason.replace('_', " ")).unwrap_or_default(),
        is_test: lead.test,
        supplier: lead.supplier.to_string(),
        vertical: lead.vertical.to_string(),
        price: is_sold.then(|| Amount::of(price)),
        net: is_sold.then(|| Amount::of(lead.net)),
        buyers: buyers.collect(),
    }
}

#[cfg(test)]
mod tests {
    use exchange::{id::LeadId, time::Timestamp};
    use store::ListedSale;

    use super::*;
    use crate::console::frame;

    fn lead(number: u8, status: LeadStatus) -> ListedLead {
        let price = Money::parse("12.50", 2).unwrap();
        let sale =
            ListedSale { sale: exchange::id::SaleId::from_bytes([number; 16]), contract: "harbor/west".parse().unwrap(), status: SaleStatus::Sold, price };
        ListedLead {
            lead: LeadId::from_bytes([number; 16]),
            supplier: "dreamy-leads".parse().unwrap(),
            vertical: "mortgage".parse().unwrap(),
            test: number == 2,
            status,
            reason: (status == LeadStatus::Unsold).then(|| "no_bid".into()),
            net: Money::parse("9.60", 2).unwrap(),
            accepted_at: Timestamp::from_micros(1_780_000_000_000_000),
            ended_at: None,
            sales: if status == LeadStatus::Sold { vec![sale] } else { Vec::new() },
        }
    }

    #[test]
    fn render() {
        let found = Found { leads: vec![lead(1, LeadStatus::Sold), lead(2, LeadStatus::Unsold)], next: Some(LeadId::from_bytes([2; 16])), ping: None };
        let typed = Typed::of_query("status=sold&buyer=gone&unknown=1&before=lead_1");
        let page = written(frame::sample("owner", Place::Leads), None, &TimeZone::UTC, &typed, &[], &found, "").render().unwrap();
        insta::assert_snapshot!(frame::inside(&page));
        let nothing =
            written(frame::sample("owner", Place::Leads), None, &TimeZone::UTC, &Typed::default(), &[], &Found::default(), "Nothing is known by that.");
        assert!(nothing.render().unwrap().contains("Nothing is known by that."));
    }
}
