//! What operators ask and rule, with a key of their own.

mod documents;
mod entry;

pub mod alerts;
pub mod balances;
pub mod decide;
pub mod figures;
pub mod lead;
pub mod leads;
pub mod resolve;
pub mod returns;
pub mod unknown;
