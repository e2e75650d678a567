//! Words that buyers say yes and no with.

use std::fmt;

/// What a word of an answer says of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    Accepted,
    Rejected,
    Duplicate,
    Later,
}

impl Meaning {
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Rejected, Self::Duplicate, Self::Later];
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Duplicate => "duplicate",
            Self::Later => "later",
        })
    }
}

const ACCEPTED: [&str; 30] = [
    "accept",
    "accepted",
    "approved",
    "ack",
    "bid",
    "bought",
    "buy",
    "continue",
    "good",
    "interested",
    "match",
    "matched",
    "ok",
    "okay",
    "pass_through",
    "passed",
    "purchased",
    "queued",
    "received",
    "sold",
    "succeeded",
    "success",
    "successful",
    "taken",
    "true",
    "valid",
    "win",
    "won",
    "y",
    "yes",
];
const REJECTED: [&str; 33] = [
    "0_bids",
    "bad",
    "closed",
    "decline",
    "declined",
    "denied",
    "err",
    "error",
    "fail",
    "failed",
    "failure",
    "false",
    "full",
    "invalid",
    "ko",
    "n",
    "nak",
    "no",
    "no_bid",
    "no_match",
    "nobid",
    "nomatch",
    "none",
    "not_accepted",
    "pass",
    "refused",
    "reject",
    "rejected",
    "skip",
    "unmatched",
    "unsold",
    "unsuccessful",
    "error_",
];

/// None for a word that nobody knows.
#[must_use]
pub fn meaning_of(word: &str) -> Option<Meaning> {
    let word = word.trim().to_lowercase().replace([' ', '-'], "_");
    if word.starts_with("dup") || word.contains("already") {
        Some(Meaning::Duplicate)
    } else if ["later", "retry", "busy", "throttled", "try_again"].contains(&word.as_str()) {
        Some(Meaning::Later)
    } else if ACCEPTED.contains(&word.as_str()) {
        Some(Meaning::Accepted)
    } else if REJECTED.contains(&word.as_str()) {
        Some(Meaning::Rejected)
    } else {
        None
    }
}
