//! What every call to a buyer needs of its run or look: whose it is, where it goes, what signs it, and how it is sent.

use std::{sync::Arc, time::Duration};

use exchange::{
    attribute::PingPart,
    buyer::{Endpoint, Protocol},
    call::CallFailure,
    flow::{Run, reconcile::Look},
    id::{ContractIndex, VerticalName},
    mapping::Mapping,
    market::Market,
    schema::Vertical,
};
use hyper::{Method, body::Bytes};
use ipnet::IpNet;
use url::Url;
use wire::{native::PingContext, webhook::SigningSecret};

use crate::{
    clock,
    egress::{Answered, Call, Callee, Failed, Handing, Headers, Message, WhenOpen, message_headers},
    mail::{self, Mail, NotSent},
    node::Node,
    ping_lines::{no_secret, room_for_pings},
    sftp::{self, NewFile},
    signing::signing_secret,
};

/// What a call needs of its run or look, to outlive the borrow of it.
pub struct About {
    pub(super) node: Arc<Node>,
    pub(super) market: Arc<Market>,
    vertical: VerticalName,
    pub(super) attributes: PingPart,
    pub(super) test: bool,
    pub(super) contract: ContractIndex,
    /// The present market, where the buyer may have moved to another address since.
    present: Option<Arc<Market>>,
}

impl About {
    pub(super) fn of(node: &Arc<Node>, run: &Run, contract: ContractIndex) -> Self {
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
    pub(super) fn mapping(&self) -> Option<&Mapping> {
        match self.protocol() {
            Protocol::Mapped(mapping) => Some(mapping),
            Protocol::Native | Protocol::Webhook | Protocol::Email(_) | Protocol::Sftp(_) => None,
        }
    }

    pub(super) fn protocol(&self) -> &Protocol {
        &self.market.buyer_of(self.contract).endpoint.protocol
    }

    pub(super) fn is_webhook(&self) -> bool {
        matches!(self.protocol(), Protocol::Webhook)
    }

    fn callee(&self) -> Callee {
        Callee::Buyer(self.market.buyer_of(self.contract).name.clone())
    }

    fn allow(&self) -> &[IpNet] {
        &self.present.as_ref().unwrap_or(&self.market).parts().egress_allow
    }

    fn when_open(&self, kind: Kind) -> WhenOpen {
        match kind {
            _ if self.test => WhenOpen::Ignore,
            Kind::Ping | Kind::First => WhenOpen::Skip,
            Kind::Repeat | Kind::Question => WhenOpen::Call,
        }
    }

    /// Puts a file there within this buyer's bounds.
    pub(super) async fn put_file(&self, file: &NewFile<'_>, time: Duration, kind: Kind) -> Result<(), Failed> {
        let (callee, max_in_flight) = (&self.callee(), self.endpoint().max_in_flight);
        let handing = Handing { callee, max_in_flight, time, allow: self.allow(), when_open: self.when_open(kind) };
        sftp::put(&self.node.egress, file, handing).await
    }

    /// Sends a mail within this buyer's bounds.
    pub(super) async fn send_mail(&self, mail: &Mail, time: Duration, kind: Kind) -> Result<(), NotSent> {
        let (callee, max_in_flight) = (&self.callee(), self.endpoint().max_in_flight);
        let handing = Handing { callee, max_in_flight, time, allow: self.allow(), when_open: self.when_open(kind) };
        mail::send_as(&self.node.egress, self.node.mailer.as_ref(), mail, handing).await
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
    pub(super) async fn send(&self, url: &Url, message: Message<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
        self.send_by(Method::POST, url, message, time, kind).await
    }

    pub(super) async fn send_by(&self, method: Method, url: &Url, message: Message<'_>, time: Duration, kind: Kind) -> Result<Answered, Failed> {
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
        let (callee, allow, when_open) = (&self.callee(), self.allow(), self.when_open(kind));
        let max_in_flight = if kind == Kind::Ping { room_for_pings(endpoint.max_in_flight) } else { endpoint.max_in_flight };
        let pipelining = if kind == Kind::Ping { endpoint.pipelining } else { 1 };
        let Sent { method, url, headers, body, keeps_headers, is_lasting } = sent;
        let fresh = kind == Kind::Repeat;
        let call = Call { callee, max_in_flight, url, method, headers, body, time, allow, fresh, when_open, keeps_headers, is_lasting, pipelining };
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
