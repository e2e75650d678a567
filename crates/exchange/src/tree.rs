//! A ping tree: ordered tiers of contracts, each competitive or sequential.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    contract::{Contract, SaleKind, SaleKinds},
    id::{ContractIndex, SupplierName, TreeName, VerticalName},
    money::Money,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tree {
    pub name: TreeName,
    pub vertical: VerticalName,
    /// The suppliers whose own tree this is; empty means everybody else's.
    pub suppliers: Vec<SupplierName>,
    /// Of the auction, all tiers together; posts have their own time.
    pub deadline: Duration,
    /// How many buyers may get the contact: sold, rejected and unknown counted.
    pub max_disclosures: u32,
    /// Buyers that lost are told what the lead was sold at.
    pub shows_winning_price: bool,
    pub tiers: Vec<Tier>,
}

impl Tree {
    /// The auction's time where the tree names none.
    pub const DEFAULT_DEADLINE: Duration = Duration::from_millis(3000);
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tier {
    pub name: String,
    pub mode: Mode,
    pub order: Order,
    /// In the order of contract keys, so that nothing hangs on who was configured first.
    pub contracts: Vec<ContractIndex>,
    /// Gross, per offer.
    pub floor: Money,
    /// Competitive: of the tier. Sequential: of each ping.
    pub deadline: Option<Duration>,
    pub sale: TierSale,
}

impl Tier {
    /// The kinds of sale that the tier offers to a contract: those that both want, and that have a price.
    #[must_use]
    pub fn kinds_offered(&self, contract: &Contract) -> SaleKinds {
        let priced = SaleKinds { exclusive: contract.highest(SaleKind::Exclusive).is_some(), shared: contract.highest(SaleKind::Shared).is_some() };
        self.sale.kinds().and(contract.kinds).and(priced)
    }

    /// The most that a contract could pay for a kind that it is offered; nothing if it is offered none.
    #[must_use]
    pub fn highest(&self, contract: &Contract) -> Money {
        let kinds = self.kinds_offered(contract);
        let of_kind = |kind| contract.highest(kind).filter(|_| kinds.includes(kind));
        of_kind(SaleKind::Exclusive).max(of_kind(SaleKind::Shared)).unwrap_or(Money::ZERO)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// All are asked at once.
    Competitive,
    /// One after the other.
    Sequential,
}

impl Mode {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Competitive => "competitive",
            Self::Sequential => "sequential",
        }
    }
}

/// What decides between offers, or who is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    Price,
    Priority,
    Weight,
    RoundRobin,
}

words!(Order { Price = "price", Priority = "priority", Weight = "weight", RoundRobin = "round_robin" });

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TierSale {
    Exclusive,
    /// To at most so many buyers.
    Shared(u32),
    /// Whichever earns the supplier more: exclusive on a tie.
    Best(u32),
}

impl TierSale {
    #[must_use]
    pub fn kinds(self) -> SaleKinds {
        match self {
            Self::Exclusive => SaleKinds::EXCLUSIVE,
            Self::Shared(_) => SaleKinds::SHARED,
            Self::Best(_) => SaleKinds::BOTH,
        }
    }

    /// How many buyers a sale of this kind may have in this tier.
    #[must_use]
    pub fn most(self, kind: SaleKind) -> u32 {
        match (self, kind) {
            (Self::Exclusive | Self::Best(_), SaleKind::Exclusive) => 1,
            (Self::Shared(most) | Self::Best(most), SaleKind::Shared) => most,
            (Self::Exclusive, SaleKind::Shared) | (Self::Shared(_), SaleKind::Exclusive) => 0,
        }
    }
}
