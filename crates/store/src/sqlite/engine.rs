//! The engine: a batch of commands in one transaction.

use std::path::{Path, PathBuf};

use exchange::{
    changes::{Changes, Others},
    command::{Command, Engine, Outcome, StoreUnknown},
    seal::MasterKey,
    time::Timestamp,
};
use rusqlite::{Connection, TransactionBehavior};

use super::{open, reader::SqliteReader};
use crate::{
    open_error::OpenError,
    sql::{
        apply,
        batch::{Batch, Pending},
        db::{Db, params},
        failure::Failure,
        sweep,
    },
};

/// One engine writes at a time, so no balance needs more than one slot.
const SLOT: i64 = 0;

/// Writes a store in a SQLite file. Engines of several processes may have the same file open: their batches take turns.
#[derive(Debug)]
pub struct SqliteEngine {
    pub(crate) db: Connection,
    path: PathBuf,
    /// Something was erased, and old pages of it may still be in the write-ahead log.
    purge_due: bool,
    /// As SQLite counted the commits of other connections at the batch before.
    others_version: Option<i64>,
    changes: Changes,
}

impl SqliteEngine {
    /// Opens the store at `path`, and makes it there where it is missing.
    pub fn open(path: &Path, master: &MasterKey) -> Result<Self, OpenError> {
        let db = open::writer(path, master)?;
        // Whoever erased something last may have stopped before it was purged.
        let mut engine = Self { db, path: path.to_owned(), purge_due: true, others_version: None, changes: Changes::none() };
        engine.purge();
        Ok(engine)
    }

    /// Whether nothing that was erased is left in old pages, as far as this engine's last batch could see.
    #[must_use]
    pub fn is_purged(&self) -> bool {
        !self.purge_due
    }

    /// Another reader of the same store.
    pub fn reader(&self) -> Result<SqliteReader, OpenError> {
        SqliteReader::open(&self.path)
    }

    fn write(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Pending>, StoreUnknown> {
        let not_written = |error: rusqlite::Error| StoreUnknown::from(Failure::from(error));
        // On every early return the transaction is dropped, and with that rolled back.
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(not_written)?;
        let db: &dyn Db = &*transaction;
        let batch = Batch::new(db, now);
        let expired = sweep::expired_quotes(db, now)?;
        let others_version = db.one(OTHERS_VERSION, params![], |row| row.value::<i64>(0))?;
        let pending = apply::apply(&batch, &expired, commands, SLOT)?;
        let steps = batch.take_changes();
        if batch.has_erased() {
            transaction.execute(REMEMBER_PURGE, []).map_err(not_written)?;
        }
        let marks = db.all(MARKS, params![], |row| row.value::<String>(0))?;
        if marks.iter().any(|mark| mark == "moved_to") {
            return Err(StoreUnknown::NotWritten("the store was moved to a database while this process had it open".into()));
        }
        // Another process may have erased, and ended before it could purge.
        self.purge_due |= !marks.is_empty();
        transaction.commit().map_err(|error| StoreUnknown::CommitUnknown(error.to_string()))?;
        let others = if others_version == self.others_version { Others::None } else { Others::Wrote };
        self.others_version = others_version;
        self.changes = Changes { others, steps };
        Ok(pending)
    }

    /// Moves the write-ahead log into the file and empties it. A reader in the middle of something puts it off to the next
    /// batch, and no batch waits for one.
    fn purge(&mut self) {
        if self.purge_due {
            let busy = open::without_waiting(&self.db, |db| (db as &dyn Db).one("PRAGMA wal_checkpoint(TRUNCATE)", params![], |row| row.value::<i64>(0)));
            self.purge_due = !matches!(busy, Ok(Some(0)));
            if !self.purge_due && self.db.execute(FORGET_PURGE, []).is_err() {
                // It is purged once more after the next batch.
                self.purge_due = true;
            }
        }
    }
}

/// Kept in the store, so that whichever process writes next purges.
const REMEMBER_PURGE: &str = "INSERT OR REPLACE INTO meta (name, value) VALUES ('purge_due', x'01')";
const MARKS: &str = "SELECT name FROM meta WHERE name IN ('purge_due', 'moved_to')";
/// Changes with every commit of another connection, and with none of this one's own.
const OTHERS_VERSION: &str = "PRAGMA data_version";
const FORGET_PURGE: &str = "DELETE FROM meta WHERE name = 'purge_due'";

impl Engine for SqliteEngine {
    fn apply(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown> {
        let pending = self.write(now, commands)?;
        self.purge();
        Ok(pending.into_iter().map(Pending::after_commit).collect())
    }

    fn take_changes(&mut self) -> Changes {
        std::mem::replace(&mut self.changes, Changes::none())
    }
}
