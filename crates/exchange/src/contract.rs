//! A contract: a buyer's standing offer in one vertical.

use std::{collections::BTreeSet, time::Duration};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{
    cap::Cap,
    filter::Filter,
    hours::OpenHours,
    id::{BuyerIndex, ContractKey, ListName, SupplierName, VerticalName},
    money::{Money, Percent},
    schema::FieldIndex,
    self_service::{Change, NotAllowed, PriceKey, SelfService, Wish},
    time::Timestamp,
};

/// How a lead is sold: to one buyer, or to several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SaleKind {
    Exclusive,
    Shared,
}

impl SaleKind {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Shared => "shared",
        }
    }
}

/// The kinds of sale that somebody takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleKinds {
    pub exclusive: bool,
    pub shared: bool,
}

impl SaleKinds {
    pub const EXCLUSIVE: Self = Self { exclusive: true, shared: false };
    pub const SHARED: Self = Self { exclusive: false, shared: true };
    pub const BOTH: Self = Self { exclusive: true, shared: true };

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { exclusive: self.exclusive && other.exclusive, shared: self.shared && other.shared }
    }

    #[must_use]
    pub fn any(self) -> bool {
        self.exclusive || self.shared
    }

    #[must_use]
    pub fn includes(self, kind: SaleKind) -> bool {
        match kind {
            SaleKind::Exclusive => self.exclusive,
            SaleKind::Shared => self.shared,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pricing {
    /// The buyer bids, at most this much.
    Bid { max_bid: Money },
    /// Offers at once, without a ping. A kind without a price isn't offered.
    Fixed { exclusive: Option<Money>, shared: Option<Money> },
}

/// A contract that names no `max_bid` takes bids up to this.
pub const DEFAULT_MAX_BID: Money = Money::from_units(10_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DisclosurePolicy {
    /// The post is the first that the buyer hears after its bid.
    Post,
    /// The buyer confirms without the contact first, and is bound then.
    Strict,
}

/// What becomes of a post whose outcome nobody could find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownPolicy {
    pub after: Duration,
    pub then: UnknownEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnknownEnd {
    Void,
    Sold,
}

/// Whose leads a contract takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sources {
    #[default]
    All,
    Only(BTreeSet<SupplierName>),
    AllBut(BTreeSet<SupplierName>),
}

impl Sources {
    #[must_use]
    pub fn admit(&self, supplier: &SupplierName) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(supplier),
            Self::AllBut(names) => !names.contains(supplier),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contract {
    pub key: ContractKey,
    pub buyer: BuyerIndex,
    pub vertical: VerticalName,
    pub filter: Option<Filter>,
    /// Fields that a lead must bring along, at its post at the latest.
    pub requires: Vec<FieldIndex>,
    pub pricing: Pricing,
    /// What a bid without a price means, of a buyer that only accepts.
    pub agreed_price: Option<Money>,
    pub kinds: SaleKinds,
    pub caps: Vec<Cap>,
    /// Open whenever one of these says so; none means always.
    pub hours: Vec<OpenHours>,
    #[serde(with = "crate::time::zone")]
    pub time_zone: TimeZone,
    pub disclosure: DisclosurePolicy,
    pub unknown: Option<UnknownPolicy>,
    /// This buyer's company doesn't buy the same person again within so many days.
    pub duplicate_days: Option<u32>,
    /// Suppression lists.
    pub lists: Vec<ListName>,
    pub sources: Sources,
    /// 1 is first; none comes last.
    pub priority: Option<u32>,
    pub weight: u32,
    pub tags: BTreeSet<String>,
    pub return_days: Option<u32>,
    /// At most this share of its sales of the last 30 days may be given back.
    pub return_percent: Percent,
    /// By its operator.
    pub paused: bool,
    /// By its buyer: either is enough.
    pub paused_by_buyer: bool,
    pub self_service: SelfService,
}

impl Contract {
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|hours| hours.contain(at, &self.time_zone))
    }

    /// The most that a kind of sale can bring: the fixed price, or the highest bid allowed.
    #[must_use]
    pub fn highest(&self, kind: SaleKind) -> Option<Money> {
        let price = match (self.pricing, kind) {
            (Pricing::Bid { max_bid }, _) => Some(max_bid),
            (Pricing::Fixed { exclusive, .. }, SaleKind::Exclusive) => exclusive,
            (Pricing::Fixed { shared, .. }, SaleKind::Shared) => shared,
        };
        price.filter(|_| self.kinds.includes(kind))
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused || self.paused_by_buyer
    }

    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.disclosure == DisclosurePolicy::Strict
    }

    /// What a buyer's wish changes, in the order of the keys; or everything that stands against it.
    pub fn wished(&self, wish: &Wish) -> Result<Vec<Change>, Vec<NotAllowed>> {
        let (mut changes, mut refused) = (Vec::new(), Vec::new());
        match wish.paused.filter(|paused| *paused != self.paused_by_buyer) {
            Some(paused) if self.self_service.pause => changes.push(Change::Paused(paused)),
            Some(_) => refused.push(NotAllowed::Pause),
            None => {}
        }
        for (key, to) in &wish.prices {
            match self.priced(*key, *to) {
                Ok(change) => changes.extend(change),
                Err(why) => refused.push(why),
            }
        }
        if refused.is_empty() { Ok(changes) } else { Err(refused) }
    }

    /// A price as the contract has it: that of a kind of sale, or the highest bid.
    #[must_use]
    pub fn price_of(&self, key: PriceKey) -> Option<Money> {
        if let Some(own) = self.self_service.prices.get(&key) {
            return own.now;
        }
        match (self.pricing, key) {
            (Pricing::Bid { max_bid }, PriceKey::MaxBid) => Some(max_bid),
            (Pricing::Fixed { exclusive, shared }, PriceKey::Price) => exclusive.or(shared),
            (Pricing::Fixed { exclusive: Some(_), shared }, PriceKey::SharedPrice) => shared,
            _ => None,
        }
    }

    fn priced(&self, key: PriceKey, to: Money) -> Result<Option<Change>, NotAllowed> {
        let own = self.self_service.prices.get(&key).ok_or(NotAllowed::Price(key))?;
        match own.now {
            Some(now) if now == to => Ok(None),
            _ if !own.range.contains(to) => Err(NotAllowed::OutOfRange { key, range: own.range }),
            from => Ok(Some(Change::Price { key, from, to })),
        }
    }
}
