//! What is read of a contract before all of the market is known.

use std::collections::BTreeSet;

use exchange::{
    contract::Contract,
    id::{ContractKey, VerticalName},
};

/// A contract before its buyer has a place, with what trees ask of it.
#[derive(Debug)]
pub(super) struct ContractDraft {
    pub key: ContractKey,
    pub line: usize,
    pub vertical: Option<VerticalName>,
    pub tags: BTreeSet<String>,
    /// None where something that a contract can't be without is wrong.
    pub contract: Option<Contract>,
}
