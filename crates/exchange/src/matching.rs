//! Eligibility: which contracts of a tree may be offered a lead, and for every other one the reason why not.

use serde::{Deserialize, Serialize};

use crate::{
    attribute::PingPart,
    cap::Cap,
    contract::{Contract, Pricing},
    facts::ContractFacts,
    filter::{NoMatch, Stop},
    id::{ContractIndex, SupplierName, TreeIndex},
    index::{Admitted, Sought},
    market::Market,
    money::Money,
    refusal::Refusal,
    schema::Vertical,
    supplier::Supplier,
    time::Timestamp,
    tree::{Tier, Tree},
};

/// What an eligibility depends on, besides the contract and its facts.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    pub market: &'a Market,
    pub vertical: &'a Vertical,
    pub supplier: &'a Supplier,
    pub ping: &'a PingPart,
    pub at: Timestamp,
    pub test: bool,
}

/// Exactly why a contract is not offered a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyNot {
    Paused,
    Suspended,
    /// The lead is a test, and the buyer has no test endpoints.
    NoTestEndpoint,
    /// The contract doesn't take this supplier's leads.
    Source(SupplierName),
    /// The first clause of the filter that doesn't hold.
    Filter(String),
    /// The filter needs fields that the ping lacks.
    Missing(Vec<String>),
    Hours,
    /// The contract sells in no way that the tier does.
    SaleKind,
    /// The most it could pay is below the tier's floor.
    Floor(Money),
    /// The most it could pay leaves the supplier nothing, or less than its minimum.
    MinPrice,
    Cap(Cap),
    Credit,
    /// What the present says: withdrawn, suppressed, a duplicate at this buyer.
    Present(Refusal),
    /// Too little of the deadline was left to ask.
    Deadline,
    /// A buyer of the same company was asked for this lead already, and has it.
    SameParent,
    /// The lead was sold, or ended, before this contract's turn.
    NotReached,
    /// The lead lacks fields that the contract requires.
    Requires(Vec<String>),
    /// The person didn't agree to hear from this company.
    Consent,
}

impl std::fmt::Display for WhyNot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Paused => f.write_str("paused"),
            Self::Suspended => f.write_str("suspended"),
            Self::NoTestEndpoint => f.write_str("test: the buyer has no test endpoints"),
            Self::Source(supplier) => write!(f, "source: {supplier} is not taken"),
            Self::Filter(clause) => write!(f, "filter: {clause}"),
            Self::Missing(fields) => write!(f, "missing: {}", fields.join(", ")),
            Self::Hours => f.write_str("hours"),
            Self::SaleKind => f.write_str("sale: not sold the way this tier sells"),
            Self::Floor(floor) => write!(f, "floor: can't reach {floor}"),
            Self::MinPrice => f.write_str("min_price: leaves the supplier too little"),
            Self::Cap(cap) => write!(f, "cap: {cap}"),
            Self::Credit => f.write_str("credit"),
            Self::Present(refusal) => refusal.fmt(f),
            Self::Deadline => f.write_str("deadline: too little time left"),
            Self::SameParent => f.write_str("same_parent"),
            Self::NotReached => f.write_str("not_reached"),
            Self::Requires(fields) => write!(f, "requires: {}", fields.join(", ")),
            Self::Consent => f.write_str("consent: the company is not among those agreed to"),
        }
    }
}

impl WhyNot {
    const FILTER: &'static str = "filter";
    const MISSING: &'static str = "missing";

    /// One word, for metrics and counts.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Suspended => "suspended",
            Self::NoTestEndpoint => "test",
            Self::Source(_) => "source",
            Self::Filter(_) => Self::FILTER,
            Self::Missing(_) => Self::MISSING,
            Self::Hours => "hours",
            Self::SaleKind => "sale_kind",
            Self::Floor(_) => "floor",
            Self::MinPrice => "min_price",
            Self::Cap(_) => "cap",
            Self::Credit => "credit",
            Self::Present(_) => "present",
            Self::Deadline => "deadline",
            Self::SameParent => "same_parent",
            Self::NotReached => "not_reached",
            Self::Requires(_) => "requires",
            Self::Consent => "consent",
        }
    }
}

/// Why a contract is not offered a lead, as it is found: what a filter says takes longer to write than to find, and may be of ten thousand
/// contracts of which a few are read about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untold {
    Filter(Stop),
    Other(WhyNot),
}

impl Untold {
    /// The one word that its [`WhyNot`] has.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Filter(Stop::Clause(_)) => WhyNot::FILTER,
            Self::Filter(Stop::Missing) => WhyNot::MISSING,
            Self::Other(why) => why.word(),
        }
    }
}

