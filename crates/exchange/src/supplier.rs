//! A supplier: who sends leads, and the terms they are sold on.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    buyer::Secret,
    contract::SaleKinds,
    id::{SupplierName, VerticalName},
    money::{Currency, Margin, Money},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuoteKind {
    /// Promises nothing of caps and credit.
    Indicative,
    /// Holds cap and credit for the offers quoted until the quote expires.
    Firm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotePolicy {
    pub kind: QuoteKind,
    pub ttl: Duration,
}

impl QuotePolicy {
    pub const DEFAULT: Self = Self { kind: QuoteKind::Indicative, ttl: Duration::from_secs(120) };
}

/// What becomes of a personal field in a ping that comes by another platform's dialect. A native ping is always refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContactInPing {
    #[default]
    Refused,
    /// Let go of, unread: never passed on, never stored.
    Dropped,
}

/// How a supplier's own system names things, where it was built for another exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Its campaigns, types of lead or flows, and the verticals that they are.
    pub campaigns: BTreeMap<String, VerticalName>,
    /// Its names of fields, and ours.
    pub fields: BTreeMap<String, String>,
    /// The field that tells one of its requests from another: with the same value it is the same request.
    pub request_id: Option<String>,
    pub contact_in_ping: ContactInPing,
    /// Nothing is taken by GET: what stands in an address ends in the logs of others.
    pub refuses_get: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Supplier {
    pub name: SupplierName,
    pub label: String,
    pub verticals: Vec<VerticalName>,
    pub margin: Margin,
    /// Net, per lead: below it a lead isn't sold.
    pub min_price: Money,
    pub rate_limit_per_s: Option<u32>,
    /// After a quote expired: a new auction, or 410.
    pub accept_requote: bool,
    /// Whether a lead may settle below the quoted net when the quoted buyer falls away.
    pub accept_lower: bool,
    /// Lowers the tree's `max_disclosures`.
    pub max_disclosures: Option<u32>,
    pub quote: Option<QuotePolicy>,
    pub notify_url: Option<Url>,
    pub notify_secret: Option<Secret>,
    pub inbound: Inbound,
    /// Suspended by the operator: its keys are refused.
    pub suspended: bool,
}

impl Supplier {
    /// Whether the most that a buyer could pay leaves this supplier enough.
    #[must_use]
    pub fn is_left_enough(&self, highest: Money, kinds: SaleKinds, currency: Currency) -> bool {
        // The minimum is per lead, so a shared leg may be below it and the sum above.
        self.margin.net(highest, currency).is_some_and(|net| kinds.shared || net >= self.min_price)
    }
}
