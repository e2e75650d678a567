//! What a buyer reports of a post by itself: `POST /v1/posts/{post_id}/outcome`.

use exchange::{
    call::PostReply,
    lead::{Code, FieldError},
    raw::RawFields,
};

use super::fields::{Bound, Fields};
use crate::native::{MAX_REDIRECT_URL, MAX_REFERENCE, is_web_address};

#[derive(Clone, Copy)]
enum Status {
    Accepted,
    Rejected,
}

const REASON: Bound = Bound { most: 200, lines: false };

/// The buyer's own word on a post that it was sent: what an answer to the post would have said.
pub fn read_outcome(raw: &RawFields) -> Result<PostReply, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let status = fields.word("status", &[("accepted", Status::Accepted), ("rejected", Status::Rejected)]);
    let reason = fields.text("reason", REASON);
    let redirect_url = fields.text("redirect_url", Bound { most: MAX_REDIRECT_URL, lines: false });
    let lead_reference = fields.text("lead_ref", Bound { most: MAX_REFERENCE, lines: false });
    if redirect_url.as_deref().is_some_and(|url| !is_web_address(url)) {
        fields.wrong("redirect_url", Code::Invalid, "send a web address that starts with http:// or https://");
    }
    fields.into_result(status.map(|status| match status {
        Status::Accepted => PostReply::Accepted { redirect_url, lead_reference },
        Status::Rejected => PostReply::Rejected { reason },
    }))
}
