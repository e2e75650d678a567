//! A run's calls to buyers in the native protocol, but its pings (`pings.rs`): rendered, signed, sent through the egress, read.

use std::{future::Future, sync::Arc, time::Duration};

use exchange::{
    attribute::PingPart,
    buyer::Endpoint,
    call::{CallFailure, ConfirmCall, ConfirmReply, PostCall, PostReply, StatusCall},
    flow::{Run, reconcile::Look},
    id::{ContractIndex, PostId, VerticalName},
    market::Market,
    sale::Sale,
    schema::Vertical,
    seal::{Contact, Opener},
};
use hyper::Method;
use url::Url;
use wire::native::{self, Echoes, PingContext, PostAttempt};
use zeroize::Zeroizing;

use crate::{
    clock,
    egress::{Answered, Call, Failed, Message, WhenOpen, message_headers},
    metrics as figures,
    node::Node,
    ping_lines::{no_secret, signing_secret},
};

/// What a call needs of its run or look, to outlive the borrow of it.
pub struct About {
    node: Arc<Node>,
    market: Arc<Market>,
    vertical: VerticalName,
    attributes: PingPart,
    test: bool,
    contract: ContractIndex,
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

    fn endpoint(&self) -> &Endpoint {
        let of_auction = self.market.buyer_of(self.contract);
        let now = self.present.as_ref().and_then(|present| present.buyer_named(&of_auction.name));
        &now.unwrap_or(of_auction).endpoint
    }

    fn vertical(&self) -> Option<&Vertical> {
        self.market.vertical(&self.vertical)
    }

    fn context<'a>(&'a self, vertical: &'a Vertical) -> PingContext<'a> {
        PingContext { market: &self.market, vertical, attributes: &self.attributes, test: self.test }
    }

    /// Signs and sends a body.
    async fn send(&self, url: &Url, message: Message<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
        self.send_by(Method::POST, url, message, time, kind).await
    }

    async fn send_by(&self, method: Method, url: &Url, message: Message<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
        let endpoint = self.endpoint();
        let secret = match &endpoint.secret {
            Some(secret) => Some(signing_secret(secret).ok_or(Failed { failure: no_secret(), body_left: false })?),
            None => None,
        };
        let headers = message_headers(&message, secret.as_ref());
        let buyer = &self.market.buyer_of(self.contract).name;
        let allow = &self.present.as_ref().unwrap_or(&self.market).parts().egress_allow;
        let body = message.body.to_vec().into();
        let when_open = match kind {
            _ if self.test => WhenOpen::Ignore,
            Kind::First => WhenOpen::Skip,
            Kind::Repeat | Kind::Question => WhenOpen::Call,
        };
        let max_in_flight = endpoint.max_in_flight;
        let call = Call { buyer, max_in_flight, url, method, headers, body, time, allow, fresh: kind == Kind::Repeat, when_open };
        self.node.egress.call(call).await
    }
}

/// Why a buyer is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A post, or the confirmation before it.
    First,
    /// Of a post that may have arrived.
    Repeat,
    /// What became of a post.
    Question,
}

fn at_s() -> i64 {
    clock::now().micros().div_euclid(1_000_000)
}

fn unsent(what: &str) -> Failed {
    Failed { failure: CallFailure::Malformed(what.into()), body_left: false }
}

pub fn confirm(node: &Arc<Node>, run: &Run, call: &ConfirmCall) -> impl Future<Output = ConfirmReply> + Send + 'static {
    let (about, call) = (About::of(node, run, call.contract), call.clone());
    async move {
        let post = call.sale.post_id();
        let (Some(vertical), Some(url)) = (about.vertical(), native::confirm_url(about.endpoint(), about.test)) else {
            return ConfirmReply::Failed(CallFailure::Unreachable);
        };
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
        (_, _, reply) => reply,
    }
}

async fn send_post(about: &About, call: &PostCall) -> PostReply {
    let Some(vertical) = about.vertical() else { return unsent("the vertical is gone").into() };
    let Some(url) = native::post_url(about.endpoint(), about.test) else { return unsent("the buyer has no address for it").into() };
    let Some(contact) = open_contact(&about.node, &call.sale).await else { return unsent("the contact can't be opened").into() };
    let post: PostId = call.sale.id().post_id();
    let body = Zeroizing::new(native::post_body(&about.context(vertical), post, &call.terms, &contact));
    // What the buyer says of the lead is kept; where it repeats the contact it is not.
    let echoes = Echoes::of(vertical, &contact);
    drop(contact);
    let attempt = PostAttempt { repeat: call.attempt > 1, idempotent: about.endpoint().idempotent };
    let id = post.to_string();
    let message = Message { id: &id, at_s: at_s(), body: &body, idempotency_key: Some(&id) };
    let reply = match about.send(url, message, call.time, if attempt.repeat { Kind::Repeat } else { Kind::First }).await {
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
