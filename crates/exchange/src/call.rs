//! What the exchange asks buyers, and what they may answer: the flow's side of every call out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    contract::{SaleKind, SaleKinds},
    id::{BuyerPingId, ContractIndex, SaleId},
    money::Money,
    sale::Sale,
};

/// The anonymous offer to one buyer. What it shows is the run's [`PingPart`](crate::attribute::PingPart).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PingCall {
    pub contract: ContractIndex,
    pub buyer_ping: BuyerPingId,
    pub kinds: SaleKinds,
    /// How many buyers a shared sale may have.
    pub most_shared: u32,
    /// How long the buyer has from now.
    pub time: Duration,
    /// When the call is given up, counted from the run's start: later than its time, so that a late bid is recorded.
    pub give_up: Duration,
}

/// A buyer's answer to a ping, as the wire read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PingReply {
    Bid(RawBid),
    /// The buyer said no, with its reason.
    NoBid(Option<String>),
    /// Nothing usable came.
    Failed(CallFailure),
}

/// A bid, already an amount, not yet admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawBid {
    pub bid: Option<Money>,
    pub shared_bid: Option<Money>,
    pub reference: Option<String>,
    pub ttl_s: Option<u32>,
}

/// Why a call gave nothing usable. Only [`CallFailure::Unread`] carries what a buyer wrote, for the trace alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallFailure {
    Timeout,
    /// Name, address, connection or TLS: no byte of the body left.
    Unreachable,
    /// The egress rules forbid the address.
    Forbidden,
    /// The connection ended in the middle.
    Reset,
    /// An HTTP status that says nothing usable.
    Status(u16),
    TooLarge,
    /// The answer isn't what the protocol says: what was wrong with it.
    Malformed(String),
    /// Too many calls to this buyer are under way.
    Busy,
    /// Most of the last calls to this buyer failed, and it is left alone for a while.
    CircuitOpen,
    /// The buyer says to try again later.
    Later,
    /// The answer fits nothing that the buyer's mapping knows: what was wrong with it, and how it begins.
    Unread {
        what: String,
        answer: Excerpt,
    },
    /// What isn't spoken to by HTTP says no before it got anything: at which step, in words of ours.
    Refused(String),
}

/// The beginning of an answer, kept for the trace. It prints nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt(String);

impl Excerpt {
    /// In bytes.
    pub const MOST: usize = 2048;

    /// The text's beginning, cut between characters.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut end = text.len().min(Self::MOST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(text[..end].to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Excerpt({} bytes)", self.0.len())
    }
}

impl CallFailure {
    /// One word, for metrics and counts.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden_address",
            Self::Reset => "reset",
            Self::Status(_) => "http_status",
            Self::TooLarge => "too_large",
            Self::Malformed(_) => "malformed",
            Self::Busy => "busy",
            Self::CircuitOpen => "circuit_open",
            Self::Later => "later",
            Self::Unread { .. } => "unread",
            Self::Refused(_) => "refused",
        }
    }

    /// What there is to say besides its word.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Malformed(what) | Self::Unread { what, .. } => Some(what.clone()),
            other => Some(other.to_string()).filter(|text| text != other.word()),
        }
    }
}

impl std::fmt::Display for CallFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "http_{status}"),
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::Unread { what, .. } => write!(f, "unread: {what}"),
            Self::Refused(what) => f.write_str(what),
            other => f.write_str(other.word()),
        }
    }
}

/// The question to a strict buyer, after the hold and before the contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmCall {
    pub contract: ContractIndex,
    pub sale: SaleId,
    pub terms: PostTerms,
    pub time: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfirmReply {
    Confirmed,
    Declined(Option<String>),
    Failed(CallFailure),
}

/// The full record to the one buyer that bought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostCall {
    pub contract: ContractIndex,
    pub sale: Sale,
    pub terms: PostTerms,
    /// From 1. A repeat goes to the same buyer under the same id.
    pub attempt: u32,
    pub time: Duration,
}

/// What became of a post, asked of the buyer's status address. Answered like a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCall {
    pub contract: ContractIndex,
    pub sale: SaleId,
    /// Opens the contact, so that what repeats it in the buyer's words can be left out. None once the lead was erased: then
    /// none of its words are kept.
    pub permission: Option<Sale>,
    pub time: Duration,
}

/// What a post and its confirmation say of the deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostTerms {
    pub buyer_ping: BuyerPingId,
    pub reference: Option<String>,
    pub kind: SaleKind,
    pub price: Money,
}

/// What became of a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostReply {
    Accepted {
        redirect_url: Option<String>,
        lead_reference: Option<String>,
    },
    Rejected {
        reason: Option<String>,
    },
    /// Provably no byte of the body left.
    Unsent(CallFailure),
    /// The buyer may have it, and nobody knows.
    Unknown(CallFailure),
}
