//! Why a sale may not be: one word for each cause, said by the present market or by the store.

use serde::{Deserialize, Serialize};

use crate::{cap::Cap, id::ListName};

/// Why a sale was not reserved: one word for each cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The contract is no longer in the market.
    Withdrawn,
    Suspended,
    Paused,
    Cap(Cap),
    Credit,
    /// The person is on one of the contract's suppression lists.
    SuppressedBy(ListName),
    /// The buyer's company bought this person before.
    BuyerDuplicate,
    /// The buyer's company has this lead already.
    SameParent,
    /// Sold, held or unknown elsewhere: no room for this one.
    LeadTaken,
    MaxDisclosures,
    /// The lead was erased.
    Erased,
    /// Another holder has taken the lead over, or its run has ended.
    Fenced,
    /// A bid's or a quote's time was over.
    Expired,
}

impl Refusal {
    /// Whether no other offer for this lead can do better.
    #[must_use]
    pub fn ends_lead(&self) -> bool {
        matches!(self, Self::LeadTaken | Self::MaxDisclosures | Self::Erased | Self::Fenced)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Withdrawn => f.write_str("withdrawn"),
            Self::Suspended => f.write_str("suspended"),
            Self::Paused => f.write_str("paused"),
            Self::Cap(cap) => write!(f, "cap: {cap}"),
            Self::Credit => f.write_str("credit"),
            Self::SuppressedBy(list) => write!(f, "suppressed: {list}"),
            Self::BuyerDuplicate => f.write_str("buyer_duplicate"),
            Self::SameParent => f.write_str("same_parent"),
            Self::LeadTaken => f.write_str("lead_taken"),
            Self::MaxDisclosures => f.write_str("max_disclosures"),
            Self::Erased => f.write_str("erased"),
            Self::Fenced => f.write_str("fenced"),
            Self::Expired => f.write_str("expired"),
        }
    }
}
