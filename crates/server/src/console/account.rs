//! `/console/account`: one's own name, role and sessions, and the way to another password.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
};
use exchange::person::PersonCommand;
use jiff::tz::TimeZone;
use store::SessionRow;
use zeroize::Zeroizing;

use super::{
    components::{Field, Moment},
    cookie,
    failed::Failed,
    form::Form,
    frame::Frame,
    navigation::Place,
    people::welcome_link,
    reply::{self, Reply},
    sessions,
    visitor::Visitor,
    way::{Address, Way},
};
use crate::{clock, node::Node};

#[derive(Template)]
#[template(path = "console/account.html")]
struct View {
    frame: Frame,
    sessions: Vec<Line>,
    password: Field,
}

struct Line {
    started: Moment,
    seen: Moment,
    ends: Moment,
    is_this: bool,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    show(&node, &visitor, StatusCode::OK, "").await
}

async fn show(node: &Node, visitor: &Visitor, status: StatusCode, mistake: &str) -> Reply {
    let (person, now) = (visitor.person.clone(), clock::now());
    let rows = node.page_readers.read(move |reader| reader.sessions_of(now, &person)).await?;
    reply::with_status(status, &view(visitor, &rows, mistake, &node.time_zone()))
}

fn view(visitor: &Visitor, rows: &[SessionRow], mistake: &str, zone: &TimeZone) -> View {
    let line = |row: &SessionRow| Line {
        started: Moment::of(row.started_at, zone),
        seen: Moment::of(row.seen_at, zone),
        ends: Moment::of(row.ends_at, zone),
        is_this: row.token == visitor.session,
    };
    View {
        frame: Frame::of(visitor, Place::Account),
        sessions: rows.iter().map(line).collect(),
        password: Field::new("password", "Your password as it is").of_kind("password").filled_by("current-password").with_error(mistake).required(),
    }
}

pub async fn sign_out(State(node): State<Arc<Node>>, visitor: Visitor, way: Way) -> Reply {
    sessions::change(&node, visitor.person.as_str(), PersonCommand::SignOut { session: visitor.session }).await?;
    signed_out(way)
}

pub async fn sign_out_everywhere(State(node): State<Arc<Node>>, visitor: Visitor, way: Way) -> Reply {
    sessions::change(&node, visitor.person.as_str(), PersonCommand::SignOutEverywhere { person: visitor.person.clone() }).await?;
    signed_out(way)
}

fn signed_out(way: Way) -> Reply {
    let mut response = reply::go_to("/console/sign-in")?;
    response.headers_mut().extend(cookie::end_session(way).map(|set| (header::SET_COOKIE, set)));
    Ok(response)
}

/// Whoever proves to have the password goes the way of a new person once more, and chooses another one.
pub async fn renew(State(node): State<Arc<Node>>, visitor: Visitor, Address(address): Address, form: Form) -> Reply {
    node.door.admit(visitor.person.as_str(), address)?;
    let person = visitor.person.clone();
    let row = node.page_readers.read(move |reader| reader.person(&person)).await?.ok_or(Failed::SignedOut)?;
    if !node.door.fits(Zeroizing::new(form.raw("password").to_owned()), row.password).await? {
        return show(&node, &visitor, StatusCode::UNPROCESSABLE_ENTITY, "This is not your password.").await;
    }
    let (token, link) = welcome_link();
    sessions::change(&node, visitor.person.as_str(), PersonCommand::Link { person: visitor.person.clone(), link }).await?;
    reply::go_to(&format!("/console/welcome/{}", token.as_str()))
}

#[cfg(test)]
mod tests {
    use exchange::{person::TokenHash, time::Timestamp};

    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let visitor = frame::sample_visitor("owner");
        let at = |hour: i64| Timestamp::from_micros((1_764_288 + hour * 3600) * 1_000_000);
        let row = |token| SessionRow { token, person: visitor.person.clone(), role: visitor.role.clone(), started_at: at(1), seen_at: at(2), ends_at: at(13) };
        let rows = [row(visitor.session), row(TokenHash([8; 32]))];
        insta::assert_snapshot!(frame::inside(&view(&visitor, &rows, "", &TimeZone::UTC).render().unwrap()));
    }
}
