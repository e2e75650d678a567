//! Bytes to core values and back. Pure: no IO, no clock, no source of randomness.

// The market's files.
pub mod market;

// A request comes in, an answer goes out.
pub mod answer;
pub mod bearer;
pub mod body;
pub mod request;

// How suppliers' systems already speak to other exchanges.
pub mod dialect;

// What the exchange and its buyers say to each other.
pub mod native;
pub mod mapped;
pub mod connect;
pub mod delivery;
pub mod alert;
pub mod notice;
pub mod webhook;

mod json;
mod xml;
