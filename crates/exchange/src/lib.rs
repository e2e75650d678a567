//! The core of the exchange: pure and synchronous. No IO, no clock, no source of randomness, no format.
//!
//! The modules stand in the order of a lead's life.

// The words everything is said in.
pub mod geography;
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
pub mod schema;
pub mod supplier;
pub mod tree;

// A lead comes in, is read and sealed.
pub mod attribute;
pub mod raw;
pub mod seal;
pub mod value;

// It is matched, pinged, sold.
pub mod call;
pub mod facts;
pub mod ledger;
pub mod matching;
pub mod sale;

// What is made durable, and what is remembered.
pub mod command;
pub mod record;

// The run that leads it through all of that.
pub mod flow;
