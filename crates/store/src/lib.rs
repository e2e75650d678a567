//! The engines that apply the exchange's commands durably, and the readers of what they wrote. The only crate that names SQL.
//!
//! An engine writes: one transaction a batch, each command checked before it writes. A reader reads, beside the engine and
//! without holding it up. Both are traits without a database's types, and one conformance suite runs on every
//! implementation: SQLite, embedded, and PostgreSQL, which many nodes may share.

mod open_error;
mod policy;
mod postgres;
mod reader;
mod rows;
mod search;
mod sql;
mod sqlite;
mod writer;

#[cfg(test)]
mod conformance;

pub use exchange::command::Engine;
pub use open_error::OpenError;
pub use policy::{CLAIM_KEPT, EXCHANGE_LIST, FIRM_QUOTES_PER_SUPPLIER, IDEMPOTENCY_KEYS_KEPT};
pub use postgres::{Address, Clock, CopiedTable, CopyError, Moving, PostgresEngine, PostgresReader, migrate_postgres};
pub use reader::{ReadError, Reader};
pub use rows::{
    AccountRow, AlertRow, AuditRow, BookedRow, CauseTotal, Checked, Difference, DisclosureRow, DraftRow, DueAlertRow, KeyRow, LeadRow, LedgerRow, LinkRow,
    MovementRow, NoticeRow, PersonRow, PingAnswer, QuoteRow, ReturnRow, ReturnStatus, RevealRow, RevisionRow, SaleRow, SaleStatus, SessionRow, Statement,
    StatementLine, StatementPage, StatementPlace, Tallies, UnknownRow,
};
pub use search::{LeadFilter, ListedLead, ListedSale, Named};
pub use sqlite::{SqliteEngine, SqliteReader, backup, check_backup, is_older as sqlite_is_older, version_of as sqlite_version};
pub use writer::{Attendant, Writer};
