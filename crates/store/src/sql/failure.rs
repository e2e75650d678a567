//! What goes wrong inside: never a refusal, always the end of the whole batch or read.

use exchange::{command::StoreUnknown, ledger::Unbalanced};

use crate::reader::ReadError;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database's own words. They name tables and constraints, never a value.
    #[error("{0}")]
    Database(String),
    /// Other transactions wanted the same at the same time: the whole may be tried again.
    #[error("the database gave up on a conflict: {0}")]
    Contended(String),
    #[error("the connection to the database is lost: {0}")]
    Lost(String),
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    #[error("a column doesn't hold what it should")]
    Column,
    /// What is stored contradicts itself.
    #[error("the store contradicts itself: {0}")]
    Broken(&'static str),
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<Failure> for StoreUnknown {
    /// Before the commit every failure means that nothing was written.
    fn from(failure: Failure) -> Self {
        Self::NotWritten(failure.to_string())
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        Self(failure.to_string())
    }
}
