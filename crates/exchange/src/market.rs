//! The market: the whole configuration, immutable per revision. A run keeps the one it started with.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use ipnet::IpNet;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{
    alerts::Alerts,
    buyer::Buyer,
    contract::Contract,
    id::{BuyerIndex, BuyerName, ContractIndex, ContractKey, Revision, SupplierName, TreeIndex, VerticalName},
    index::{MatchingIndex, Terms},
    money::{Currency, Money, Percent},
    refusal::Refusal,
    schema::Vertical,
    supplier::{QuotePolicy, Supplier},
    tree::Tree,
};

/// What the market's files say, before it has a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MarketParts {
    pub currency: Currency,
    #[serde(with = "crate::time::zone")]
    pub time_zone: TimeZone,
    pub quote: QuotePolicy,
    /// Firm quotes hold at most this share of a cap's or a credit's remainder.
    pub firm_share: Percent,
    pub duplicates_window_days: u32,
    /// Private ranges that buyers' endpoints may be in.
    pub egress_allow: Vec<IpNet>,
    /// Money that people move above it needs a second person; nobody's does where it isn't said.
    pub approvals_above: Option<Money>,
    pub alerts: Alerts,
    pub verticals: Vec<Vertical>,
    pub suppliers: Vec<Supplier>,
    /// In the order of names: a [`BuyerIndex`] is a place in it.
    pub buyers: Vec<Buyer>,
    /// In the order of keys: a [`ContractIndex`] is a place in it.
    pub contracts: Vec<Contract>,
    pub trees: Vec<Tree>,
}

#[derive(Clone, Debug)]
pub struct Market {
    revision: Revision,
    parts: MarketParts,
    verticals: BTreeMap<VerticalName, usize>,
    suppliers: BTreeMap<SupplierName, usize>,
    index: OnceLock<Arc<MatchingIndex>>,
}

impl Market {
    /// Duplicates are looked for so many days back where the market names no window.
    pub const DEFAULT_DUPLICATES_DAYS: u32 = 30;
    /// The share of firm quotes where the market names none.
    pub const DEFAULT_FIRM_SHARE: u32 = 20;

    #[must_use]
    pub fn new(revision: Revision, parts: MarketParts) -> Self {
        let verticals = parts.verticals.iter().enumerate().map(|(place, vertical)| (vertical.name.clone(), place)).collect();
        let suppliers = parts.suppliers.iter().enumerate().map(|(place, supplier)| (supplier.name.clone(), place)).collect();
        Self { revision, parts, verticals, suppliers, index: OnceLock::new() }
    }

    /// Makes the index at once, before anybody waits for it: from that of another revision, where what is the same in both is
    /// not made again.
    pub fn prepare(&self, previous: Option<&Self>) {
        let following = |previous: &Self| Some(previous.index.get()?.following(previous.terms(), self.terms()));
        self.index.get_or_init(|| Arc::new(previous.and_then(following).unwrap_or_else(|| MatchingIndex::new(self.terms()))));
    }

    /// Made when it is first asked for, which takes long if there are many contracts.
    #[must_use]
    pub fn index(&self) -> &MatchingIndex {
        self.index.get_or_init(|| Arc::new(MatchingIndex::new(self.terms())))
    }

    pub(crate) fn terms(&self) -> Terms<'_> {
        Terms { buyers: &self.parts.buyers, contracts: &self.parts.contracts, trees: &self.parts.trees }
    }

    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    #[must_use]
    pub fn parts(&self) -> &MarketParts {
        &self.parts
    }

    /// Whether so much money is moved only when a second person has decided.
    #[must_use]
    pub fn needs_second_person(&self, amount: Money) -> bool {
        self.parts.approvals_above.is_some_and(|above| amount > above)
    }

    #[must_use]
    pub fn currency(&self) -> Currency {
        self.parts.currency
    }

    #[must_use]
    pub fn vertical(&self, name: &VerticalName) -> Option<&Vertical> {
        self.verticals.get(name).map(|place| &self.parts.verticals[*place])
    }

    #[must_use]
    pub fn supplier(&self, name: &SupplierName) -> Option<&Supplier> {
        self.suppliers.get(name).map(|place| &self.parts.suppliers[*place])
    }

    /// Where a vertical is in the market's parts.
    #[must_use]
    pub fn vertical_place(&self, name: &VerticalName) -> Option<usize> {
        self.verticals.get(name).copied()
    }

    /// Where a supplier is in the market's parts.
    #[must_use]
    pub fn supplier_place(&self, name: &SupplierName) -> Option<usize> {
        self.suppliers.get(name).copied()
    }

    #[must_use]
    pub fn buyer(&self, index: BuyerIndex) -> &Buyer {
        &self.parts.buyers[index.0 as usize]
    }

    #[must_use]
    pub fn buyer_index(&self, name: &BuyerName) -> Option<BuyerIndex> {
        let place = self.parts.buyers.binary_search_by(|buyer| buyer.name.cmp(name)).ok()?;
        u32::try_from(place).ok().map(BuyerIndex)
    }

    #[must_use]
    pub fn buyer_named(&self, name: &BuyerName) -> Option<&Buyer> {
        self.buyer_index(name).map(|index| self.buyer(index))
    }

    #[must_use]
    pub fn contract(&self, index: ContractIndex) -> &Contract {
        &self.parts.contracts[index.0 as usize]
    }

    #[must_use]
    pub fn contract_index(&self, key: &ContractKey) -> Option<ContractIndex> {
        let place = self.parts.contracts.binary_search_by(|contract| contract.key.cmp(key)).ok()?;
        u32::try_from(place).ok().map(ContractIndex)
    }

    #[must_use]
    pub fn contract_named(&self, key: &ContractKey) -> Option<&Contract> {
        self.contract_index(key).map(|index| self.contract(index))
    }

    /// Why a contract takes no leads, whatever they are.
    #[must_use]
    pub fn refusal_of(&self, index: ContractIndex) -> Option<Refusal> {
        if self.buyer_of(index).suspended {
            return Some(Refusal::Suspended);
        }
        self.contract(index).is_paused().then_some(Refusal::Paused)
    }

    #[must_use]
    pub fn buyer_of(&self, index: ContractIndex) -> &Buyer {
        self.buyer(self.contract(index).buyer)
    }

    #[must_use]
    pub fn tree(&self, index: TreeIndex) -> &Tree {
        &self.parts.trees[index.0 as usize]
    }

    /// The tree that a supplier's leads run through: its own, or everybody's.
    #[must_use]
    pub fn tree_for(&self, vertical: &VerticalName, supplier: &SupplierName) -> Option<TreeIndex> {
        let place = |own: bool| {
            let fits = |tree: &Tree| &tree.vertical == vertical && if own { tree.suppliers.contains(supplier) } else { tree.suppliers.is_empty() };
            self.parts.trees.iter().position(fits)
        };
        place(true).or_else(|| place(false)).map(|place| TreeIndex(place as u32))
    }

    /// Whether buyers that lost such a lead are told what it was sold at.
    #[must_use]
    pub fn shows_winning_price(&self, vertical: &VerticalName, supplier: &SupplierName) -> bool {
        self.tree_for(vertical, supplier).is_some_and(|tree| self.tree(tree).shows_winning_price)
    }

    /// The quote policy of a supplier: its own, or the market's.
    #[must_use]
    pub fn quote_policy(&self, supplier: &Supplier) -> QuotePolicy {
        supplier.quote.unwrap_or(self.parts.quote)
    }
}
