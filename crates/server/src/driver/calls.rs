//! A run's calls to buyers: rendered, signed, sent through the egress, read. A buyer with an interface of its own is
//! [`mapped`](super::mapped)'s, and pings in the native protocol are those of [`pings`](super::pings); here are its other calls.

use std::{future::Future, sync::Arc, time::Duration};

use exchange::{
    buyer::Protocol,
    call::{CallFailure, ConfirmCall, ConfirmReply, PingCall, PingReply, PostCall, PostReply, StatusCall},
    flow::Run,
    id::PostId,
    sale::Sale,
    seal::{Contact, Opener},
};
use hyper::Method;
use wire::native::{self, Echoes, PostAttempt};
use zeroize::Zeroizing;

use super::{
    about::{About, Kind, at_s, unsent},
    filed, mailed, mapped,
};
use crate::{egress::Message, metrics as figures, node::Node};

/// A ping to a buyer with an interface of its own.
pub fn mapped_ping(node: &Arc<Node>, run: &Run, call: &PingCall, within: Duration) -> impl Future<Output = PingReply> + Send + 'static {
    let (about, call) = (About::of(node, run, call.contract), call.clone());
    async move {
        let (Some(vertical), Some(url)) = (about.vertical(), native::ping_url(about.endpoint(), about.test)) else {
            return PingReply::Failed(CallFailure::Unreachable);
        };
        match about.mapping() {
            Some(mapping) => mapped::ping(&about, mapping, url, &about.context(vertical), &call, within).await,
            None => PingReply::Failed(CallFailure::Unreachable),
        }
    }
}

pub fn confirm(node: &Arc<Node>, run: &Run, call: &ConfirmCall) -> impl Future<Output = ConfirmReply> + Send + 'static {
    let (about, call) = (About::of(node, run, call.contract), call.clone());
    async move {
        let post = call.sale.post_id();
        let (Some(vertical), Some(url)) = (about.vertical(), native::confirm_url(about.endpoint(), about.test)) else {
            return ConfirmReply::Failed(CallFailure::Unreachable);
        };
        if let Some(mapping) = about.mapping() {
            return mapped::confirm(&about, mapping, url, &about.context(vertical), &call).await;
        }
        let body = native::confirm_body(&about.context(vertical), post, &call.terms);
        // An id of its own: a buyer that drops repeated webhook ids must not drop the post.
        let id = format!("{post}.confirm");
        let message = Message { id: &id, at_s: at_s(), body: &body, idempotency_key: None };
        match about.send(url, message, call.time, Kind::First).await {
            Ok(answered) => native::read_confirm(answered.status, &answered.body),
            Err(failed) => failed.into(),
        }
    }
}

pub fn post(node: &Arc<Node>, run: &Run, call: PostCall) -> impl Future<Output = PostReply> + Send + 'static {
    let about = About::of(node, run, call.contract);
    async move { post_about(&about, &call).await }
}

pub async fn post_about(about: &About, call: &PostCall) -> PostReply {
    let reply = send_post(about, call).await;
    let buyer = &about.market.buyer_of(call.contract).name;
    figures::posted(buyer, &reply);
    if !about.test {
        about.node.tally.of(buyer).posted(&reply);
    }
    reply
}

/// Asks what became of a post.
pub async fn status(about: &About, call: &StatusCall) -> PostReply {
    let post = call.sale.post_id();
    if let Some(mapping) = about.mapping() {
        let reply = mapped::status(about, mapping, post, call.time).await;
        return without_contact(about, call, reply).await;
    }
    let Some(url) = native::status_url(about.endpoint(), about.test, post) else { return PostReply::Unknown(CallFailure::Unreachable) };
    // Every question has an id of its own: a buyer that drops repeated ones answers none of the later.
    let id = format!("{post}.status.{}", at_s());
    let message = Message { id: &id, at_s: at_s(), body: b"", idempotency_key: None };
    match about.send_by(Method::GET, &url, message, call.time, Kind::Question).await {
        Ok(answered) => without_contact(about, call, native::read_status(answered.status, &answered.body)).await,
        Err(failed) => PostReply::Unknown(failed.failure),
    }
}

/// What a buyer says of a post without what repeats the contact; without any of its words, where that can't be told.
pub async fn without_contact(about: &About, call: &StatusCall, reply: PostReply) -> PostReply {
    let contact = match &call.permission {
        Some(sale) => open_contact(&about.node, sale).await,
        None => None,
    };
    match (about.vertical(), contact, reply) {
        (Some(vertical), Some(contact), reply) => Echoes::of(vertical, &contact).kept_out_of(reply),
        (_, _, PostReply::Accepted { .. }) => PostReply::Accepted { redirect_url: None, lead_reference: None },
        (_, _, PostReply::Rejected { .. }) => PostReply::Rejected { reason: None },
        (_, _, PostReply::Unknown(CallFailure::Unread { what, .. })) => PostReply::Unknown(CallFailure::Malformed(what)),
        (_, _, reply) => reply,
    }
}

async fn send_post(about: &About, call: &PostCall) -> PostReply {
    let Some(vertical) = about.vertical() else { return unsent("the vertical is gone").into() };
    let Some(url) = native::post_url(about.endpoint(), about.test) else { return unsent("the buyer has no address for it").into() };
    let Some(contact) = open_contact(&about.node, &call.sale).await else { return unsent("the contact can't be opened").into() };
    let post: PostId = call.sale.id().post_id();
    // What the buyer says of the lead is kept; where it repeats the contact it is not.
    let echoes = Echoes::of(vertical, &contact);
    let attempt = PostAttempt { repeat: call.attempt > 1, idempotent: about.endpoint().idempotent };
    if let Some(mapping) = about.mapping() {
        return echoes.kept_out_of(mapped::post(about, mapping, url, &about.context(vertical), call, contact, attempt).await);
    }
    if let Protocol::Email(form) = about.protocol() {
        return mailed::post(about, form, url, &about.context(vertical), call, &contact, attempt).await;
    }
    if let Protocol::Sftp(login) = about.protocol() {
        return filed::post(about, login, url, &about.context(vertical), call, &contact, attempt).await;
    }
    let body = Zeroizing::new(native::post_body(&about.context(vertical), post, &call.terms, &contact));
    drop(contact);
    let id = post.to_string();
    let message = Message { id: &id, at_s: at_s(), body: &body, idempotency_key: Some(&id) };
    let reply = match about.send(url, message, call.time, if attempt.repeat { Kind::Repeat } else { Kind::First }).await {
        Ok(answered) if about.is_webhook() => native::read_delivery(answered.status, attempt),
        Ok(answered) => native::read_post(answered.status, &answered.body, attempt),
        Err(failed) => failed.into(),
    };
    echoes.kept_out_of(reply)
}

/// The contact of a sold lead, with what only its ping had exactly. Opened by the sale, and by nothing else.
async fn open_contact(node: &Node, sale: &Sale) -> Option<Contact> {
    let (lead, ping) = (sale.lead(), sale.ping());
    let parts = node.readers.read(move |reader| reader.contact_parts(lead, ping)).await;
    let parts = parts.inspect_err(|error| tracing::error!(%error, "a contact could not be read")).ok()?;
    let mut whole: Option<Contact> = None;
    for part in &parts {
        let opened = part.open(Opener::Sale(sale), &node.master).inspect_err(|error| tracing::error!(%error, "a contact could not be opened")).ok()?;
        match &mut whole {
            None => whole = Some(opened),
            Some(contact) => contact.complete_with(opened),
        }
    }
    whole
}
