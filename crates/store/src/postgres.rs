//! The store in PostgreSQL, which any number of nodes share. What commands do is in `sql`; here is how they are kept apart.
//!
//! A batch is one transaction at READ COMMITTED. Before it reads anything it locks, in one order, a row for every person,
//! lead, key, ping, record and buyer that its commands check or change ([`locks`]); so batches that have anything in common
//! take turns, and each statement sees what the turn before has committed. What waits for no contract takes no lock of one.

mod address;
mod clock;
mod copy;
mod encryption;
mod engine;
mod locks;
mod migrate;
mod open;
mod reader;
mod session;
mod types;
mod wanted;

pub use address::Address;
pub use clock::Clock;
pub use copy::{CopiedTable, CopyError, Moving};
pub use engine::PostgresEngine;
pub use open::migrate_postgres;
pub use reader::PostgresReader;
#[cfg(test)]
pub(crate) use {migrate::MIGRATIONS, open::migrate_soon};
