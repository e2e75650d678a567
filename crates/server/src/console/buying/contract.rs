//! `/console/buying/contracts/{contract}`: one of the buyer's contracts, with what the operator has left to it: a switch, and prices.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use exchange::{command::Terms, contract::Contract, facts::ContractFacts, market::Market, raw::RawValue, time::Timestamp};
use wire::request::read_own_terms;

use super::{
    buyer_of,
    overview::{meter, price, state},
};
use crate::{
    clock,
    console::{
        components::{Field, Meter, Tag},
        failed::Failed,
        form::Form,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
    problem::Problem,
    self_service::{self, By},
};

#[derive(Template)]
#[template(path = "console/buying/contract.html")]
struct View {
    frame: Frame,
    name: String,
    vertical: String,
    price: String,
    state: Tag,
    caps: Vec<(String, Meter)>,
    version: String,
    may_pause: bool,
    is_paused: bool,
    is_paused_by_operator: bool,
    prices: Vec<Field>,
    /// What is wrong beside the prices.
    problems: Vec<String>,
}

/// What was typed, and what is wrong with it.
struct Typed<'a> {
    form: &'a Form,
    problem: &'a Problem,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    reply::page(&read(&node, &visitor, &name, None).await?)
}

pub async fn change(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>, form: Form) -> Reply {
    let buyer = buyer_of(&visitor)?;
    self_service::own(&*market(&node)?, &buyer, &name).map_err(|_| nothing())?;
    let fields = ["paused", "price", "shared_price", "max_bid", "version"].map(|field| (field.to_owned(), RawValue::of_text(form.text(field))));
    let changed = match read_own_terms(&fields.into(), node.currency()) {
        Ok(terms) => self_service::change(&node, By { buyer: &buyer, person: Some(&visitor.person) }, &name, &terms).await,
        Err(errors) => Err(Problem::fields(&errors)),
    };
    match changed {
        Ok(changes) if changes.is_empty() => reply::done(&path(&name), "Nothing was changed."),
        Ok(changes) => {
            let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
            reply::done(&path(&name), &format!("{name}: {}. New leads are offered so.", told.join(", ")))
        }
        Err(problem) if !problem.field_errors().is_empty() => {
            reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &read(&node, &visitor, &name, Some(Typed { form: &form, problem: &problem })).await?)
        }
        Err(problem) => Err(Failed::Refused(problem.refusal().messages.join(" "))),
    }
}

fn nothing() -> Failed {
    Failed::not_found("No contract of yours has this name.")
}

fn path(name: &str) -> String {
    format!("/console/buying/contracts/{name}")
}

fn market(node: &Node) -> Result<Arc<Market>, Failed> {
    node.market().ok_or_else(|| Failed::Refused("No market has been applied yet.".into()))
}

async fn read(node: &Node, visitor: &Visitor, name: &str, typed: Option<Typed<'_>>) -> Result<View, Failed> {
    let market = market(node)?;
    let contract = self_service::own(&market, &buyer_of(visitor)?, name).map_err(|_| nothing())?;
    let index = market.contract_index(&contract.key).ok_or_else(nothing)?;
    let now = clock::now();
    let asked: Vec<_> = Terms::of(&market, &contract.key).ok().map(|terms| (index, terms)).into_iter().collect();
    let facts = node.page_readers.read(move |reader| reader.facts(now, &asked, &[], false)).await?;
    Ok(view(Frame::of(visitor, Place::Buying), &market, contract, facts.first(), typed, now))
}

fn view(frame: Frame, market: &Market, contract: &Contract, facts: Option<&ContractFacts>, typed: Option<Typed<'_>>, now: Timestamp) -> View {
    let left = &contract.self_service;
    let errors = typed.as_ref().map(|typed| typed.problem.field_errors()).unwrap_or_default();
    let error = |key: &str| errors.iter().filter(|error| error.field == key).map(|error| format!("{}.", error.message)).collect::<Vec<_>>().join(" ");
    let prices = left.prices.iter().map(|(key, own)| {
        let label = key.label();
        let label = label.chars().next().into_iter().flat_map(char::to_uppercase).chain(label.chars().skip(1)).collect::<String>();
        let now = own.now.map(|now| now.to_string()).unwrap_or_default();
        // A form of another kind says nothing of prices.
        let value = typed.as_ref().map(|typed| typed.form.text(key.word()).to_owned()).filter(|typed| !typed.is_empty()).unwrap_or(now);
        Field::new(key.word(), &label).with_value(value).with_hint(format!("{} {}", own.range, market.currency().code())).with_error(error(key.word()))
    });
    let elsewhere = errors.iter().filter(|error| !left.prices.keys().any(|key| key.word() == error.field));
    View {
        frame,
        name: contract.key.name.to_string(),
        vertical: market.vertical(&contract.vertical).map_or_else(|| contract.vertical.to_string(), |vertical| vertical.label.clone()),
        price: price(contract),
        state: state(contract, market.buyer(contract.buyer).suspended, now),
        caps: facts.map(|facts| facts.caps.iter().map(meter).collect()).unwrap_or_default(),
        version: self_service::version(contract),
        may_pause: left.pause,
        is_paused: contract.paused_by_buyer,
        is_paused_by_operator: contract.paused,
        prices: prices.collect(),
        problems: elsewhere.map(|error| format!("{}: {}", error.field, error.message)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use exchange::id::Revision;

    use super::*;
    use crate::{console::frame, demo::sample};

    #[test]
    fn render() {
        let mut files = sample::market(9001);
        let text = files.files.get_mut("buyers/harbor-lending.toml").unwrap();
        *text = text.replace("[contracts.west]", "[contracts.west]\npaused_by_buyer = true");
        let market = Market::new(Revision(3), wire::market::read(&files).unwrap().0);
        let now = Timestamp::from_micros(1_764_264_000_000_000);
        let form = Form::read(b"max_bid=%3Cb%3E");
        let problem = Problem::fields(&read_own_terms(&vec![("max_bid".to_owned(), RawValue::of_text("<b>"))], market.currency()).unwrap_err());
        let page = |name: &str, typed: Option<Typed<'_>>| {
            let contract = self_service::own(&market, &"harbor-lending".parse().unwrap(), name).unwrap();
            view(frame::sample("buyer:harbor-lending", Place::Buying), &market, contract, None, typed, now).render().unwrap()
        };
        let pages = [page("west", None), page("west", Some(Typed { form: &form, problem: &problem })), page("jumbo", None)];
        insta::assert_snapshot!(frame::inside(&pages.join("\n")));
    }
}
