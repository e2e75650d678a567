//! LeadConduit: `/flows/{flow}/sources/{source}/submit`, and with `/ping` at the end. Form, JSON or XML in; JSON or XML out, as
//! `Accept` says. Its pings have no id, so that a post is a lead of its own.
//!
//! The source in the path is the API key, or any name where `Authorization` carries the key.

use super::{
    Dialect, Example,
    heard::{Heard, Hearing, Request, Step, Words, fields},
    told::{Refusal, Said, Told, Verdict, Voice, verdict},
};
use crate::{
    answer::{Format, Node, negotiate},
    body::MediaType,
};
use zeroize::Zeroizing;

pub(super) const DIALECT: Dialect = Dialect {
    name: "leadconduit",
    paths: &["/flows/{flow}/sources/{source}/submit", "/flows/{flow}/sources/{source}/ping", "/flows/{flow}/sources/{source}/submit/ping"],
    ping: Example { path: "/flows/CAMPAIGN/sources/KEY/ping", words: &[] },
    post: None,
    direct: Example { path: "/flows/CAMPAIGN/sources/KEY/submit", words: &[] },
    test: ("test", "true"),
    hear,
    say,
};

const PLAIN: &str = "text/plain; charset=utf-8";

fn hear(request: &Request<'_>) -> Hearing {
    let is_ping = request.path.ends_with("/ping");
    let format = negotiate(request.accept);
    let mut voice = Voice::new(format.unwrap_or(Format::Json), is_ping);
    let heard = match format {
        None => Err(Refusal::new(406, "ask for application/json, application/xml or text/xml in Accept")),
        Some(_) => typed(request).and_then(|()| fields(request, None)).and_then(|read| understand(Words::of(read), request.path, &mut voice)),
    };
    Hearing { voice, heard }
}

/// A body without a type, or of another one, is refused here: the answer depends on it elsewhere, too.
fn typed(request: &Request<'_>) -> Result<(), Refusal> {
    let has_body = !request.is_get && !request.body.trim_ascii().is_empty();
    match request.content_type {
        None if has_body => Err(Refusal::new(415, "a Content-Type is needed")),
        Some(_) if has_body && MediaType::of(request.content_type).is_none() => {
            Err(Refusal::new(406, "the Content-Type is none of application/x-www-form-urlencoded, application/json, application/xml, text/xml"))
        }
        _ => Ok(()),
    }
}

fn understand(mut words: Words, path: &str, voice: &mut Voice) -> Result<Heard, Refusal> {
    let mut parts = path.split('/').skip(1);
    let (flow, source) = (parts.nth(1).unwrap_or_default(), parts.nth(1).unwrap_or_default());
    let redirect = words.take("redir_url");
    if redirect.as_deref().is_some_and(|url| !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) || url.contains(char::is_control)) {
        return Err(Refusal::new(400, "redir_url must be an address that starts with http:// or https://"));
    }
    voice.redirect = redirect;
    // The certificate's field has the name that its script gives it, in any case.
    words.rename(|name| name.eq_ignore_ascii_case("xxTrustedFormCertUrl").then(|| "trustedform_cert_url".to_owned()));
    let test = words.is_yes("test");
    let key = source.contains('.').then(|| Zeroizing::new(source.to_owned()));
    let step = if voice.is_ping { Step::Ping } else { Step::Direct };
    Ok(Heard { step, key, campaign: flow.to_owned(), test, min_price: None, max_disclosures: None, fields: words.rest()? })
}

fn say(voice: &Voice, told: &Told<'_>) -> Said {
    let (outcome, reason, lead, price) = match told {
        Told::Quoted { net, .. } => ("success", None, None, Node::decimal(net)),
        Told::Unmatched { .. } => ("failure", Some("no bid".to_owned()), None, Node::Integer(0)),
        Told::Lead { lead, status, net, reason, .. } => match verdict(*status) {
            Verdict::Accepted => ("success", None, Some(lead), Node::decimal(net)),
            Verdict::Duplicate => ("failure", Some("duplicate".to_owned()), Some(lead), Node::Integer(0)),
            Verdict::Rejected => ("failure", Some(reason.unwrap_or("no bid").to_owned()), Some(lead), Node::Integer(0)),
        },
        Told::Refused(refusal) if (400..=415).contains(&refusal.status) => {
            return Said { status: refusal.status, content_type: PLAIN, location: None, body: refusal.messages.join("\n").into_bytes() };
        }
        Told::Refused(refusal) if refusal.status == 422 => ("failure", Some(refusal.messages.join("; ")), None, Node::Integer(0)),
        Told::Refused(refusal) => ("error", Some(refusal.messages.join("; ")), None, Node::Integer(0)),
    };
    let lead = lead.map(|lead| Node::object([("id", Some(Node::of(lead)))]));
    let node = Node::object([("outcome", Some(Node::text(outcome))), ("reason", reason.map(Node::of)), ("lead", lead), ("price", Some(price))]);
    let status = match (told, voice.is_ping) {
        (Told::Refused(refusal), _) if refusal.status >= 429 => refusal.status,
        (_, true) => 200,
        (_, false) => 201,
    };
    let said = Said::of(status, voice.format, "result", &node);
    match &voice.redirect {
        Some(url) if status <= 201 => Said { status: 303, location: Some(url.clone()), ..said },
        _ => said,
    }
}
