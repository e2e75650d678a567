//! The simulator: the same flow and the same store as the server's, in virtual time, under faults, from one seed.
//!
//! A world (`world`) has suppliers, buyers, operators and one to three nodes over one real store. An oracle (`model`), a naive
//! second exchange, sees what was asked and answered and what each buyer wrote into its own book, and checks the
//! invariants after every commit. A campaign lives through many worlds, each twice.

// What a world is drawn from.
mod setup;
mod random;
mod rates;
mod market;
mod people;

// Who lives in it.
mod buyers;
mod books;

// What happens, and where it is kept.
mod agenda;
mod journal;
mod storage;

// What must hold, and what was reached.
mod invariant;
mod model;
mod row;
mod tally;

#[cfg(feature = "planted")]
mod planted;
#[cfg(feature = "planted")]
pub use planted::Plant;
#[cfg(feature = "planted")]
use planted::seams;
#[cfg(not(feature = "planted"))]
mod seams;

mod world;
mod campaign;

pub use campaign::{Campaign, ENOUGH_WORLDS, Failed, Report, live_twice, shrink};
pub use invariant::{Broken, Invariant};
pub use rates::Rates;
pub use row::{Row, Rows};
pub use setup::Setup;
pub use storage::{NoStorage, Stores};
pub use tally::Tally;
pub use world::{Ended, live};
