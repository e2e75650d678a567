//! What goes wrong inside: never a refusal, always the end of the whole batch or read.

use exchange::{command::StoreUnknown, ledger::Unbalanced};

use crate::reader::ReadError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    /// What is stored contradicts itself.
    #[error("the store contradicts itself: {0}")]
    Broken(&'static str),
}

pub(super) type Result<T, E = Failure> = std::result::Result<T, E>;

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
