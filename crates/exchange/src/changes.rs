//! What a batch changed of the facts that runs look up: for whoever keeps facts in memory instead of reading them for each run.

use crate::{
    id::{BuyerName, ContractKey},
    money::Money,
    time::Timestamp,
};

/// Of one committed batch. Batches of one engine change in the order of their commits; those of two engines add up in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub others: Others,
    pub steps: Vec<Change>,
}

impl Changes {
    /// Of no batch.
    #[must_use]
    pub fn none() -> Self {
        Self { others: Others::Unknown, steps: Vec::new() }
    }
}

/// Whether somebody else has written to the store since this engine's batch before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// What was known, with the changes of this batch, is so still.
    None,
    /// Anything may have changed.
    Wrote,
    /// The engine can't tell.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Of what a buyer may still spend: its balance less what is held of it.
    Available { buyer: BuyerName, by: Money },
    /// Of every window of the contract's caps that this instant is in.
    Used { contract: ContractKey, at: Timestamp, count: i64, spend: Money },
}
