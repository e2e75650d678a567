//! The exchange while everything around it fails: it is killed, the power goes, the database stops, a thousand ask for the last one.
//!
//! Real processes, real HTTP, a load of suppliers that repeat what got no answer, and buyers that keep books of their own. At the
//! end of every harness all books are compared. Each prints its seed and its figures; see them with `--nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on fails")]

#[path = "../http/support"]
#[allow(dead_code, reason = "shared with the tests over HTTP, which use all of it")]
mod support {
    pub mod amount;
    pub mod http;
    pub mod market;
    pub mod people;
    pub mod process;
    pub mod waiting;

    pub use self::{
        amount::cents,
        http::Call,
        market::{Buyer, Market},
        people::Person,
        waiting::{now, wait_at_most, wait_for},
    };
}

mod backup;
mod books;
mod buyers;
mod crowd;
mod draw;
mod exchange;
mod kill;
mod outage;
mod power;

mod suppliers;
mod world;
