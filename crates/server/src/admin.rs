//! What operators ask and rule, with a key of their own.

mod documents;

pub mod balances;
pub mod lead;
pub mod unknown;
