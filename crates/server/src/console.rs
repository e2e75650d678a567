//! The console: pages for people who sign in. Operators see the exchange, a buyer and a supplier each their own world.
//!
//! One page is one file: its handler, what it shows (a view with a template in `templates/console/`), and a test that renders it
//! from sample data. `routes.rs` lists all pages with the permission that each takes; `gate.rs` stands before all of them.

mod routes;

// Before any page: who asks, and whether it may.
mod gate;
mod way;
mod visitor;
mod sessions;
mod door;
mod codes;
mod cookie;
mod form;

// What pages are made of.
mod frame;
mod navigation;
mod components;
mod headers;
mod failed;
mod reply;
mod change;

// The pages.
mod live;
mod alerts;
mod money;
mod entrance;
mod leads;
mod lead;
mod sign_in;
mod welcome;
mod market;
mod buying;
mod supplying;
mod account;
mod people;
mod audit;
mod design;

pub use self::{
    door::Door,
    market::LookedAt,
    routes::routes,
    sessions::{hash_of, new_token},
};
