//! Replay: a recorded auction once more, under another market. The third driver of the flow.
//!
//! The run itself is driven, with the recorded facts, bids and times, up to the moment where it would make an offer durable; so a
//! replay under the run's own market ends exactly as the run did. What nobody knows is never made up: a contract that was not asked
//! then never answers, and where the auction can't be decided without it, its end is unknown.
//!
//! What a replay can't see: that a buyer would have bid otherwise, and that an earlier sale would have left other caps and credit.
//! Where contracts come or go, the lots of the others are drawn anew, so ties may end otherwise.

mod comparison;
mod past;
mod playback;

pub use comparison::{Comparison, ContractChange, Difference, MOST_EXAMPLES};
pub use past::Past;

use crate::{
    contract::SaleKind,
    id::{ContractKey, TreeIndex},
    money::Money,
    record::UnsoldReason,
};

/// What an auction came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    pub tree: Option<TreeIndex>,
    /// The contracts that the market and the ping alone admit, in the order of keys.
    pub eligible: Vec<ContractKey>,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The market takes no such leads of this supplier.
    NotTaken,
    Offered(Deal),
    Unsold(UnsoldReason),
    /// It hangs on what these contracts would have bid, or had left, which nobody knows.
    Unknown(Vec<ContractKey>),
}

/// What an auction offers first: what a ping is quoted, or a lead is sold as if nobody refuses or rejects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    pub tier: u32,
    pub kind: SaleKind,
    /// Best first.
    pub picks: Vec<Pick>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    pub contract: ContractKey,
    pub price: Money,
    pub net: Money,
}

impl Deal {
    /// What the buyers pay.
    #[must_use]
    pub fn price(&self) -> Money {
        self.picks.iter().map(|pick| pick.price).sum()
    }

    /// What the supplier gets.
    #[must_use]
    pub fn net(&self) -> Money {
        self.picks.iter().map(|pick| pick.net).sum()
    }

    #[must_use]
    pub fn winners(&self) -> Vec<&ContractKey> {
        self.picks.iter().map(|pick| &pick.contract).collect()
    }
}
