//! The question to a strict buyer: the post without contact and evidence, before anything is disclosed.

use exchange::{
    call::{CallFailure, ConfirmReply, PostTerms},
    id::PostId,
};
use serde::Serialize;

use super::{
    PingContext,
    post::{Deal, bytes},
    reply::{malformed, of_success},
    values::ShownAttributes,
};

#[derive(Serialize)]
struct Confirm<'a> {
    #[serde(flatten)]
    deal: Deal<'a>,
    attributes: ShownAttributes<'a>,
    test: bool,
}

/// Its attributes are the ping's: what the ping coarsened stays sealed until the post.
#[must_use]
pub fn confirm_body(context: &PingContext<'_>, post: PostId, terms: &PostTerms) -> Vec<u8> {
    let currency = context.market.currency();
    bytes(&Confirm { deal: Deal::of(post, terms, currency.code()), attributes: ShownAttributes(context), test: context.test })
}

#[must_use]
pub fn read_confirm(status: u16, bytes: &[u8]) -> ConfirmReply {
    let read = || -> Result<ConfirmReply, CallFailure> {
        let reply = of_success(status, bytes)?;
        match reply.text("status")? {
            Some("confirmed") => Ok(ConfirmReply::Confirmed),
            Some("declined") => Ok(ConfirmReply::Declined(reply.reason())),
            _ => Err(malformed("status")),
        }
    };
    read().unwrap_or_else(ConfirmReply::Failed)
}
