//! A run's calls to buyers: rendered, signed, sent through the egress, read. A buyer with an interface of its own is
//! [`mapped`](super::mapped)'s, and pings in the native protocol are those of [`pings`](super::pings); here are its other calls, and
//! what all have in common.

use std::{future::Future, sync::Arc, time::Duration};

use exchange::{
    attribute::PingPart,
    buyer::{Endpoint, Protocol},
    call::{CallFailure, ConfirmCall, ConfirmReply, PingCall, PingReply, PostCall, PostReply, StatusCall},
    flow::{Run, reconcile::Look},
    id::{ContractIndex, PostId, VerticalName},
    mapping::Mapping,
    market::Market,
    sale::Sale,
    schema::Vertical,
    seal::{Contact, Opener},
};
use hyper::{Method, body::Bytes};
use url::Url;
use wire::{
    native::{self, Echoes, PingContext, PostAttempt},
    webhook::SigningSecret,
};
use zeroize::Zeroizing;

use super::mapped;
use crate::{
    clock,
    egress::{Answered, Call, Callee, Failed, Headers, Message, WhenOpen, message_headers},
    metrics as figures,
    node::Node,
    ping_lines::{no_secret, room_for_pings},
    signing::signing_secret,
};

/// What a call needs of its run or look, to outlive the borrow of it.
pub struct About {
    node: Arc<Node>,
    pub(super) market: Arc<Market>,
    vertical: VerticalName,
    attributes: PingPart,
    pub(super) test: bool,
    pub(super) contract: ContractIndex,
    /// The present market, where the buyer may have moved to another address since.
    present: Option<Arc<Market>>,
}

impl About {
    fn of(node: &Arc<Node>, run: &Run, contract: ContractIndex) -> Self {
        Self {
            node: Arc::clone(node),
            market: Arc::clone(run.market()),
            vertical: run.vertical().clone(),
            attributes: run.attributes().clone(),
            test: run.is_test(),
            contract,
            present: None,
        }
    }

    /// What is said of the lead is said as its auction did; where it is sent is where the buyer is now. A look calls nobody who is
    /// no longer in the market.
    pub fn of_look(node: &Arc<Node>, look: &Look, contract: ContractIndex) -> Self {
        Self {
            node: Arc::clone(node),
            market: Arc::clone(look.market()),
            vertical: look.vertical().clone(),
            attributes: look.attributes().clone(),
            test: look.is_test(),
            contract,
            present: node.market(),
        }
    }

    /// The buyer's own interface, if it has one: that of the auction, whose fields the lead was read by.
    fn mapping(&self) -> Option<&Mapping> {
        match &self.market.buyer_of(self.contract).endpoint.protocol {
            Protocol::Mapped(mapping) => Some(mapping),
            Protocol::Native | Protocol::Webhook => None,
        }
    }

    fn is_webhook(&self) -> bool {
        matches!(self.market.buyer_of(self.contract).endpoint.protocol, Protocol::Webhook)
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        let of_auction = self.market.buyer_of(self.contract);
        let now = self.present.as_ref().and_then(|present| present.buyer_named(&of_auction.name));
        &now.unwrap_or(of_auction).endpoint
    }

    pub(super) fn vertical(&self) -> Option<&Vertical> {
        self.market.vertical(&self.vertical)
    }

    pub(super) fn context<'a>(&'a self, vertical: &'a Vertical) -> PingContext<'a> {
        PingContext { market: &self.market, vertical, attributes: &self.attributes, test: self.test }
    }

    /// Signs and sends a body.
    async fn send(&self, url: &Url, message: Message<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
        self.send_by(Method::POST, url, message, time, kind).await
    }

    async fn send_by(&self, method: Method, url: &Url, message: Message<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
        let headers = message_headers(&message, self.secret()?.as_ref());
        self.send_with(Sent { method, url, headers, body: message.body.to_vec().into(), keeps_headers: false, is_lasting: true }, time, kind).await
    }

    /// What signs this buyer's messages, if anything does.
    pub(super) fn secret(&self) -> Result<Option<SigningSecret>, Failed> {
        let secret = self.endpoint().secret.as_ref();
        secret.map(|secret| signing_secret(secret).ok_or(Failed { failure: no_secret(), body_left: false })).transpose()
    }

    pub(super) async fn send_with(&self, sent: Sent<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
        let endpoint = self.endpoint();
        let callee = &Callee::Buyer(self.market.buyer_of(self.contract).name.clone());
        let allow = &self.present.as_ref().unwrap_or(&self.market).parts().egress_allow;
        let when_open = match kind {
            _ if self.test => WhenOpen::Ignore,
            Kind::Ping | Kind::First => WhenOpen::Skip,
            Kind::Repeat | Kind::Question => WhenOpen::Call,
        };
        let max_in_flight = if kind == Kind::Ping { room_for_pings(endpoint.max_in_flight) } else { endpoint.max_in_flight };
        let Sent { method, url, headers, body, keeps_headers, is_lasting } = sent;
        let call = Call { callee, max_in_flight, url, method, headers, body, time, allow, fresh: kind == Kind::Repeat, when_open, keeps_headers, is_lasting };
        self.node.egress.call(call).await
    }
}

/// What goes to a buyer, whole.
pub(super) struct Sent<'a> {
    pub method: Method,
    pub url: &'a Url,
    pub headers: Headers,
    pub body: Bytes,
    pub keeps_headers: bool,
    /// Whether the address is the same for each message.
    pub is_lasting: bool,
}

/// Why a buyer is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ping,
    /// A post, or the confirmation before it.
    First,
    /// Of a post that may have arrived.
    Repeat,
    /// What became of a post.
    Question,
}

pub fn at_s() -> i64 {
    clock::now().micros().div_euclid(1_000_000)
}

pub(super) fn unsent(what: &str) -> Failed {
    Failed { failure: CallFailure::Malformed(what.into()), body_left: false }
}

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
    about.node.tally.of(buyer).posted(&reply);
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
