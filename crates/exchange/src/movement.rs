//! Money that crosses the exchange's border: a buyer's prepayment comes in, a supplier's payout goes out. People ask for it, and
//! above the market's `approvals.above` a second person decides.

use crate::{
    id::{BuyerName, MovementId, SupplierName},
    ledger::{Account, Transfer, Unbalanced},
    money::Money,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// Pays the exchange.
    Buyer(BuyerName),
    /// Is paid by it.
    Supplier(SupplierName),
}

impl Party {
    /// As it is kept: why money moves.
    #[must_use]
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Buyer(_) => "prepayment",
            Self::Supplier(_) => "payout",
        }
    }

    #[must_use]
    pub fn account(&self) -> Account {
        match self {
            Self::Buyer(name) => Account::Buyer(name.clone()),
            Self::Supplier(name) => Account::Supplier(name.clone()),
        }
    }

    /// None where the account is neither a buyer's nor a supplier's.
    #[must_use]
    pub fn of_account(account: Account) -> Option<Self> {
        match account {
            Account::Buyer(name) => Some(Self::Buyer(name)),
            Account::Supplier(name) => Some(Self::Supplier(name)),
            Account::House | Account::Cash => None,
        }
    }

    pub fn transfer(&self, amount: Money) -> Result<Transfer, Unbalanced> {
        match self {
            Self::Buyer(name) => Transfer::of_prepayment(name, amount),
            Self::Supplier(name) => Transfer::of_payout(name, amount),
        }
    }
}

/// Asks that money be moved. It is booked at once, or waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub id: MovementId,
    pub party: Party,
    /// Above zero. A payout is at most what its supplier is owed.
    pub amount: Money,
    pub note: String,
    /// Who asks.
    pub by: String,
    pub needs_second: bool,
}

/// A second person, and not the one who asked, has it booked or refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideMove {
    pub id: MovementId,
    /// As it was asked.
    pub party: Party,
    pub by: String,
    pub accept: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovementState {
    /// For a second person.
    Waiting,
    Booked,
    Refused,
}

words!(MovementState { Waiting = "waiting", Booked = "booked", Refused = "refused" });
