//! What buyers ask of what they bought, with a key of their own.

mod documents;
mod page;

pub mod sales;
