//! The answers to a mapped post, to its confirmation, and to the question what became of it.
//!
//! A post is money: only what plainly says so is accepted or rejected, and everything else is unknown.

use exchange::{
    call::{CallFailure, ConfirmReply, PostReply},
    mapping::{Answer, CodeMeans},
};

use super::answer::{Heard, NOTHING, Reading, Text, Verdict, unread};
use crate::native::{MAX_REFERENCE, PostAttempt, is_web_address, one_line};

/// The statuses that refuse, but for those that may be said of what was taken, or of what should be sent again.
fn refuses(status: u16) -> bool {
    (400..500).contains(&status) && !matches!(status, 408 | 409 | 425 | 429)
}

#[must_use]
pub fn read_post(answer: &Answer, heard: &Heard<'_>, attempt: PostAttempt) -> PostReply {
    let code = match (answer.codes.meaning(heard.status), heard.status) {
        (Some(means), _) => means,
        (None, 200..300) => CodeMeans::Read,
        (None, 409) => CodeMeans::Duplicate,
        (None, status) if refuses(status) => CodeMeans::Rejected,
        (None, status) => return PostReply::Unknown(CallFailure::Status(status)),
    };
    let body = match Text::of(answer, heard) {
        Ok(body) => body,
        Err(failure) => return PostReply::Unknown(failure),
    };
    let reading = Reading::of(answer, heard, &body);
    let reason = || reading.first_of(&answer.reason).and_then(one_line).or_else(|| (heard.status >= 300).then(|| format!("http_{}", heard.status)));
    let unknown = |what: &str| PostReply::Unknown(unread(what, body.kept()));
    match reading.verdict(code) {
        Verdict::Accepted => accepted(answer, &reading),
        // To a repeat, the first one may be meant, which was then accepted.
        Verdict::Duplicate if attempt.repeat => unknown("a duplicate, to a repeat"),
        Verdict::Rejected if attempt.repeat && !attempt.idempotent => unknown("rejected, to a repeat"),
        Verdict::Rejected => PostReply::Rejected { reason: reason() },
        Verdict::Duplicate => PostReply::Rejected { reason: reason().or_else(|| Some("duplicate".to_owned())) },
        Verdict::Later => PostReply::Unknown(CallFailure::Later),
        Verdict::Nothing => unknown(NOTHING),
        Verdict::Unread(what) => unknown(what),
    }
}

/// A redirect or reference that can't be used is left out: the lead is accepted all the same.
fn accepted(answer: &Answer, reading: &Reading<'_>) -> PostReply {
    let is_reference = |text: &&str| text.chars().count() <= MAX_REFERENCE && !text.chars().any(char::is_control);
    PostReply::Accepted {
        redirect_url: reading.first_of(&answer.redirect).filter(|text| is_web_address(text)).map(str::to_owned),
        lead_reference: reading.first_of(&answer.lead_reference).filter(is_reference).map(str::to_owned),
    }
}

/// Only a plain accepted or rejected settles the sale; everything else leaves it unknown.
#[must_use]
pub fn read_status(answer: &Answer, heard: &Heard<'_>) -> PostReply {
    let body = match Text::of(answer, heard) {
        Ok(body) => body,
        Err(failure) => return PostReply::Unknown(failure),
    };
    let code = match (answer.codes.meaning(heard.status), heard.status) {
        (Some(means), _) => means,
        (None, 200..300) => CodeMeans::Read,
        (None, status) => return PostReply::Unknown(CallFailure::Status(status)),
    };
    let reading = Reading::of(answer, heard, &body);
    match reading.verdict(code) {
        Verdict::Accepted => accepted(answer, &reading),
        Verdict::Rejected => PostReply::Rejected { reason: reading.first_of(&answer.reason).and_then(one_line) },
        Verdict::Later => PostReply::Unknown(CallFailure::Later),
        // That the buyer has such a lead says nothing of who sent it.
        Verdict::Duplicate => PostReply::Unknown(unread("a duplicate", body.kept())),
        Verdict::Nothing => PostReply::Unknown(unread(NOTHING, body.kept())),
        Verdict::Unread(what) => PostReply::Unknown(unread(what, body.kept())),
    }
}

#[must_use]
pub fn read_confirm(answer: &Answer, heard: &Heard<'_>) -> ConfirmReply {
    let code = match (answer.codes.meaning(heard.status), heard.status) {
        (Some(means), _) => means,
        (None, 200..300) => CodeMeans::Read,
        (None, status) => return ConfirmReply::Failed(CallFailure::Status(status)),
    };
    let body = match Text::of(answer, heard) {
        Ok(body) => body,
        Err(failure) => return ConfirmReply::Failed(failure),
    };
    let reading = Reading::of(answer, heard, &body);
    match reading.verdict(code) {
        Verdict::Accepted => ConfirmReply::Confirmed,
        Verdict::Rejected | Verdict::Duplicate => ConfirmReply::Declined(reading.first_of(&answer.reason).and_then(one_line)),
        Verdict::Later => ConfirmReply::Failed(CallFailure::Later),
        Verdict::Nothing => ConfirmReply::Failed(unread(NOTHING, body.kept())),
        Verdict::Unread(what) => ConfirmReply::Failed(unread(what, body.kept())),
    }
}
