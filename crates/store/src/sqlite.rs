//! The embedded store: one SQLite file in WAL mode. One engine writes at a time; readers never wait for it.

mod backup;
mod connection;
mod engine;
mod integrity;
mod migrate;
mod open;
mod reader;

pub use backup::{backup, check_backup};
pub use engine::SqliteEngine;
#[cfg(test)]
pub(crate) use migrate::MIGRATIONS;
pub(crate) use open::{for_moving, mark_moved, moved_to};
pub use open::{is_older, version_of};
pub use reader::SqliteReader;
