//! The core of the exchange: pure and synchronous. No IO, no clock, no source of randomness, no format.
//!
//! The modules stand in the order of a lead's life.

// The words everything is said in.
#[macro_use]
mod words;
pub mod id;
pub mod money;
pub mod time;
pub mod geography;

// The market.
pub mod schema;
pub mod supplier;
pub mod mapping;
pub mod buyer;
pub mod contract;
pub mod self_service;
pub mod filter;
pub mod cap;
pub mod hours;
pub mod tree;
pub mod index;
pub mod market;

// A lead comes in, is read and sealed.
pub mod raw;
pub mod value;
pub mod attribute;
pub mod lead;
pub mod evidence;
pub mod seal;

// It is matched, pinged and auctioned.
pub mod refusal;
pub mod facts;
pub mod changes;
pub mod known_facts;
pub mod matching;
pub mod call;
pub mod bid;
pub mod auction;

// It is sold and posted, and the money is booked.
pub mod sale;
pub mod ledger;
pub mod returns;
pub mod movement;
pub mod notice;

// What is made durable, and what is remembered.
pub mod command;
pub mod record;

// Who looks at it, and changes it, in the console.
pub mod person;
pub mod permission;
pub mod audit;

// The run that leads it through all of that.
pub mod flow;

// What it is measured by.
pub mod figures;
pub mod alerts;

// How far leads came, and what stopped the others.
pub mod course;

// What it would have come to under another market.
pub mod replay;
