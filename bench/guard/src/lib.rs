//! Markets and leads that are the same each time, to measure the core with.

pub mod market;
pub mod random;
