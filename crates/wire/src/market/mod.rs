//! Market files: a directory of TOML and lists, read into the exchange's market with every problem at once.
//!
//! A [`Bundle`] holds the files' texts; [`read`] turns it into [`MarketParts`](exchange::market::MarketParts);
//! [`diff`] tells what changes from one to the next; [`schema`] describes the files as JSON Schema. What a file may say is
//! stated once, as calls on [`keys::Keys`]: the same calls read a file, know its keys and describe them.

mod bundle;
mod lines;
mod nearest;
mod problem;
mod source;

mod keys;
mod nested;
mod values;

mod address;
mod alerts;
mod buyer;
mod context;
mod contract;
mod draft;
mod endpoint;
mod field;
mod inbound;
mod list;
mod mapping;
mod price;
mod self_service;
mod settings;
mod supplier;
mod tier;
mod tree;
mod vertical;

mod filter;

mod additions;
mod diff;
mod edit;
mod flat;
mod kept;
mod read;
mod schema;
mod terms;

pub use additions::{Addition, NotAdded, enlist, take_out};
pub use bundle::{Bundle, MAX_BYTES, Place};
pub use diff::{Change, Differing, What, diff, differing};
pub use edit::{Document, merged};
pub use kept::{keep, read_kept};
pub use mapping::presets;
pub use problem::{Problem, Severity};
pub use read::read;
pub use schema::schema;
pub use terms::{InFile, Term, TermKind, Thing, Unfit, of_buyers, set_changes};

#[cfg(test)]
mod tests;
