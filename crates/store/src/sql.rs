//! The exchange's tables, whichever database they are in: what each command checks and writes, and what readers ask.
//!
//! An engine brings a [`db::Db`], begins and commits; everything between is here, once.

pub(crate) mod db;

mod accounts;
mod balances;
pub(crate) mod apply;
pub(crate) mod batch;
mod column;
mod commands;
pub(crate) mod failure;
mod lead_state;
mod notices;
mod quote_holds;
mod quote_record;
mod read;
pub(crate) mod reader;
mod sealed;
pub(crate) mod sweep;
mod usage;

pub(crate) use read::audit::audit;
