//! What a contract's buyer may change of it by itself, as its operator leaves it to it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// A price of a contract, by its key in the market files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PriceKey {
    Price,
    SharedPrice,
    MaxBid,
}

words!(PriceKey { Price = "price", SharedPrice = "shared_price", MaxBid = "max_bid" });

impl PriceKey {
    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::SharedPrice => "price of a share",
            Self::MaxBid => "highest bid",
        }
    }
}

/// From one amount above zero to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRange {
    min: Money,
    max: Money,
}

impl PriceRange {
    /// None where nothing lies between them.
    #[must_use]
    pub fn new(min: Money, max: Money) -> Option<Self> {
        (min.is_positive() && min <= max).then_some(Self { min, max })
    }

    #[must_use]
    pub fn min(self) -> Money {
        self.min
    }

    #[must_use]
    pub fn max(self) -> Money {
        self.max
    }

    #[must_use]
    pub fn contains(self, price: Money) -> bool {
        self.min <= price && price <= self.max
    }
}

impl fmt::Display for PriceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.min, self.max)
    }
}

/// A price that is the buyer's to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPrice {
    /// As the contract has it, which may lie outside of the range: its operator's word; none where it says nothing.
    pub now: Option<Money>,
    pub range: PriceRange,
}

/// Nothing, unless the contract says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfService {
    /// To pause it, and to resume what the buyer itself has paused.
    pub pause: bool,
    pub prices: BTreeMap<PriceKey, OwnPrice>,
}

impl SelfService {
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.pause || !self.prices.is_empty()
    }
}

/// What a buyer says of its contract. What it doesn't say stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub paused: Option<bool>,
    pub prices: BTreeMap<PriceKey, Money>,
}

/// Something that will be otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Paused(bool),
    Price { key: PriceKey, from: Option<Money>, to: Money },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused(true) => f.write_str("paused"),
            Self::Paused(false) => f.write_str("resumed"),
            Self::Price { key, from: Some(from), to } => write!(f, "{} {from} → {to}", key.label()),
            Self::Price { key, from: None, to } => write!(f, "{} {to}", key.label()),
        }
    }
}

/// Why a buyer can't have a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    #[error("the operator hasn't left it to you to pause this contract")]
    Pause,
    #[error("the operator hasn't left the {} of this contract to you", .0.label())]
    Price(PriceKey),
    #[error("set {range}")]
    OutOfRange { key: PriceKey, range: PriceRange },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_something_in_it() {
        let of = |min: i64, max: i64| PriceRange::new(Money::from_units(min), Money::from_units(max));
        assert_eq!((of(0, 5), of(6, 5), of(-2, -1)), (None, None, None));
        let range = of(5, 40).unwrap();
        let inside = |units: i64| range.contains(Money::from_units(units));
        assert_eq!([4, 5, 40, 41].map(inside), [false, true, true, false]);
        assert_eq!(range.to_string(), "5.00 to 40.00");
    }
}
