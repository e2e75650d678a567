//! What leads are looked for by, and what is listed of each.

use exchange::{
    command::LeadStatus,
    id::{BuyerName, BuyerPingId, ContractKey, LeadId, SaleId, SupplierName, VerticalName},
    money::Money,
    seal::PersonMac,
    time::Timestamp,
};

use crate::rows::SaleStatus;

/// Which leads are looked for: all that is said of them holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    pub named: Option<Named>,
    pub status: Option<LeadStatus>,
    pub supplier: Option<SupplierName>,
    pub vertical: Option<VerticalName>,
    /// One that had a sale of it, whatever became of that.
    pub buyer: Option<BuyerName>,
    /// Of that buyer.
    pub contract: Option<ContractKey>,
    pub test: Option<bool>,
    /// Taken on at this instant or later.
    pub from: Option<Timestamp>,
    /// Taken on before this instant.
    pub until: Option<Timestamp>,
}

/// What only few leads have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    Lead(LeadId),
    /// A buyer's own ping, of which it had, or has, a sale.
    BuyerPing(BuyerPingId),
    /// A phone number or an e-mail.
    Person(PersonMac),
    /// A buyer's reference of its bid or its lead, or a supplier's idempotency key as it is kept.
    Reference {
        text: String,
        kept_key: String,
    },
}

/// A lead in a list, and its sales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedLead {
    pub lead: LeadId,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub test: bool,
    pub status: LeadStatus,
    /// Why it wasn't sold.
    pub reason: Option<String>,
    /// Of all sold legs.
    pub net: Money,
    pub accepted_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// In the order they were reserved.
    pub sales: Vec<ListedSale>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSale {
    pub sale: SaleId,
    pub contract: ContractKey,
    pub status: SaleStatus,
    pub price: Money,
}

impl LeadFilter {
    /// Whether all holds of a lead that was found by what it is named by.
    pub(crate) fn takes(&self, lead: &ListedLead) -> bool {
        self.status.is_none_or(|status| status == lead.status)
            && self.supplier.as_ref().is_none_or(|supplier| *supplier == lead.supplier)
            && self.vertical.as_ref().is_none_or(|vertical| *vertical == lead.vertical)
            && self.test.is_none_or(|test| test == lead.test)
            && self.from.is_none_or(|from| from <= lead.accepted_at)
            && self.until.is_none_or(|until| lead.accepted_at < until)
            && self.buyer.as_ref().is_none_or(|buyer| lead.sales.iter().any(|sale| sale.contract.buyer == *buyer))
            && self.contract.as_ref().is_none_or(|contract| lead.sales.iter().any(|sale| sale.contract == *contract))
    }

    /// Whose sales are gone through: a contract's are its buyer's.
    pub(crate) fn buying(&self) -> Option<&BuyerName> {
        self.buyer.as_ref().or(self.contract.as_ref().map(|contract| &contract.buyer))
    }
}
