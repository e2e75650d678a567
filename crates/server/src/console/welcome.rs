//! `/console/welcome/{token}`: whoever was given the link sets a password and the codes of an app, once.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use exchange::person::{LinkKind, PersonCommand, Proof};
use store::LinkRow;
use zeroize::Zeroizing;

use super::{
    codes::{self, Secret},
    components::Field,
    door::MOST_PASSWORD,
    entrance::{link_row, with_session},
    failed::Failed,
    form::Form,
    reply::{self, Reply},
    sessions,
    way::{Address, Way},
};
use crate::{clock, entropy, node::Node};

/// In characters.
const LEAST_PASSWORD: usize = 12;

#[derive(Template)]
#[template(path = "console/welcome.html")]
struct View {
    person: String,
    role: String,
    /// Who works for the exchange has codes; a partner may go without.
    is_required: bool,
    secret: String,
    qr: String,
    qr_size: i32,
    password: Field,
    again: Field,
    code: Field,
}

/// Shown once.
#[derive(Template)]
#[template(path = "console/recovery.html")]
struct RecoveryView {
    codes: Vec<Zeroizing<String>>,
}

pub async fn page(State(node): State<Arc<Node>>, Path(link): Path<String>) -> Reply {
    let row = link_row(&node, &link, LinkKind::Welcome).await?;
    reply::page(&view(&row, &Secret::new(), &Mistakes::default()))
}

pub async fn enrol(State(node): State<Arc<Node>>, way: Way, Address(address): Address, Path(link): Path<String>, form: Form) -> Reply {
    node.door.admit_address(address)?;
    let row = link_row(&node, &link, LinkKind::Welcome).await?;
    let secret = Secret::read(form.text("secret")).ok_or_else(|| Failed::Refused("The page is out of date. Open the link again.".into()))?;
    let mistakes = Mistakes::of(&row, &secret, &form);
    if mistakes != Mistakes::default() {
        return reply::with_status(StatusCode::UNPROCESSABLE_ENTITY, &view(&row, &secret, &mistakes));
    }
    let has_codes = !form.text("code").is_empty();
    let recovery = if has_codes { codes::new_recovery_codes() } else { Vec::new() };
    let sealed = if has_codes { Some(sealed(&node, &row, &secret)?) } else { None };
    let password = node.door.hash(Zeroizing::new(form.raw("password").to_owned())).await?;
    let proof = Proof { password, codes: sealed, recovery: recovery.iter().map(|code| codes::recovery_hash(code)).collect() };
    let token = sessions::new_token();
    let command = PersonCommand::Enrol { link: sessions::hash_of(&link), proof, session: sessions::hash_of(&token) };
    sessions::change(&node, row.person.as_str(), command).await?;
    let response = if recovery.is_empty() { reply::go_to("/console")? } else { reply::page(&RecoveryView { codes: recovery })? };
    with_session(response, &token, way)
}

fn sealed(node: &Node, row: &LinkRow, secret: &Secret) -> Result<exchange::seal::SealedSecret, Failed> {
    node.master.seal_secret(&codes::sealed_under(&row.person), secret.bytes(), &mut entropy::fill).map_err(|_| Failed::Unavailable)
}

/// What is wrong with what was typed, and the mend; empty for nothing.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mistakes {
    password: &'static str,
    again: &'static str,
    code: &'static str,
}

impl Mistakes {
    fn of(row: &LinkRow, secret: &Secret, form: &Form) -> Self {
        let (password, code) = (form.raw("password"), form.text("code"));
        let is_plain = password.to_lowercase().contains(&row.person.as_str().to_lowercase()) || password.chars().all(|same| password.starts_with(same));
        Self {
            password: match password.chars().count() {
                0..LEAST_PASSWORD => "Too short: at least 12 characters. Three or four words make a good one.",
                length if length > MOST_PASSWORD => "Too long: at most 200 characters.",
                _ if is_plain => "Too easy to guess: take words that have nothing to do with your name.",
                _ => "",
            },
            again: if password == form.raw("again") { "" } else { "Not the same as above: type it again." },
            code: match code {
                "" if row.role.is_operator() => "Scan the code with your app, then type the six digits that it shows.",
                "" => "",
                code if secret.step_of(code, clock::now()).is_none() => "Not the code that the app shows now. Is its clock right?",
                _ => "",
            },
        }
    }
}

fn view(row: &LinkRow, secret: &Secret, mistakes: &Mistakes) -> View {
    let (qr, qr_size) = codes::qr_path(&secret.uri(row.person.as_str())).unwrap_or_default();
    let code = Field::new("code", "Code that the app shows").with_error(mistakes.code).filled_by("one-time-code");
    let is_required = row.role.is_operator();
    View {
        person: row.person.to_string(),
        role: row.role.to_string(),
        is_required,
        secret: secret.text(),
        qr,
        qr_size,
        password: Field::new("password", "Password")
            .of_kind("password")
            .filled_by("new-password")
            .with_hint("At least 12 characters.")
            .with_error(mistakes.password)
            .required(),
        again: Field::new("again", "The same once more").of_kind("password").filled_by("new-password").with_error(mistakes.again).required(),
        code: if is_required { code.required() } else { code.with_hint("Leave it empty to go without.") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(role: &str) -> LinkRow {
        LinkRow { person: "maria".parse().unwrap(), role: role.parse().unwrap(), kind: LinkKind::Welcome }
    }

    fn secret() -> Secret {
        Secret::of_bytes(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn render() {
        let mistakes = Mistakes { password: "Too short.", again: "Not the same.", code: "Not the code." };
        let codes = vec![Zeroizing::new("abcd-efgh-ijkl-mnop".to_owned()), Zeroizing::new("qrst-uvwx-yz23-4567".to_owned())];
        let pages = [
            view(&row("owner"), &secret(), &Mistakes::default()).render(),
            view(&row("buyer:acme"), &secret(), &mistakes).render(),
            RecoveryView { codes }.render(),
        ];
        insta::assert_snapshot!(pages.map(Result::unwrap).join("\n"));
    }

    #[test]
    fn what_is_typed_is_checked_all_at_once() {
        let found = |role: &str, typed: &str| {
            let mistakes = Mistakes::of(&row(role), &secret(), &Form::read(typed.as_bytes()));
            [mistakes.password, mistakes.again, mistakes.code].map(|mistake| mistake.split([':', ',', '.']).next().unwrap_or_default())
        };
        assert_eq!(found("owner", ""), ["Too short", "", "Scan the code with your app"]);
        assert_eq!(found("supplier:x", "password=short&again=shorn"), ["Too short", "Not the same as above", ""]);
        assert_eq!(
            found("buyer:x", "password=my+name+is+Maria&again=my+name+is+Maria&code=000000"),
            ["Too easy to guess", "", "Not the code that the app shows now"]
        );
        assert_eq!(found("buyer:x", "password=aaaaaaaaaaaaaaa&again=aaaaaaaaaaaaaaa"), ["Too easy to guess", "", ""]);
        assert_eq!(found("buyer:x", "password=correct+horse+battery&again=correct+horse+battery"), ["", "", ""]);
    }
}
