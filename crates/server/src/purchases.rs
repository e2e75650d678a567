//! What buyers ask and report of what they bought, with a key of their own.

mod documents;
mod entry;
pub mod page;

pub mod contracts;
pub mod outcome;
pub mod own_terms;
pub mod return_request;
pub mod sales;
