//! `pingpost`: the exchange as one binary.

mod clock;
mod entropy;

mod intake;
mod driver;
mod egress;
mod problem;
mod policy;

mod node;
mod markets;
mod auth;
mod rate;
mod writer;
mod readers;
mod metrics;

fn main() {}
