//! `/console/people`: who signs in, as what; and one person's page, where that is changed.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use email_address::EmailAddress;
use exchange::{
    id::PersonName,
    market::Market,
    person::{LinkKind, NewLink, PersonCommand, PersonRole, WELCOME_LIVES},
};
use jiff::tz::TimeZone;
use store::PersonRow;
use zeroize::Zeroizing;

use super::{
    components::{Choice, Field, Moment, Tag, Tone},
    failed::Failed,
    form::Form,
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    sessions,
    visitor::Visitor,
};
use crate::{node::Node, specs::address};

#[derive(Template)]
#[template(path = "console/people.html")]
struct ListView {
    frame: Frame,
    people: Vec<Line>,
    name: Field,
    email: Field,
    role: Choice,
}

struct Line {
    name: String,
    role: String,
    state: Tag,
    codes: Tag,
    seen: Option<Moment>,
}

#[derive(Template)]
#[template(path = "console/person.html")]
struct PersonView {
    frame: Frame,
    line: Line,
    email: Option<String>,
    added: Moment,
    is_disabled: bool,
    role: Choice,
}

/// A link is shown once, to be given to whom it is for.
#[derive(Template)]
#[template(path = "console/link.html")]
struct LinkView {
    frame: Frame,
    person: String,
    address: String,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    list(&node, &visitor, StatusCode::OK, &Form::default(), ["", ""]).await
}

async fn list(node: &Node, visitor: &Visitor, status: StatusCode, typed: &Form, mistakes: [&str; 2]) -> Reply {
    let people = node.page_readers.read(|reader| reader.people()).await?;
    let (market, zone) = (node.market(), node.time_zone());
    let view = ListView {
        frame: Frame::of(visitor, Place::People),
        people: people.iter().map(|row| Line::of(row, &zone)).collect(),
        name: Field::new("name", "Name").with_value(typed.text("name")).with_hint("Letters, digits, - and _").with_error(mistakes[0]).required(),
        email: Field::new("email", "E-mail").of_kind("email").with_value(typed.text("email")).with_error(mistakes[1]),
        role: role_choice(market.as_deref(), typed.text("role")),
    };
    reply::with_status(status, &view)
}

pub async fn add(State(node): State<Arc<Node>>, visitor: Visitor, headers: HeaderMap, form: Form) -> Reply {
    let email = Some(form.text("email")).filter(|email| !email.is_empty()).map(str::to_owned);
    let is_email = email.as_ref().is_none_or(|email| email.len() <= 254 && EmailAddress::is_valid(email));
    let Ok(person) = form.text("name").parse::<PersonName>() else {
        let mistakes = ["Give 1 to 64 letters, digits, - or _.", if is_email { "" } else { NO_EMAIL }];
        return list(&node, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &form, mistakes).await;
    };
    if !is_email {
        return list(&node, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &form, ["", NO_EMAIL]).await;
    }
    let role = role_of(&form)?;
    let (token, link) = welcome_link();
    sessions::change(&node, visitor.person.as_str(), PersonCommand::Add { person: person.clone(), role, email, link }).await?;
    show_link(&visitor, &person, &headers, &token)
}

const NO_EMAIL: &str = "This is no e-mail address.";

pub async fn person(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    let row = row_of(&node, &name).await?;
    let zone = node.time_zone();
    reply::page(&person_view(Frame::of(&visitor, Place::People), &row, node.market().as_deref(), &zone))
}

fn person_view(frame: Frame, row: &PersonRow, market: Option<&Market>, zone: &TimeZone) -> PersonView {
    PersonView {
        frame,
        line: Line::of(row, zone),
        email: row.email.clone(),
        added: Moment::of(row.added_at, zone),
        is_disabled: row.disabled_at.is_some(),
        role: role_choice(market, &row.role.to_string()),
    }
}

pub async fn link(State(node): State<Arc<Node>>, visitor: Visitor, headers: HeaderMap, Path(name): Path<String>) -> Reply {
    let row = row_of(&node, &name).await?;
    let (token, link) = welcome_link();
    sessions::change(&node, visitor.person.as_str(), PersonCommand::Link { person: row.name.clone(), link }).await?;
    show_link(&visitor, &row.name, &headers, &token)
}

pub async fn set_role(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>, form: Form) -> Reply {
    let row = row_of(&node, &name).await?;
    let role = role_of(&form)?;
    let said = format!("{} is {role} now.", row.name);
    changed(&node, &visitor, &row.name, PersonCommand::SetRole { person: row.name.clone(), role }, &said).await
}

pub async fn disable(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    let row = row_of(&node, &name).await?;
    let said = format!("{} is disabled, and signed out everywhere.", row.name);
    changed(&node, &visitor, &row.name, PersonCommand::Disable { person: row.name.clone() }, &said).await
}

pub async fn enable(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    let row = row_of(&node, &name).await?;
    let said = format!("{} may sign in again.", row.name);
    changed(&node, &visitor, &row.name, PersonCommand::Enable { person: row.name.clone() }, &said).await
}

