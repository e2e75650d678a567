//! Buyers, contracts and suppliers as people call them: by the labels of the market that the lead ran in.

use std::sync::Arc;

use exchange::{
    id::{BuyerName, ContractKey, SupplierName},
    market::Market,
};

/// Without a market, or where it doesn't know a name any more, names are told as they are.
#[derive(Clone, Default)]
pub struct Names(pub Option<Arc<Market>>);

impl Names {
    pub fn buyer(&self, name: &BuyerName) -> String {
        let known = self.0.as_ref().and_then(|market| market.buyer_named(name));
        known.map_or_else(|| name.to_string(), |buyer| buyer.label.clone())
    }

    pub fn contract(&self, key: &ContractKey) -> String {
        format!("{} ({})", self.buyer(&key.buyer), key.name)
    }

    /// Of a key that was written down.
    pub fn contract_called(&self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |key| self.contract(&key))
    }

    pub fn supplier(&self, name: &str) -> String {
        let parsed: Option<SupplierName> = name.parse().ok();
        let known = self.0.as_ref().zip(parsed).and_then(|(market, name)| market.supplier(&name).map(|supplier| supplier.label.clone()));
        known.unwrap_or_else(|| name.to_owned())
    }
}