impl Offered<'_> {
    /// What the market and the ping alone say: cheap and exact, the same whenever it is asked again.
    pub fn admits(&self, tier: &Tier, index: ContractIndex) -> Result<(), WhyNot> {
        self.judge(tier, index).map_err(|untold| self.told(index, untold))
    }

    /// The same, without words for what a filter says.
    pub fn judge(&self, tier: &Tier, index: ContractIndex) -> Result<(), Untold> {
        let contract = self.market.contract(index);
        self.admits_source(contract).map_err(Untold::Other)?;
        if let Some(stop) = contract.filter.as_ref().and_then(|filter| filter.stop(self.ping)) {
            return Err(Untold::Filter(stop));
        }
        if !contract.is_open(self.at) {
            return Err(Untold::Other(WhyNot::Hours));
        }
        self.admits_price(tier, contract).map_err(Untold::Other)
    }

    /// In words, of the contract that it was found of.
    #[must_use]
    pub fn told(&self, index: ContractIndex, untold: Untold) -> WhyNot {
        let filter = self.market.contract(index).filter.as_ref();
        match untold {
            Untold::Other(why) => why,
            Untold::Filter(stop) => match filter.map(|filter| filter.told(stop, self.ping, self.vertical)) {
                Some(NoMatch::Clause(clause)) => WhyNot::Filter(clause),
                Some(NoMatch::Missing(fields)) => WhyNot::Missing(fields),
                None => WhyNot::Filter("undecided".into()),
            },
        }
    }

    /// The contracts of a tree that [`admits`](Self::admits) says yes to, from the market's index.
    #[must_use]
    pub fn admitted(&self, tree: TreeIndex) -> Admitted {
        let sought = Sought { supplier: self.supplier, ping: self.ping, at: self.at, test: self.test, currency: self.market.currency() };
        self.market.index().admitted(self.market.terms(), tree, sought).unwrap_or_else(|| self.admitted_by_each(self.market.tree(tree)))
    }

    /// The same, contract by contract.
    #[must_use]
    pub fn admitted_by_each(&self, tree: &Tree) -> Admitted {
        let of_tier = |tier: &Tier| tier.contracts.iter().copied().filter(|index| self.is_admitted(tier, *index)).collect();
        Admitted::of_tiers(tree.tiers.iter().map(of_tier))
    }

    /// Whether [`admits`](Self::admits) says yes, without a reason why not.
    fn is_admitted(&self, tier: &Tier, index: ContractIndex) -> bool {
        let contract = self.market.contract(index);
        let passes_filter = || contract.filter.as_ref().is_none_or(|filter| filter.matches(self.ping));
        self.admits_source(contract).is_ok() && passes_filter() && contract.is_open(self.at) && self.admits_price(tier, contract).is_ok()
    }

    fn admits_source(&self, contract: &Contract) -> Result<(), WhyNot> {
        let buyer = self.market.buyer(contract.buyer);
        if buyer.suspended {
            return Err(WhyNot::Suspended);
        }
        if contract.is_paused() {
            return Err(WhyNot::Paused);
        }
        if self.test && !buyer.endpoint.takes_tests() {
            return Err(WhyNot::NoTestEndpoint);
        }
        if !contract.sources.admit(&self.supplier.name) {
            return Err(WhyNot::Source(self.supplier.name.clone()));
        }
        Ok(())
    }

    fn admits_price(&self, tier: &Tier, contract: &Contract) -> Result<(), WhyNot> {
        let kinds = tier.kinds_offered(contract);
        if !kinds.any() {
            return Err(WhyNot::SaleKind);
        }
        let highest = tier.highest(contract);
        if highest < tier.floor {
            return Err(WhyNot::Floor(tier.floor));
        }
        if self.supplier.is_left_enough(highest, kinds, self.market.currency()) { Ok(()) } else { Err(WhyNot::MinPrice) }
    }

    /// What the present says: caps, credit, suppression, duplicates. A test lead touches none of them but the pause.
    pub fn admits_now(&self, facts: &ContractFacts) -> Result<(), WhyNot> {
        if let Some(refusal) = &facts.refused {
            return Err(match refusal {
                Refusal::Paused => WhyNot::Paused,
                Refusal::Suspended => WhyNot::Suspended,
                other => WhyNot::Present(other.clone()),
            });
        }
        if self.test {
            return Ok(());
        }
        // The least that a sale could cost: a fixed price, or a cent of a bid.
        let least = match self.market.contract(facts.contract).pricing {
            Pricing::Bid { .. } => self.market.currency().cent(),
            Pricing::Fixed { exclusive, shared } => [exclusive, shared].into_iter().flatten().min().unwrap_or(self.market.currency().cent()),
        };
        if let Some((cap, _)) = facts.caps.iter().find(|(cap, usage)| !cap.admits(*usage, least)) {
            return Err(WhyNot::Cap(*cap));
        }
        if facts.available < least { Err(WhyNot::Credit) } else { Ok(()) }
    }
}