async fn changed(node: &Node, visitor: &Visitor, person: &PersonName, command: PersonCommand, said: &str) -> Reply {
    sessions::change(node, visitor.person.as_str(), command).await?;
    reply::done(&format!("/console/people/{person}"), said)
}

async fn row_of(node: &Node, name: &str) -> Result<PersonRow, Failed> {
    let unknown = || Failed::not_found("There is no such person.");
    let name: PersonName = name.parse().map_err(|_| unknown())?;
    node.page_readers.read(move |reader| reader.person(&name)).await?.ok_or_else(unknown)
}

fn role_of(form: &Form) -> Result<PersonRole, Failed> {
    form.text("role").parse().map_err(|error: exchange::person::NotARole| Failed::Refused(format!("{error}.")))
}

/// A link to set a password, for whoever is new or has lost its own.
pub fn welcome_link() -> (Zeroizing<String>, NewLink) {
    let token = sessions::new_token();
    let link = NewLink { token: sessions::hash_of(&token), kind: LinkKind::Welcome, lives: WELCOME_LIVES };
    (token, link)
}

fn show_link(visitor: &Visitor, person: &PersonName, headers: &HeaderMap, token: &str) -> Result<Response, Failed> {
    let address = format!("{}/console/welcome/{token}", address(headers));
    reply::page(&LinkView { frame: Frame::of(visitor, Place::People), person: person.to_string(), address })
}

/// Operators' roles, and one for each partner of the market.
fn role_choice(market: Option<&Market>, chosen: &str) -> Choice {
    let mut options: Vec<(String, String)> = [
        ("owner", "Owner: everything, and who else may do what"),
        ("operations", "Operations: leads and the market"),
        ("finance", "Finance: money"),
        ("read-only", "Read-only: looks on"),
    ]
    .map(|(value, text)| (value.to_owned(), text.to_owned()))
    .into();
    if let Some(market) = market {
        options.extend(market.parts().buyers.iter().map(|buyer| (format!("buyer:{}", buyer.name), format!("Buyer {}", buyer.label))));
        options.extend(market.parts().suppliers.iter().map(|supplier| (format!("supplier:{}", supplier.name), format!("Supplier {}", supplier.label))));
    }
    // A partner that left the market keeps its people.
    if !chosen.is_empty() && !options.iter().any(|(value, _)| value == chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    Choice { name: "role", label: "Role".into(), options, chosen: chosen.to_owned(), ..Choice::default() }
}

impl Line {
    fn of(row: &PersonRow, zone: &TimeZone) -> Self {
        let state = match (row.disabled_at, &row.password) {
            (Some(_), _) => Tag::new("disabled", Tone::Bad),
            (None, None) => Tag::new("invited", Tone::Warn),
            (None, Some(_)) => Tag::new("active", Tone::Good),
        };
        let codes =
            if row.codes.is_some() { Tag::new(format!("codes, {} to recover", row.recovery.len()), Tone::Plain) } else { Tag::new("no codes", Tone::Plain) };
        Self { name: row.name.to_string(), role: row.role.to_string(), state, codes, seen: row.seen_at.map(|at| Moment::of(at, zone)) }
    }
}

#[cfg(test)]
mod tests {
    use exchange::{seal::SealedSecret, time::Timestamp};

    use super::*;
    use crate::console::frame;

    fn row(name: &str, role: &str, state: u8) -> PersonRow {
        let at = |seconds: i64| Timestamp::from_micros(1_764_288_000_000_000 + seconds * 1_000_000);
        PersonRow {
            name: name.parse().unwrap(),
            role: role.parse().unwrap(),
            email: Some(format!("{name}@exchange.example")),
            password: (state > 0).then(|| "$argon2id$…".into()),
            codes: (state > 1).then(|| SealedSecret { nonce: [0; 24], ciphertext: Vec::new() }),
            recovery: Vec::new(),
            proof: 1,
            added_at: at(0),
            disabled_at: (state > 2).then(|| at(60)),
            seen_at: (state == 2).then(|| at(30)),
        }
    }

    #[test]
    fn render() {
        let people = [row("ben", "finance", 0), row("cat", "buyer:acme", 1), row("maria", "owner", 2), row("zoe", "read-only", 3)];
        let list = ListView {
            frame: frame::sample("owner", Place::People),
            people: people.iter().map(|row| Line::of(row, &TimeZone::UTC)).collect(),
            name: Field::new("name", "Name").required(),
            email: Field::new("email", "E-mail"),
            role: role_choice(None, ""),
        };
        let person = person_view(frame::sample("owner", Place::People), &people[1], None, &TimeZone::UTC);
        let link =
            LinkView { frame: frame::sample("owner", Place::People), person: "ben".into(), address: "https://exchange.example/console/welcome/TOKEN".into() };
        insta::assert_snapshot!(frame::inside(&[list.render(), person.render(), link.render()].map(Result::unwrap).join("\n")));
    }
}
