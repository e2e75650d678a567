//! What must always hold, and how it is said that it didn't.

use std::fmt;

/// The invariants of the exchange, as ARCHITECTURE.md numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    SoldOnce = 1,
    DisclosedAfterPost,
    ContactStaysSealed,
    BooksBalance,
    CapsHold,
    AcknowledgedSurvives,
    OneEffectPerRequest,
    ChargedAsBid,
    CallsBounded,
    EverythingEnds,
    SameEventsSameWinner,
    CallsAllowed,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match self {
            Self::SoldOnce => "sold once, or to as many as shared",
            Self::DisclosedAfterPost => "a contact is disclosed after a durable post_started, within the policy",
            Self::ContactStaysSealed => "no contact in clear but in a post",
            Self::BooksBalance => "the books balance, credit holds, each hold is resolved once",
            Self::CapsHold => "no cap is passed",
            Self::AcknowledgedSurvives => "what was acknowledged is there",
            Self::OneEffectPerRequest => "one request has one effect and one answer",
            Self::ChargedAsBid => "charged what was bid, under the auction's revision",
            Self::CallsBounded => "calls are bounded",
            Self::EverythingEnds => "everything comes to an end",
            Self::SameEventsSameWinner => "the same events give the same winner",
            Self::CallsAllowed => "calls go where they may",
        };
        write!(f, "I{} ({says})", *self as u8)
    }
}

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub invariant: Invariant,
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}
