//! The console in a real browser: Chromium without a window, driven over chromedriver, against the built binary.
//!
//! One browser serves all tests, one after the other; each has an exchange of its own. Pictures of every page are written to
//! `target/screenshots`. Where Chromium is missing, `PINGPOST_TEST_BROWSER=skip` leaves these tests out.

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
    pub mod world;

    pub use self::{
        amount::cents,
        http::Call,
        market::{Buyer, Market},
        people::Person,
        waiting::wait_for,
        world::World,
    };
}

mod browser;
mod driver;
mod command;
mod faults;
mod contacts;
mod crawl;
mod demo;
mod people;
mod self_service;

mod buying;
mod leads;
mod live;
mod market;
mod masking;
mod money;
mod pictures;
