//! The reader: a read-only connection of its own, which neither waits for the engine nor holds it up.

use std::path::Path;

use rusqlite::Connection;

use super::{integrity, open};
use crate::{
    open_error::OpenError,
    rows::Difference,
    sql::{
        db::Db,
        failure::Result,
        reader::{RowReader, Snapshot},
    },
};

/// Operations of SQLite between two pauses: some microseconds.
const OPERATIONS: i32 = 25;

pub type SqliteReader = RowReader<Connection>;

impl SqliteReader {
    /// Opens the store at `path`, which an engine has made before.
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        Ok(Self(open::reader(path)?))
    }

    /// The same with something that is done again and again while it reads.
    pub fn open_pausing(path: &Path, pause: fn()) -> std::result::Result<Self, OpenError> {
        let mut db = open::reader(path)?;
        let and_go_on = move || {
            pause();
            false
        };
        db.progress_handler(OPERATIONS, Some(and_go_on))?;
        Ok(Self(db))
    }
}

impl Snapshot for Connection {
    fn at_once<T>(&mut self, mut read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        let transaction = self.transaction()?;
        let found = read(&*transaction)?;
        transaction.finish()?;
        Ok(found)
    }

    fn damaged(&mut self) -> Result<Vec<Difference>> {
        Ok(integrity::damaged(self)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use exchange::seal::MasterKey;

    use super::*;
    use crate::SqliteEngine;

    #[test]
    fn a_long_read_pauses_again_and_again() {
        static PAUSES: AtomicU32 = AtomicU32::new(0);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("exchange.db");
        drop(SqliteEngine::open(&path, &MasterKey::from_bytes([7; 32])).unwrap());
        let reader = SqliteReader::open_pausing(&path, || _ = PAUSES.fetch_add(1, Ordering::Relaxed)).unwrap();
        let before = PAUSES.load(Ordering::Relaxed);
        let sql = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000) SELECT max(n) FROM numbers";
        assert_eq!(reader.0.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 10_000);
        assert!(PAUSES.load(Ordering::Relaxed) - before > 100);
    }
}
