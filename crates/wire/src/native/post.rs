//! The post: the full record to the buyer that bought it, and what the buyer says to it.

use exchange::{
    call::{CallFailure, PostReply, PostTerms},
    id::PostId,
    schema::Part,
    seal::Contact,
};
use serde::Serialize;
use url::Url;

use super::{
    PingContext,
    reply::{Reply, malformed, of_success},
    values::{ExactAttributes, SealedValues},
};

/// In characters; what is longer is dropped.
pub(crate) const MAX_REDIRECT_URL: usize = 2048;

/// What a post and its confirmation say of the deal.
#[derive(Serialize)]
pub(super) struct Deal<'a> {
    post_id: String,
    ping_id: String,
    #[serde(rename = "ref")]
    reference: Option<&'a str>,
    sale: &'static str,
    price: String,
    currency: &'a str,
}

impl<'a> Deal<'a> {
    pub(super) fn of(post: PostId, terms: &'a PostTerms, currency: &'a str) -> Self {
        Self {
            post_id: post.to_string(),
            ping_id: terms.buyer_ping.to_string(),
            reference: terms.reference.as_deref(),
            sale: terms.kind.word(),
            price: terms.price.to_string(),
            currency,
        }
    }
}

#[derive(Serialize)]
struct Post<'a> {
    #[serde(flatten)]
    deal: Deal<'a>,
    attributes: ExactAttributes<'a>,
    contact: SealedValues<'a>,
    evidence: SealedValues<'a>,
    test: bool,
}

/// The contact in clear: to be sent to the sale's buyer, and nothing else to be done with it.
#[must_use]
pub fn post_body(context: &PingContext<'_>, post: PostId, terms: &PostTerms, contact: &Contact) -> Vec<u8> {
    let currency = context.market.currency();
    bytes(&Post {
        deal: Deal::of(post, terms, currency.code()),
        attributes: ExactAttributes(context, contact),
        contact: SealedValues(context.vertical, Part::Contact, contact),
        evidence: SealedValues(context.vertical, Part::Evidence, contact),
        test: context.test,
    })
}

/// JSON of texts, numbers and maps with text keys: it can't fail.
pub(super) fn bytes(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// What the reading of a reply depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostAttempt {
    /// The same post was sent before, and may have arrived.
    pub repeat: bool,
    /// The buyer treats a repeated `post_id` as the same post.
    pub idempotent: bool,
}

impl PostAttempt {
    pub const FIRST: Self = Self { repeat: false, idempotent: true };
}

/// Whatever doesn't say plainly accepted or rejected is unknown: the buyer may have the contact.
#[must_use]
pub fn read_post(status: u16, bytes: &[u8], attempt: PostAttempt) -> PostReply {
    match status {
        200..300 => of_success(status, bytes).and_then(|reply| outcome(&reply, attempt)).unwrap_or_else(PostReply::Unknown),
        300..500 if !attempt.repeat && status != 408 && status != 429 => PostReply::Rejected { reason: Some(format!("http_{status}")) },
        _ => PostReply::Unknown(CallFailure::Status(status)),
    }
}

/// What the answer to a webhook says by its status alone.
#[must_use]
pub fn read_delivery(status: u16, attempt: PostAttempt) -> PostReply {
    match status {
        200..300 => PostReply::Accepted { redirect_url: None, lead_reference: None },
        _ => read_post(status, b"", attempt),
    }
}

fn outcome(reply: &Reply<'_>, attempt: PostAttempt) -> Result<PostReply, CallFailure> {
    match reply.text("status")? {
        Some("accepted") => Ok(accepted(reply)),
        Some("rejected") => {
            let reason = reply.reason();
            // To a repeat, "duplicate" may mean the first one, which was then accepted.
            let settles = !attempt.repeat || (attempt.idempotent && !reason.as_deref().is_some_and(says_duplicate));
            if settles { Ok(PostReply::Rejected { reason }) } else { Err(malformed("rejected, to a repeat")) }
        }
        _ => Err(malformed("status")),
    }
}

/// A redirect or reference that can't be used is left out: the lead is accepted all the same.
pub(super) fn accepted(reply: &Reply<'_>) -> PostReply {
    PostReply::Accepted {
        redirect_url: reply.text("redirect_url").ok().flatten().filter(|text| is_web_address(text)).map(str::to_owned),
        lead_reference: reply.reference("lead_ref").ok().flatten(),
    }
}

pub(crate) fn is_web_address(text: &str) -> bool {
    let is_plain = text.chars().count() <= MAX_REDIRECT_URL && !text.chars().any(|character| character.is_control() || character.is_whitespace());
    is_plain && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn says_duplicate(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["dup", "already"].iter().any(|word| reason.contains(word))
}
