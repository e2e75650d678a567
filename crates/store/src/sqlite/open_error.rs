//! Why a store can't be opened.

/// Why a store can't be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the store can't be opened: {0}")]
    Sqlite(String),
    #[error("SQLite {0} may corrupt a store; 3.51.3 or later is needed")]
    OldSqlite(String),
    #[error("the store is of version {found}, and this program knows up to {known}: a newer pingpost made it")]
    Newer { found: i64, known: i64 },
    #[error("the store has not been made yet")]
    NotMade,
    #[error("this is no store of pingpost")]
    NotAStore,
    #[error("the file is damaged: {0}")]
    Damaged(String),
    #[error("the store was made with another master key")]
    OtherMasterKey,
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error.to_string())
    }
}
