//! A market in a line or two, scripted buyers, a model of the store, and a driver in virtual time.

pub mod driver;
pub mod leads;
pub mod played;
pub mod player;
pub mod store;
pub mod world;

pub use driver::Exchange;
pub use leads::*;
pub use played::Played;
pub use player::{Player, bids, fixed, silent};
pub use store::Fault;
pub use world::{TierSpec, World, competitive, sequential};

use exchange::money::Money;

pub fn usd(text: &str) -> Money {
    Money::parse(text, 6).unwrap()
}
