//! What the tests stand on: a market in a few lines, and a world of processes around it.

pub mod amount;
pub mod console;
pub mod figures;
pub mod gate;
pub mod http;
pub mod mail_server;
pub mod market;
pub mod people;
pub mod peer;
pub mod process;
pub mod revocation;
pub mod scan;
pub mod waiting;
pub mod shape;
pub mod world;

pub use self::{
    amount::cents,
    figures::p99,
    http::{Answer, Call},
    market::{Buyer, Market},
    people::Person,
    waiting::{now, wait_for},
    world::World,
};
