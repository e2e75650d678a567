//! Webhooks: what suppliers and the operator are told at addresses of their own, signed where a secret is agreed.

use std::time::Duration;

use exchange::{buyer::Secret, market::Market, notice::TryResult};
use hyper::Method;
use url::Url;
use wire::webhook::ID_HEADER;

use crate::{
    clock,
    egress::{Answered, Call, Callee, Egress, Failed, Headers, Message, WhenOpen, message_headers},
    signing::signing_secret,
};

/// To one callee at the same time.
pub const MOST_UNDER_WAY: usize = 4;
/// For one try: shorter than the first back-off, so that nobody else begins one meanwhile.
const TIME: Duration = Duration::from_secs(10);

pub struct Webhook<'a> {
    pub callee: Callee,
    pub url: &'a Url,
    /// The same for each try: who gets it twice sees one message.
    pub id: String,
    pub secret: Option<&'a Secret>,
    pub body: Vec<u8>,
    pub when_open: WhenOpen,
}

impl Webhook<'_> {
    /// One try. Any answer of 200 to 299 says that it was taken.
    pub async fn send(self, egress: &Egress, market: &Market) -> TryResult {
        let Some(headers) = self.headers() else { return TryResult::Failed("the signing secret is missing, or is none".into()) };
        let call = Call {
            callee: &self.callee,
            max_in_flight: MOST_UNDER_WAY,
            url: self.url,
            method: Method::POST,
            headers,
            body: self.body.into(),
            time: TIME,
            allow: &market.parts().egress_allow,
            fresh: false,
            when_open: self.when_open,
            keeps_headers: false,
            is_lasting: true,
            pipelining: 1,
        };
        match egress.call(call).await {
            Ok(Answered { status: 200..=299, .. }) => TryResult::Delivered,
            Ok(answered) => TryResult::Failed(format!("answered {}", answered.status)),
            Err(Failed { failure, .. }) => TryResult::Failed(failure.word().into()),
        }
    }

    /// None where there should be a signature and the secret isn't there. One that isn't signed has its id all the same.
    fn headers(&self) -> Option<Headers> {
        let message = Message { id: &self.id, at_s: clock::now().micros().div_euclid(1_000_000), body: &self.body, idempotency_key: None };
        let Some(secret) = self.secret else {
            let mut headers = message_headers(&message, None);
            headers.add(ID_HEADER, &self.id);
            return Some(headers);
        };
        Some(message_headers(&message, Some(&signing_secret(secret)?)))
    }
}
