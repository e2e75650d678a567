//! Calls to buyers with an interface of their own: filled in and read as their mappings say, sent as all calls are.

use std::{borrow::Cow, time::Duration};

use exchange::{
    call::{CallFailure, ConfirmCall, ConfirmReply, PingCall, PingReply, PostCall, PostReply},
    id::PostId,
    mapping::{self, Answer, Mapping, Request, Requests},
    seal::Contact,
    time::Timestamp,
};
use hyper::Method;
use url::Url;
use wire::{
    mapped::{
        Heard, Offered, Outgoing, Surroundings, Unrendered, read_bid, read_confirm, read_post, read_status, render_confirm, render_ping, render_post,
        render_status,
    },
    native::{PingContext, PostAttempt},
};

use super::about::{About, Kind, Sent, at_s, unsent};
use crate::{
    clock,
    egress::{Answered, Failed, Headers, Message},
};

pub async fn ping(about: &About, mapping: &Mapping, url: &Url, context: &PingContext<'_>, call: &PingCall, within: Duration) -> PingReply {
    let Some(request) = requests(mapping, context).and_then(|requests| requests.ping.as_ref()) else { return PingReply::Failed(CallFailure::Unreachable) };
    let outgoing = render_ping(request, url, context, None, call, around(clock::now()));
    match send(about, outgoing, request, &mapping.ping, &call.buyer_ping.to_string(), within, Kind::Ping).await {
        Ok(answered) => {
            let offered = Offered { currency: about.market.currency(), kinds: call.kinds, agreed: about.market.contract(call.contract).agreed_price };
            heard(&answered, |heard| read_bid(&mapping.ping, heard, offered))
        }
        Err(failed) => failed.into(),
    }
}

pub async fn confirm(about: &About, mapping: &Mapping, url: &Url, context: &PingContext<'_>, call: &ConfirmCall) -> ConfirmReply {
    let post = call.sale.post_id();
    let request = requests(mapping, context).and_then(|requests| requests.confirm.as_ref());
    let (Some(request), Some(answer)) = (request, &mapping.confirm) else { return ConfirmReply::Failed(CallFailure::Unreachable) };
    let outgoing = render_confirm(request, url, context, call.contract, post, &call.terms, around(clock::now()));
    // An id of its own: a buyer that drops repeated webhook ids must not drop the post.
    match send(about, outgoing, request, answer, &format!("{post}.confirm"), call.time, Kind::First).await {
        Ok(answered) => heard(&answered, |heard| read_confirm(answer, heard)),
        Err(failed) => failed.into(),
    }
}

/// The contact is gone when this waits for the buyer.
pub async fn post(
    about: &About,
    mapping: &Mapping,
    url: &Url,
    context: &PingContext<'_>,
    call: &PostCall,
    contact: Contact,
    attempt: PostAttempt,
) -> PostReply {
    let Some(requests) = requests(mapping, context) else { return unsent("the mapping isn't of this vertical").into() };
    let (request, post) = (&requests.post, call.sale.id().post_id());
    let outgoing = render_post(request, url, context, call.contract, post, &call.terms, &contact, around(clock::now()));
    drop(contact);
    let kind = if attempt.repeat { Kind::Repeat } else { Kind::First };
    match send(about, outgoing, request, &mapping.post, &post.to_string(), call.time, kind).await {
        Ok(answered) => heard(&answered, |heard| read_post(&mapping.post, heard, attempt)),
        Err(failed) => failed.into(),
    }
}

/// A test lead has no address for it, as in the native protocol.
pub async fn status(about: &About, mapping: &Mapping, post: PostId, time: Duration) -> PostReply {
    let unreachable = PostReply::Unknown(CallFailure::Unreachable);
    let (Some(vertical), Some(url)) = (about.vertical(), about.endpoint().status_url.as_ref().filter(|_| !about.test)) else { return unreachable };
    let context = about.context(vertical);
    let request = requests(mapping, &context).and_then(|requests| requests.status.as_ref());
    let (Some(request), Some(answer)) = (request, &mapping.status) else { return unreachable };
    let outgoing = render_status(request, url, &context, about.contract, post, around(clock::now()));
    // Every question has an id of its own: a buyer that drops repeated ones answers none of the later.
    match send(about, outgoing, request, answer, &format!("{post}.status.{}", at_s()), time, Kind::Question).await {
        Ok(answered) => heard(&answered, |heard| read_status(answer, heard)),
        Err(failed) => PostReply::Unknown(failed.failure),
    }
}

fn requests<'m>(mapping: &'m Mapping, context: &PingContext<'_>) -> Option<&'m Requests> {
    mapping.of(&context.vertical.name)
}

pub(super) fn around(now: Timestamp) -> Surroundings<'static> {
    Surroundings { now, secret: &|name| std::env::var(name).ok() }
}

async fn send(
    about: &About,
    outgoing: Result<Outgoing<'_>, Unrendered>,
    request: &Request,
    answer: &Answer,
    id: &str,
    time: Duration,
    kind: Kind,
) -> Result<Answered, Failed> {
    let outgoing = outgoing.map_err(|error| match error {
        // What is kept of a call, its buyer may read: the name of a variable is the operator's, whom `pingpost try` tells it.
        Unrendered::NoSecret(_) => unsent("a secret isn't in the environment"),
        other => unsent(&other.to_string()),
    })?;
    let body = outgoing.body.as_bytes();
    let mut headers = headers(&outgoing, request).ok_or_else(|| unsent("a header can't be sent"))?;
    if let Some(secret) = about.secret()? {
        headers.sign(&Message { id, at_s: at_s(), body, idempotency_key: None }, &secret);
    }
    let is_lasting = matches!(outgoing.url, Cow::Borrowed(_));
    let method = method(outgoing.method);
    let sent = Sent { method, url: &outgoing.url, headers, body: body.to_vec().into(), keeps_headers: answer.reads_headers(), is_lasting };
    about.send_with(sent, time, kind).await
}

/// What the mapping says, and what it leaves open. None where a value is none that a header may have.
pub fn headers(outgoing: &Outgoing<'_>, request: &Request) -> Option<Headers> {
    let mut headers = Headers::new();
    let is_own = |name: &str| outgoing.headers.iter().any(|(known, _)| *known == name);
    let open = [("accept", Some("*/*")), ("content-type", request.content_type.as_deref())];
    let open = open.into_iter().filter_map(|(name, value)| Some((name, value?))).filter(|(name, _)| !is_own(name));
    let own = outgoing.headers.iter().map(|(name, value)| (*name, value.as_str()));
    open.chain(own).all(|(name, value)| headers.add(name, value)).then_some(headers)
}

pub fn method(method: mapping::Method) -> Method {
    match method {
        mapping::Method::Get => Method::GET,
        mapping::Method::Post => Method::POST,
        mapping::Method::Put => Method::PUT,
        mapping::Method::Patch => Method::PATCH,
    }
}

/// The answer as the wire reads it.
pub(super) fn heard<T>(answered: &Answered, read: impl FnOnce(&Heard<'_>) -> T) -> T {
    let headers: Vec<(&str, &str)> = answered.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    read(&Heard { status: answered.status, headers: &headers, body: &answered.body })
}
