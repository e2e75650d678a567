//! The core of the exchange: pure and synchronous. No IO, no clock, no source of randomness, no format.
//!
//! The modules stand in the order of a lead's life.

// The words everything is said in.
pub mod id;
pub mod money;
pub mod time;

// The market.
pub mod buyer;
pub mod cap;
pub mod contract;
pub mod filter;
pub mod hours;
pub mod market;
pub mod supplier;
pub mod tree;

// A lead comes in.
pub mod attribute;
pub mod schema;
