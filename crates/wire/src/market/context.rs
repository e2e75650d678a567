//! What the files say that were read before: settings, then lists, verticals, suppliers, then buyers, then trees.

use std::collections::{BTreeMap, BTreeSet};

use exchange::id::{BuyerName, SupplierName, VerticalName};

use super::{draft::ContractDraft, nearest::suggestion_or_add, problem::Wrong, settings::Settings, vertical::VerticalDraft};

#[derive(Debug, Default)]
pub(super) struct Context {
    pub settings: Settings,
    pub verticals: BTreeMap<VerticalName, VerticalDraft>,
    pub suppliers: BTreeSet<SupplierName>,
    /// A contract's place in the order of keys is its index.
    pub contracts: Vec<ContractDraft>,
    /// Buyers whose file isn't TOML: their contracts aren't known.
    pub unread_buyers: BTreeSet<BuyerName>,
}

impl Context {
    pub fn check_vertical(&self, name: VerticalName) -> Result<VerticalName, Wrong> {
        if self.verticals.contains_key(&name) {
            return Ok(name);
        }
        let mend = suggestion_or_add(name.as_str(), self.verticals.keys().map(VerticalName::as_str), &format!("verticals/{name}.toml"));
        Err(Wrong::new(format!("names the vertical `{name}`, which there isn't"), mend))
    }

    pub fn check_supplier(&self, name: SupplierName) -> Result<SupplierName, Wrong> {
        if self.suppliers.contains(&name) {
            return Ok(name);
        }
        let mend = suggestion_or_add(name.as_str(), self.suppliers.iter().map(SupplierName::as_str), &format!("suppliers/{name}.toml"));
        Err(Wrong::new(format!("names the supplier `{name}`, which there isn't"), mend))
    }
}
