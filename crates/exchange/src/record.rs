//! The record of a run: what the flow saw and what it decided, compact and without contact data.
//!
//! The trace shows the decisions; a replay feeds facts and events to another market. Recovery never reads it.
//! Why a contract's filter didn't hold is not in it: market, ping and time say it again, exactly.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    attribute::PingPart,
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    contract::SaleKind,
    facts::{Facts, Seed},
    id::{BuyerPingId, ContractIndex, PingId, Revision, SaleId, SupplierName, VerticalName},
    matching::WhyNot,
    money::Money,
    refusal::Refusal,
    time::Timestamp,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    pub revision: Revision,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub test: bool,
    pub kind: RunKind,
    pub attributes: PingPart,
    pub started_at: Timestamp,
    pub seed: Seed,
    pub facts: Facts,
    /// In the order they came.
    pub events: Vec<(Micros, RecordedEvent)>,
    /// In the order they were taken.
    pub decisions: Vec<(Micros, Decision)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunKind {
    Ping,
    /// A direct post.
    Direct,
    /// The post of a quote.
    Quoted(PingId),
}

/// Microseconds since the run started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Micros(pub u64);

impl From<Duration> for Micros {
    fn from(time: Duration) -> Self {
        Self(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    }
}

/// What came from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedEvent {
    Ping { contract: ContractIndex, tier: u32, reply: PingReply },
    Confirm { sale: SaleId, reply: ConfirmReply },
    Post { sale: SaleId, reply: PostReply },
    Reserve { sale: SaleId, refused: Option<Refusal> },
    StoreUnknown,
    Woke,
}

/// What the run made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    TierEntered {
        tier: u32,
    },
    /// A contract whose filter holds that was not asked all the same.
    Skipped {
        tier: u32,
        contract: ContractIndex,
        why: WhyNot,
    },
    Pinged {
        tier: u32,
        contract: ContractIndex,
        buyer_ping: BuyerPingId,
        time: Micros,
    },
    /// What became of a ping or of a fixed price.
    Answered {
        tier: u32,
        contract: ContractIndex,
        outcome: BidOutcome,
    },
    /// No offer that is still out could change the winner.
    ClosedEarly {
        tier: u32,
        outstanding: u32,
    },
    /// The offers of a tier, best first.
    Ranked {
        tier: u32,
        offers: Vec<RankedOffer>,
    },
    /// How the tier sells, where it could sell both ways.
    Chose {
        tier: u32,
        kind: SaleKind,
        exclusive_net: Money,
        shared_net: Money,
    },
    Quoted {
        net: Money,
        firm: bool,
        expires_at: Timestamp,
    },
    OfferDropped {
        tier: u32,
        contract: ContractIndex,
        kind: SaleKind,
        why: DropReason,
    },
    Reserving {
        tier: u32,
        contract: ContractIndex,
        sale: SaleId,
        kind: SaleKind,
        price: Money,
        net: Money,
    },
    Posting {
        sale: SaleId,
        attempt: u32,
    },
    Sold {
        sale: SaleId,
    },
    Voided {
        sale: SaleId,
        why: String,
    },
    LeftUnknown {
        sale: SaleId,
        why: String,
    },
    Unsold {
        reason: UnsoldReason,
    },
    Duplicate,
    /// The supplier asked for more than its terms do, of this lead alone.
    Limited {
        min_price: Option<Money>,
        max_disclosures: Option<u32>,
    },
}

/// What a contract's answer was worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BidOutcome {
    /// Admitted as an offer.
    Bid {
        exclusive: Option<Money>,
        shared: Option<Money>,
    },
    /// A fixed price, offered without a ping.
    Fixed {
        exclusive: Option<Money>,
        shared: Option<Money>,
    },
    NoBid {
        reason: Option<String>,
    },
    /// Came after the deadline: recorded, never admitted.
    Late {
        exclusive: Option<Money>,
        shared: Option<Money>,
    },
    Failed(CallFailure),
    /// A bid that the rules don't admit.
    NotAdmitted(BidFault),
    /// Nothing had come when the auction closed, and nothing did after.
    Silent,
}

/// Why a bid was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BidFault {
    OverMaxBid,
    BelowFloor,
    /// Leaves the supplier nothing, or less than its minimum.
    BelowMinPrice,
    NotPositive,
    /// No price for any kind of sale that was offered.
    NothingOffered,
    /// Over what its cap or credit has left.
    OverCap,
    OverCredit,
}

impl BidFault {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OverMaxBid => "over_max_bid",
            Self::BelowFloor => "below_floor",
            Self::BelowMinPrice => "below_min_price",
            Self::NotPositive => "not_positive",
            Self::NothingOffered => "nothing_offered",
            Self::OverCap => "over_cap",
            Self::OverCredit => "over_credit",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedOffer {
    pub contract: ContractIndex,
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
    /// Lower wins a tie.
    pub lot: u64,
}

/// Why an offer that stood was not taken up, or fell away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DropReason {
    Refused(Refusal),
    /// It would settle below what the supplier was quoted.
    BelowQuote,
    Expired,
    /// The buyer's company has or may have this lead.
    SameParent,
    /// The post lacks what the contract asks of a lead beyond its ping.
    NotAdmitted(WhyNot),
}

impl std::fmt::Display for DropReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::BelowQuote => f.write_str("below_quote"),
            Self::Expired => f.write_str("expired"),
            Self::SameParent => f.write_str("same_parent"),
            Self::NotAdmitted(why) => why.fmt(f),
        }
    }
}

/// Why a lead found no buyer, or a ping no quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnsoldReason {
    /// The market has no tree for this vertical.
    NoTree,
    /// No contract of the tree wanted such a lead.
    NoEligibleBuyer,
    /// Contracts were asked, and none bid enough.
    NoBid,
    /// Every offer fell away: rejected, refused, declined.
    OffersFellAway,
    /// As many buyers as allowed have had the contact.
    MaxDisclosures,
    /// What was left would have paid less than the quote promised.
    BelowQuote,
    /// The offers together left the supplier less than its minimum.
    BelowMinPrice,
    /// The run was cut off before anything was sent.
    Interrupted,
}

impl UnsoldReason {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NoTree => "no_tree",
            Self::NoEligibleBuyer => "no_eligible_buyer",
            Self::NoBid => "no_bid",
            Self::OffersFellAway => "offers_fell_away",
            Self::MaxDisclosures => "max_disclosures",
            Self::BelowQuote => "below_quote",
            Self::BelowMinPrice => "below_min_price",
            Self::Interrupted => "interrupted",
        }
    }
}
