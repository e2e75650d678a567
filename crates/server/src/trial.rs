//! A buyer tried: what a lead that nobody sent would have it get, byte by byte, and how it answers.
//!
//! Nothing of it is stored, and nothing is sold: there is no run, no hold and no ledger.

mod lead;
mod message;

pub use lead::{Lead, made_up};
pub use message::{Prepared, PreparedPost, Values};

use std::time::Duration;

use exchange::{
    buyer::{Endpoint, Protocol},
    call::{CallFailure, PingCall, PingReply, PostReply, PostTerms, RawBid},
    contract::{Contract, Pricing, SaleKind},
    id::{BuyerPingId, ContractIndex, PostId},
    market::Market,
    money::Money,
    schema::Vertical,
};
use wire::{
    mapped::{self, Heard, Offered},
    native::{self, PingContext, PostAttempt},
};

use crate::{
    driver::mailed,
    egress::{Answered, Call, Callee, Egress, Failed, Handing, WhenOpen},
    entropy,
    mail::{Mail, Mailer},
    sftp::{self, NewFile},
};

/// A ping has no auction around it that would end.
const PING_TIME: Duration = Duration::from_secs(10);
/// As many buyers as most trees let share a lead.
const MOST_SHARED: u32 = 3;

pub struct Trial<'m> {
    market: &'m Market,
    index: ContractIndex,
    vertical: &'m Vertical,
    lead: Lead,
    /// Sent to the test addresses, and marked as a test.
    is_test: bool,
    ping: BuyerPingId,
    post: PostId,
}

impl<'m> Trial<'m> {
    pub fn new(market: &'m Market, index: ContractIndex, vertical: &'m Vertical, lead: Lead, is_test: bool) -> Self {
        let (mut ping, mut post) = ([0; 16], [0; 16]);
        entropy::fill(&mut ping);
        entropy::fill(&mut post);
        Self { market, index, vertical, lead, is_test, ping: BuyerPingId::from_bytes(ping), post: PostId::from_bytes(post) }
    }

    fn contract(&self) -> &Contract {
        self.market.contract(self.index)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.market.buyer_of(self.index).endpoint
    }

    fn context(&self) -> PingContext<'_> {
        PingContext { market: self.market, vertical: self.vertical, attributes: &self.lead.attributes, test: self.is_test }
    }

    fn ping_call(&self) -> PingCall {
        let kinds = self.contract().kinds;
        PingCall { contract: self.index, buyer_ping: self.ping, kinds, most_shared: MOST_SHARED, time: PING_TIME, give_up: PING_TIME }
    }

    /// The deal that a post is about: by the bid, or made up where there is none.
    pub fn terms(&self, bid: Option<&RawBid>) -> PostTerms {
        let kind = if self.contract().kinds.exclusive && bid.is_none_or(|bid| bid.bid.is_some()) { SaleKind::Exclusive } else { SaleKind::Shared };
        let fixed = match self.contract().pricing {
            Pricing::Fixed { .. } => self.contract().highest(kind),
            Pricing::Bid { .. } => self.contract().agreed_price,
        };
        let price = bid.and_then(|bid| if kind == SaleKind::Exclusive { bid.bid } else { bid.shared_bid }).or(fixed);
        let reference = match (bid, &self.endpoint().protocol) {
            (Some(bid), _) => bid.reference.clone(),
            (None, Protocol::Mapped(mapping)) => mapped::made_up_reference(&mapping.ping),
            (None, Protocol::Native) => Some("reference".to_owned()),
            (None, Protocol::Webhook | Protocol::Email(_) | Protocol::Sftp(_)) => None,
        };
        PostTerms { buyer_ping: self.ping, reference, kind, price: price.unwrap_or_else(|| Money::from_units(10)) }
    }

    pub fn read_ping(&self, answered: &Answered) -> PingReply {
        let (currency, kinds) = (self.market.currency(), self.contract().kinds);
        match &self.endpoint().protocol {
            Protocol::Native | Protocol::Webhook | Protocol::Email(_) | Protocol::Sftp(_) => native::read_bid(answered.status, &answered.body, currency, kinds),
            Protocol::Mapped(mapping) => {
                heard(answered, |heard| mapped::read_bid(&mapping.ping, heard, Offered { currency, kinds, agreed: self.contract().agreed_price }))
            }
        }
    }

    pub fn read_post(&self, answered: &Answered) -> PostReply {
        match &self.endpoint().protocol {
            Protocol::Native => native::read_post(answered.status, &answered.body, PostAttempt::FIRST),
            Protocol::Webhook | Protocol::Email(_) | Protocol::Sftp(_) => native::read_delivery(answered.status, PostAttempt::FIRST),
            Protocol::Mapped(mapping) => heard(answered, |heard| mapped::read_post(&mapping.post, heard, PostAttempt::FIRST)),
        }
    }

    pub async fn send(&self, egress: &Egress, message: &Prepared, time: Duration) -> Result<Answered, Failed> {
        let call = Call {
            callee: &Callee::Buyer(self.market.buyer_of(self.index).name.clone()),
            max_in_flight: 1,
            url: &message.url,
            method: message.method.clone(),
            headers: message.headers.clone(),
            body: message.body.to_vec().into(),
            time,
            allow: &self.market.parts().egress_allow,
            fresh: true,
            when_open: WhenOpen::Ignore,
            keeps_headers: true,
            is_lasting: false,
            pipelining: 1,
        };
        egress.call(call).await
    }

    /// By the mail server of the configuration.
    pub async fn send_mail(&self, egress: &Egress, mailer: &Mailer, mail: &Mail) -> PostReply {
        let callee = &Callee::Buyer(self.market.buyer_of(self.index).name.clone());
        let allow = &self.market.parts().egress_allow;
        let handing = Handing { callee, max_in_flight: 1, time: self.post_time(), allow, when_open: WhenOpen::Ignore };
        mailed::outcome(mailer.send(egress, mail, handing).await, PostAttempt::FIRST)
    }

    pub async fn put_file(&self, egress: &Egress, name: &str, text: &str) -> PostReply {
        let (Protocol::Sftp(login), Some(url)) = (&self.endpoint().protocol, native::post_url(self.endpoint(), self.is_test)) else {
            return PostReply::Unsent(CallFailure::Unreachable);
        };
        let callee = &Callee::Buyer(self.market.buyer_of(self.index).name.clone());
        let allow = &self.market.parts().egress_allow;
        let handing = Handing { callee, max_in_flight: 1, time: self.post_time(), allow, when_open: WhenOpen::Ignore };
        match sftp::put(egress, &NewFile { login, url, name, text }, handing).await {
            Ok(()) => PostReply::Accepted { redirect_url: None, lead_reference: None },
            Err(failed) => failed.into(),
        }
    }

    pub fn ping_time(&self) -> Duration {
        PING_TIME
    }

    pub fn post_time(&self) -> Duration {
        self.endpoint().post_timeout
    }
}

fn heard<T>(answered: &Answered, read: impl FnOnce(&Heard<'_>) -> T) -> T {
    let headers: Vec<(&str, &str)> = answered.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    read(&Heard { status: answered.status, headers: &headers, body: &answered.body })
}
