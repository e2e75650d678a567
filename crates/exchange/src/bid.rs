//! Admitting a bid: from what a buyer answered to prices that may stand as offers, or the fault.

use crate::{
    call::RawBid,
    contract::{Contract, Pricing, SaleKind, SaleKinds},
    facts::ContractFacts,
    money::{Currency, Money},
    record::BidFault,
    supplier::Supplier,
    tree::Tier,
};

/// What a bid must satisfy.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    pub contract: &'a Contract,
    pub tier: &'a Tier,
    pub supplier: &'a Supplier,
    pub currency: Currency,
    /// The kinds that the ping offered.
    pub kinds: SaleKinds,
    /// None for a test lead, which touches neither caps nor credit.
    pub facts: Option<&'a ContractFacts>,
}

/// A price with what it leaves the supplier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
}

impl Admission<'_> {
    /// The prices that stand. A bid is at fault only if none of them does; the fault is then the first one's.
    pub fn admit(&self, bid: &RawBid) -> Result<Vec<Priced>, BidFault> {
        let named = [(SaleKind::Exclusive, bid.bid), (SaleKind::Shared, bid.shared_bid)];
        let prices = named.into_iter().filter(|(kind, _)| self.kinds.includes(*kind)).filter_map(|(kind, price)| price.map(|price| (kind, price)));
        let (mut admitted, mut fault) = (Vec::new(), None);
        for (kind, price) in prices {
            match self.price(kind, price) {
                Ok(priced) => admitted.push(priced),
                Err(at_fault) => fault = fault.or(Some(at_fault)),
            }
        }
        if admitted.is_empty() { Err(fault.unwrap_or(BidFault::NothingOffered)) } else { Ok(admitted) }
    }

    fn price(&self, kind: SaleKind, price: Money) -> Result<Priced, BidFault> {
        if !price.is_positive() {
            return Err(BidFault::NotPositive);
        }
        if let Pricing::Bid { max_bid } = self.contract.pricing
            && price > max_bid
        {
            return Err(BidFault::OverMaxBid);
        }
        if price < self.tier.floor {
            return Err(BidFault::BelowFloor);
        }
        let net = self.supplier.margin.net(price, self.currency).ok_or(BidFault::BelowMinPrice)?;
        if kind == SaleKind::Exclusive && net < self.supplier.min_price {
            return Err(BidFault::BelowMinPrice);
        }
        if let Some(facts) = self.facts {
            if facts.caps.iter().any(|(cap, usage)| !cap.admits(*usage, price)) {
                return Err(BidFault::OverCap);
            }
            if price > facts.available {
                return Err(BidFault::OverCredit);
            }
        }
        Ok(Priced { kind, price, net })
    }
}

/// A fixed price in the form of a bid: it is held to the same rules.
#[must_use]
pub fn fixed(pricing: &Pricing) -> Option<RawBid> {
    match pricing {
        Pricing::Bid { .. } => None,
        Pricing::Fixed { exclusive, shared } => Some(RawBid { bid: *exclusive, shared_bid: *shared, reference: None, ttl_s: None }),
    }
}
