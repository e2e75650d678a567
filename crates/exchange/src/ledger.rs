//! Double entry: every transfer's entries sum to zero, and no other transfer can be written down.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{BuyerName, SupplierName},
    money::Money,
};

/// A positive balance is what the exchange owes its owner: a buyer's prepayment, a supplier's payout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Account {
    Buyer(BuyerName),
    Supplier(SupplierName),
    /// The exchange's own margin.
    House,
    /// Money that came in from outside.
    Cash,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buyer(name) => write!(f, "buyer:{name}"),
            Self::Supplier(name) => write!(f, "supplier:{name}"),
            Self::House => f.write_str("house"),
            Self::Cash => f.write_str("cash"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an account")]
pub struct NotAnAccount;

impl FromStr for Account {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        match text.split_once(':') {
            Some(("buyer", name)) => name.parse().map(Self::Buyer).map_err(|_| NotAnAccount),
            Some(("supplier", name)) => name.parse().map(Self::Supplier).map_err(|_| NotAnAccount),
            None if text == "house" => Ok(Self::House),
            None if text == "cash" => Ok(Self::Cash),
            _ => Err(NotAnAccount),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub account: Account,
    pub amount: Money,
}

/// Entries that sum to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entries that don't sum to zero: {0} is left over")]
pub struct Unbalanced(pub Money);

impl Transfer {
    pub fn new(entries: impl IntoIterator<Item = (Account, Money)>) -> Result<Self, Unbalanced> {
        let entries: Vec<Entry> = entries.into_iter().filter(|(_, amount)| *amount != Money::ZERO).map(|(account, amount)| Entry { account, amount }).collect();
        let left: i128 = entries.iter().map(|entry| i128::from(entry.amount.micros())).sum();
        if left == 0 { Ok(Self { entries }) } else { Err(Unbalanced(Money::from_micros(i64::try_from(left).unwrap_or(i64::MAX)))) }
    }

    /// The buyer pays `price`, the supplier gets `net`, the house keeps the rest.
    pub fn of_sale(buyer: &BuyerName, supplier: &SupplierName, price: Money, net: Money) -> Result<Self, Unbalanced> {
        Self::new([(Account::Buyer(buyer.clone()), -price), (Account::Supplier(supplier.clone()), net), (Account::House, price - net)])
    }

    pub fn of_prepayment(buyer: &BuyerName, amount: Money) -> Result<Self, Unbalanced> {
        Self::new([(Account::Cash, -amount), (Account::Buyer(buyer.clone()), amount)])
    }

    pub fn of_payout(supplier: &SupplierName, amount: Money) -> Result<Self, Unbalanced> {
        Self::new([(Account::Supplier(supplier.clone()), -amount), (Account::Cash, amount)])
    }

    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same entries the other way round, for a return.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { entries: self.entries.iter().map(|entry| Entry { account: entry.account.clone(), amount: -entry.amount }).collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_sum_to_zero_is_no_transfer() {
        let one = Money::from_units(1);
        assert_eq!(Transfer::new([(Account::House, one), (Account::Cash, one)]), Err(Unbalanced(Money::from_units(2))));
    }

    proptest! {
        #[test]
        fn every_sale_sums_to_zero_and_so_does_its_reversal(price in 0i64..1_000_000_000_000, kept in 0i64..1_000_000_000_000) {
            let (buyer, supplier) = ("b".parse().unwrap(), "s".parse().unwrap());
            let net = Money::from_micros(price - kept.min(price));
            let sale = Transfer::of_sale(&buyer, &supplier, Money::from_micros(price), net).unwrap();
            for transfer in [&sale, &sale.reversed()] {
                prop_assert_eq!(transfer.entries().iter().map(|entry| entry.amount).sum::<Money>(), Money::ZERO);
            }
        }
    }

    #[test]
    fn accounts_read_back() {
        for text in ["buyer:a-b", "supplier:x", "house", "cash"] {
            assert_eq!(text.parse::<Account>().unwrap().to_string(), text);
        }
        assert!("buyer:".parse::<Account>().is_err() && "bank".parse::<Account>().is_err());
    }
}
