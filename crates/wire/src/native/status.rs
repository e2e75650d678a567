//! What became of a post, asked of a buyer's status address.

use exchange::call::{CallFailure, PostReply};

use super::{
    post::accepted,
    reply::{malformed, of_success},
};

/// Only a plain accepted or rejected settles the sale; everything else leaves it unknown.
#[must_use]
pub fn read_status(status: u16, bytes: &[u8]) -> PostReply {
    let read = || -> Result<PostReply, CallFailure> {
        let reply = of_success(status, bytes)?;
        match reply.text("status")? {
            Some("accepted") => Ok(accepted(&reply)),
            Some("rejected") => Ok(PostReply::Rejected { reason: reply.reason() }),
            Some("unknown") => Err(malformed("status: unknown")),
            _ => Err(malformed("status")),
        }
    };
    read().unwrap_or_else(PostReply::Unknown)
}
