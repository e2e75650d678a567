//! `/console/sign-in`: name, password and code, all at once; the answer never says which of them was wrong.

use std::{net::IpAddr, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use exchange::{
    id::PersonName,
    person::{PersonCommand, UsedUp},
};
use serde::Deserialize;
use store::PersonRow;
use zeroize::Zeroizing;

use super::{
    codes::{self, Secret},
    door::MOST_PASSWORD,
    entrance::with_session,
    failed::Failed,
    form::Form,
    reply::{self, Reply},
    sessions,
    way::{Address, Way},
};
use crate::{clock, node::Node};

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct View {
    /// Where to go on to.
    to: String,
    name: String,
    is_wrong: bool,
    /// Whether the cookie of a session can come back this way.
    is_safe: bool,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    to: String,
}

pub async fn page(way: Way, Query(wanted): Query<Wanted>) -> Reply {
    reply::page(&View { to: within_the_console(&wanted.to), name: String::new(), is_wrong: false, is_safe: is_safe(way) })
}

pub async fn sign_in(State(node): State<Arc<Node>>, way: Way, Address(address): Address, form: Form) -> Reply {
    let to = within_the_console(form.text("to"));
    match signed_in(&node, address, &form).await? {
        Some(token) => with_session(reply::go_to(&to)?, &token, way),
        None => {
            let view = View { to, name: form.text("name").chars().take(64).collect(), is_wrong: true, is_safe: is_safe(way) };
            reply::with_status(StatusCode::UNAUTHORIZED, &view)
        }
    }
}

fn is_safe(way: Way) -> bool {
    matches!(way, Way::Loopback | Way::Remote { is_tls: true })
}

/// The session's token; none where anything was wrong.
async fn signed_in(node: &Node, address: IpAddr, form: &Form) -> Result<Option<Zeroizing<String>>, Failed> {
    node.door.admit(form.text("name"), address)?;
    let name = form.text("name").parse::<PersonName>().ok();
    let row = match name {
        Some(name) => node.page_readers.read(move |reader| reader.person(&name)).await?,
        None => None,
    };
    let password = Zeroizing::new(form.raw("password").chars().take(MOST_PASSWORD + 1).collect::<String>());
    let hash = row.as_ref().filter(|row| row.disabled_at.is_none()).and_then(|row| row.password.clone());
    if !node.door.fits(password, hash).await? {
        return Ok(None);
    }
    let Some(row) = row else { return Ok(None) };
    let Some(used_up) = used_up(node, &row, form.text("code")) else { return Ok(None) };
    let token = sessions::new_token();
    let command = PersonCommand::SignIn { person: row.name.clone(), proof: row.proof, used_up, session: sessions::hash_of(&token) };
    match sessions::change(node, row.name.as_str(), command).await {
        Ok(()) => Ok(Some(token)),
        // The code was used before, or the password was set anew in between.
        Err(Failed::Refused(_)) => Ok(None),
        Err(failed) => Err(failed),
    }
}

fn used_up(node: &Node, row: &PersonRow, code: &str) -> Option<UsedUp> {
    let Some(sealed) = &row.codes else { return Some(UsedUp::Nothing) };
    let secret = node.master.open_secret(&codes::sealed_under(&row.name), sealed).map(Secret::of_bytes);
    let step = match &secret {
        Ok(secret) => secret.step_of(code, clock::now()),
        Err(error) => {
            tracing::error!(%error, "a person's codes can't be read");
            None
        }
    };
    step.map(UsedUp::Step).or_else(|| {
        let code = codes::recovery_hash(code);
        row.recovery.contains(&code).then_some(UsedUp::Recovery(code))
    })
}

/// Nobody is led out of the console by an address that somebody else wrote.
fn within_the_console(to: &str) -> String {
    let path = to.split('?').next().unwrap_or_default();
    let is_within = (path == "/console" || path.starts_with("/console/"))
        && to.len() <= 2000
        && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !path.contains("//")
        && !path.contains("..")
        && !path.starts_with("/console/sign-in");
    if is_within { to.to_owned() } else { "/console".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render() {
        let first = View { to: "/console".into(), name: String::new(), is_wrong: false, is_safe: true };
        let again = View { to: "/console/leads?status=sold".into(), name: "maria\"".into(), is_wrong: true, is_safe: false };
        insta::assert_snapshot!(format!("{}\n{}", first.render().unwrap(), again.render().unwrap()));
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        for within in ["/console", "/console/leads?before=1&status=sold", "/console/people/maria"] {
            assert_eq!(within_the_console(within), within);
        }
        for out in [
            "",
            "https://evil.example",
            "//evil.example",
            "/consolex",
            "/console//evil",
            "/console/../docs",
            "/console\\evil",
            "/console/sign-in",
            "/console/a\r\nb",
        ] {
            assert_eq!(within_the_console(out), "/console", "{out}");
        }
    }
}
