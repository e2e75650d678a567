//! Returns: a buyer disputes a sale, and the operator decides. Accepted, the sale is reversed in the ledger and never sold again.

use std::time::Duration;

use crate::{
    contract::Contract,
    id::{BuyerName, SaleId},
    money::Percent,
    seal::ContactPart,
};

/// What a contract allows its buyer to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnRules {
    /// How long after its sale a lead may be given back. None takes nothing back.
    pub within: Option<Duration>,
    /// At most this share of the contract's sales of the last [`COUNTED_OVER`] may be given back.
    pub percent: Percent,
}

/// The percentage is of the sales of so long, and of the returns asked for in it.
pub const COUNTED_OVER: Duration = Duration::from_secs(30 * 24 * 3600);

impl ReturnRules {
    #[must_use]
    pub fn of(contract: &Contract) -> Self {
        let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 3600);
        Self { within: contract.return_days.map(days), percent: contract.return_percent }
    }

    /// Whether one more may be requested, so long after the sale, when so many of the contract's recent sales are returned or
    /// about to be.
    pub fn admit(&self, age: Duration, sales: u64, returns: u64) -> Result<(), ReturnRefusal> {
        let within = self.within.ok_or(ReturnRefusal::NoReturns)?;
        if age > within {
            return Err(ReturnRefusal::TooLate);
        }
        let integer = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        if integer(returns) < self.percent.of_rounded_down(integer(sales)) { Ok(()) } else { Err(ReturnRefusal::TooMany) }
    }
}

/// A buyer gives a sale back.
#[derive(Clone, Debug)]
pub struct RequestReturn {
    pub sale: SaleId,
    /// Whose sale it must be.
    pub buyer: BuyerName,
    pub reason: ReturnReason,
    /// The buyer's own words may name the person: they are sealed like the contact, and go when the lead is erased.
    pub note: Option<ContactPart>,
    pub rules: ReturnRules,
}

/// Why a buyer gives a lead back. A fixed set: a text of its own would be contact data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReturnReason {
    Duplicate,
    InvalidPhone,
    InvalidEmail,
    WrongPerson,
    /// It isn't what the ping said.
    NotAsOffered,
    NoConsent,
    Fraud,
    Other,
}

words!(ReturnReason {
    Duplicate = "duplicate",
    InvalidPhone = "invalid_phone",
    InvalidEmail = "invalid_email",
    WrongPerson = "wrong_person",
    NotAsOffered = "not_as_offered",
    NoConsent = "no_consent",
    Fraud = "fraud",
    Other = "other",
});

/// Why a return isn't taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnRefusal {
    /// Not a sale of this buyer.
    UnknownSale,
    /// Not sold: nothing was charged that could be given back.
    NotSold,
    /// The contract takes nothing back.
    NoReturns,
    TooLate,
    /// The contract's share of returns is used up.
    TooMany,
    /// It was requested before, for another reason.
    AlreadyRequested,
    /// It was requested before, and refused.
    AlreadyRefused,
}

impl ReturnRefusal {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::UnknownSale => "unknown_sale",
            Self::NotSold => "not_sold",
            Self::NoReturns => "no_returns",
            Self::TooLate => "too_late",
            Self::TooMany => "too_many",
            Self::AlreadyRequested => "already_requested",
            Self::AlreadyRefused => "already_refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn a_return_stays_inside_the_window_and_the_share() {
        let percent = |percent| Percent::of_whole(percent).unwrap();
        let rules = ReturnRules { within: Some(DAY * 14), percent: percent(10) };
        assert_eq!(rules.admit(DAY * 14, 20, 1), Ok(()));
        assert_eq!(rules.admit(DAY * 15, 20, 1), Err(ReturnRefusal::TooLate));
        assert_eq!(rules.admit(DAY, 20, 2), Err(ReturnRefusal::TooMany));
        assert_eq!(rules.admit(DAY, 9, 0), Err(ReturnRefusal::TooMany), "a tenth of nine is none");
        assert_eq!(ReturnRules { percent: percent(100), ..rules }.admit(DAY, 1, 0), Ok(()));
        assert_eq!(ReturnRules { within: None, ..rules }.admit(DAY, 20, 0), Err(ReturnRefusal::NoReturns));
    }
}
