//! The reader's queries, one file for each group.

pub(super) mod accounts;
pub(super) mod alerts;
pub(super) mod audit;
mod checks;
pub(super) mod due_figures;
pub(super) mod facts;
pub(super) mod figures;
mod kept_until;
pub(super) mod leads;
pub(super) mod market;
pub(super) mod money;
pub(super) mod notices;
pub(super) mod people;
pub(super) mod pings;
pub(super) mod sales;
pub(super) mod search;
