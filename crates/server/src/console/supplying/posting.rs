//! `/console/supplying/posting`: how to send, and a form that tries it: a test lead, which books nothing and calls test addresses only.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use exchange::{
    id::{SupplierName, VerticalName},
    market::Market,
    raw::{RawFields, RawValue},
    schema::{Required, Vertical},
};
use wire::answer::Format;

use super::supplier_of;
use crate::{
    console::{
        components::{Field, Tab, Tabs, Tag},
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    intake::{self, Incoming, Tried},
    made_up,
    node::Node,
    problem::Problem,
};

#[derive(Template)]
#[template(path = "console/supplying/posting.html")]
struct View {
    frame: Frame,
    supplier: String,
    tabs: Tabs,
    vertical: String,
    /// The name in the path and in the form.
    fields: Vec<Field>,
    tried: Option<Told>,
}

struct Told {
    status: Tag,
    lead: String,
    price: String,
    reason: String,
}

pub async fn first(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let (market, supplier) = (market(&node)?, supplier_of(&visitor)?);
    let vertical = verticals(&market, &supplier).first().map(|vertical| vertical.name.clone());
    match vertical {
        Some(vertical) => show(&node, &visitor, &vertical, StatusCode::OK, &Form::default(), &[], None),
        None => Err(Failed::Refused("No vertical is open to you. Ask the operator.".into())),
    }
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(vertical): Path<String>) -> Reply {
    show(&node, &visitor, &named(&vertical)?, StatusCode::OK, &Form::default(), &[], None)
}

pub async fn try_it(State(node): State<Arc<Node>>, visitor: Visitor, Path(vertical): Path<String>, form: Form) -> Reply {
    let (market, supplier, name) = (market(&node)?, supplier_of(&visitor)?, named(&vertical)?);
    let vertical = own(&market, &supplier, &name)?;
    node.rates.admit(&supplier).map_err(|_| Failed::TooMany)?;
    let typed = |field: &str| Some(form.text(&input(field))).filter(|text| !text.is_empty());
    let fields: RawFields = vertical.fields().iter().filter_map(|field| Some((field.name.clone(), RawValue::of_text(typed(&field.name)?)))).collect();
    let incoming = Incoming::new(supplier, Format::Json, fields, true, None);
    match intake::try_lead(&node, name.as_str(), incoming).await {
        Ok(tried) => show(&node, &visitor, &name, StatusCode::OK, &form, &[], Some(Told::of(tried))),
        Err(problem) => mistaken(&node, &visitor, &name, &form, &problem),
    }
}

fn mistaken(node: &Node, visitor: &Visitor, vertical: &VerticalName, form: &Form, problem: &Problem) -> Reply {
    match problem.field_errors() {
        [] => Err(Failed::Refused(problem.refusal().messages.join(" "))),
        errors => show(
            node,
            visitor,
            vertical,
            StatusCode::UNPROCESSABLE_ENTITY,
            form,
            &errors.iter().map(|error| (error.field.clone(), error.message.clone())).collect::<Vec<_>>(),
            None,
        ),
    }
}

fn market(node: &Node) -> Result<Arc<Market>, Failed> {
    node.market().ok_or_else(|| Failed::Refused("No market has been applied yet.".into()))
}

fn named(vertical: &str) -> Result<VerticalName, Failed> {
    vertical.parse().map_err(|_| unknown())
}

fn unknown() -> Failed {
    Failed::not_found("No vertical of yours has this name.")
}

fn verticals<'m>(market: &'m Market, supplier: &SupplierName) -> Vec<&'m Vertical> {
    market.supplier(supplier).map_or_else(Vec::new, |supplier| supplier.verticals.iter().filter_map(|name| market.vertical(name)).collect())
}

fn own<'m>(market: &'m Market, supplier: &SupplierName, vertical: &VerticalName) -> Result<&'m Vertical, Failed> {
    verticals(market, supplier).into_iter().find(|known| known.name == *vertical).ok_or_else(unknown)
}

/// The input of a field: a vertical may call one `csrf`, too.
fn input(field: &str) -> String {
    format!("field.{field}")
}

fn show(node: &Node, visitor: &Visitor, vertical: &VerticalName, status: StatusCode, form: &Form, errors: &[(String, String)], tried: Option<Told>) -> Reply {
    let (market, supplier) = (market(node)?, supplier_of(visitor)?);
    let here = own(&market, &supplier, vertical)?;
    reply::with_status(status, &view(Frame::of(visitor, Place::Posting), &market, &supplier, here, form, errors, tried))
}

fn view(frame: Frame, market: &Market, supplier: &SupplierName, here: &Vertical, form: &Form, errors: &[(String, String)], tried: Option<Told>) -> View {
    let is_typed = !form.raw("csrf").is_empty();
    let field = |field: &exchange::schema::Field| {
        let name = input(&field.name);
        let value = if is_typed { form.text(&name).to_owned() } else { made_up::value(field) };
        let error = errors.iter().find(|(name, _)| *name == field.name).map(|(_, message)| message.clone()).unwrap_or_default();
        let shown = Field::new(name, &field.name).with_value(value).with_error(error);
        if field.required == Required::No { shown } else { shown.required() }
    };
    let tab = |vertical: &&Vertical| Tab {
        label: vertical.label.clone(),
        path: format!("{}/{}", Place::Posting.path(), vertical.name),
        is_here: vertical.name == here.name,
        count: None,
    };
    View {
        frame,
        supplier: supplier.to_string(),
        tabs: Tabs { label: "Verticals", tabs: verticals(market, supplier).iter().map(tab).collect() },
        vertical: here.name.to_string(),
        fields: here.fields().iter().map(field).collect(),
        tried,
    }
}

impl Told {
    fn of(tried: Tried) -> Self {
        Self {
            status: Tag::status(tried.status.word()),
            lead: tried.lead.to_string(),
            price: tried.net.to_string(),
            reason: tried.reason.unwrap_or_default().replace('_', " "),
        }
    }
}

#[cfg(test)]
mod tests {
    use exchange::{
        command::LeadStatus,
        id::{LeadId, Revision},
        money::Money,
    };

    use super::*;
    use crate::{console::frame, demo::sample};

    #[test]
    fn render() {
        let (parts, _) = wire::market::read(&sample::market(9001)).unwrap();
        let market = Market::new(Revision(3), parts);
        let supplier = market.parts().suppliers[0].name.clone();
        let here = verticals(&market, &supplier)[0];
        let frame = || frame::sample(&format!("supplier:{supplier}"), Place::Posting);
        let tried = Tried { lead: LeadId::from_bytes([1; 16]), status: LeadStatus::Unsold, net: Money::ZERO, reason: Some("no_bid".into()) };
        let wrong = [(here.fields()[0].name.clone(), "is required".to_owned())];
        let pages = [
            view(frame(), &market, &supplier, here, &Form::default(), &[], Some(Told::of(tried))),
            view(frame(), &market, &supplier, here, &Form::read(b"csrf=x"), &wrong, None),
        ];
        insta::assert_snapshot!(frame::inside(&pages.map(|page| page.render().unwrap()).join("\n")));
    }
}
