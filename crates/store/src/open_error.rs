//! Why a store can't be opened.

use crate::sql::failure::Failure;

/// Why a store can't be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the store can't be opened: {0}")]
    Sqlite(String),
    #[error("SQLite {0} may corrupt a store; 3.51.3 or later is needed")]
    OldSqlite(String),
    #[error("the store is of version {found}, and this program knows up to {known}: a newer pingpost made it")]
    Newer { found: i64, known: i64 },
    #[error("a node serves this store by an older version of pingpost, or another program brings it to a new form just now: end every node, then try again")]
    IsServed,
    #[error("the store has not been made yet")]
    NotMade,
    #[error("this is no store of pingpost")]
    NotAStore,
    #[error("the file is damaged: {0}")]
    Damaged(String),
    #[error("the store was moved to {0}, and is no longer used: name that with --database")]
    Moved(String),
    #[error("the store was made with another master key")]
    OtherMasterKey,
    #[error("the database's URL can't be used: {0}")]
    Url(String),
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    #[error("the database can't be opened: {0}")]
    Postgres(String),
    #[error("PostgreSQL {0} is too old: 15 or later is needed")]
    OldPostgres(String),
    #[error(
        "PostgreSQL runs with {0} = off, and would lose what it acknowledged when the power goes: set it on (or, for tests, add durability=unchecked to the URL)"
    )]
    NotDurable(String),
}

impl OpenError {
    pub(crate) fn of_postgres(failure: &Failure) -> Self {
        Self::Postgres(failure.to_string())
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error.to_string())
    }
}
