//! The embedded store: one SQLite file in WAL mode. One engine writes at a time; readers never wait for it.

mod accounts;
mod batch;
mod column;
mod commands;
mod engine;
mod failure;
mod lead_state;
mod migrate;
mod open;
mod open_error;
mod query;
mod quote_holds;
mod read;
mod reader;
mod sweep;
mod usage;

pub use engine::SqliteEngine;
pub use open_error::OpenError;
pub use reader::SqliteReader;
