//! What of a market the index is made from.

use crate::{
    buyer::Buyer,
    contract::Contract,
    id::ContractIndex,
    tree::{Tier, Tree},
};

#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    pub buyers: &'a [Buyer],
    pub contracts: &'a [Contract],
    pub trees: &'a [Tree],
}

impl<'a> Terms<'a> {
    pub(super) fn contract(&self, index: ContractIndex) -> &'a Contract {
        &self.contracts[index.0 as usize]
    }

    fn buyer(&self, index: ContractIndex) -> &'a Buyer {
        &self.buyers[self.contract(index).buyer.0 as usize]
    }

    pub(super) fn takes_tests(&self, index: ContractIndex) -> bool {
        self.buyer(index).endpoint.takes_tests()
    }

    /// Whether the contract may be offered leads of the tier at all, whatever the lead and its supplier.
    pub(super) fn is_standing(&self, tier: &Tier, index: ContractIndex) -> bool {
        let contract = self.contract(index);
        !self.buyer(index).suspended && !contract.is_paused() && tier.kinds_offered(contract).any() && tier.highest(contract) >= tier.floor
    }

    /// Whether the index says the same of two revisions' contracts.
    pub(super) fn are_alike(&self, index: ContractIndex, other: &Self, others: ContractIndex) -> bool {
        let (one, two) = (self.contract(index), other.contract(others));
        one.vertical == two.vertical
            && one.filter == two.filter
            && one.sources == two.sources
            && one.hours == two.hours
            && one.time_zone == two.time_zone
            && self.takes_tests(index) == other.takes_tests(others)
    }
}
