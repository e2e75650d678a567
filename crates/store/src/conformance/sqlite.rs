//! SQLite on the bench, and what only a store in a file has.

use std::path::{Path, PathBuf};

use exchange::{command::Command, seal::MasterKey};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{
    Bench, conformance,
    world::{World, accept, at, master},
};
use crate::{Engine, OpenError, SqliteEngine, SqliteReader};

pub(super) struct InAFile {
    folder: TempDir,
}

impl InAFile {
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("pingpost.db")
    }

    /// Without a store yet.
    pub(super) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }
}

/// A store as the release of that version made it.
pub(super) fn migrated_to(path: &Path, version: usize) -> Connection {
    let db = Connection::open(path).unwrap();
    for migration in crate::sqlite::MIGRATIONS.iter().take(version) {
        db.execute_batch(migration).unwrap();
    }
    db.pragma_update(None, "user_version", version as i64).unwrap();
    db
}

impl Bench for InAFile {
    type Engine = SqliteEngine;
    type Reader = SqliteReader;
    const RANDOM_CASES: u32 = 48;

    fn fresh() -> Option<Self> {
        let bench = Self::empty();
        // Made once, so that a reader finds it.
        bench.engine();
        Some(bench)
    }

    fn engine(&self) -> SqliteEngine {
        SqliteEngine::open(&self.path(), &master()).unwrap()
    }

    fn reader(&self) -> SqliteReader {
        SqliteReader::open(&self.path()).unwrap()
    }

    fn holds_bytes(&self, bytes: &[u8]) -> bool {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }
}

conformance!(InAFile);

#[test]
fn another_master_key_is_refused() {
    let bench = InAFile::fresh().unwrap();
    let other = SqliteEngine::open(&bench.path(), &MasterKey::from_bytes([8; 32]));
    assert_eq!(other.unwrap_err(), OpenError::OtherMasterKey);
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    let bench = InAFile::fresh().unwrap();
    Connection::open(bench.path()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SqliteEngine::open(&bench.path(), &master()), Err(OpenError::Newer { found: 99, .. })));
    assert!(matches!(SqliteReader::open(&bench.path()), Err(OpenError::Newer { found: 99, .. })));
}

#[test]
fn a_reader_of_a_store_that_nobody_made_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    assert!(matches!(SqliteReader::open(&path), Err(OpenError::Sqlite(_))));
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (id)").unwrap();
    assert_eq!(SqliteReader::open(&path).unwrap_err(), OpenError::NotMade);
}

#[test]
fn a_reader_needs_no_engine_beside_it() {
    let bench = InAFile::fresh().unwrap();
    crate::Engine::apply(&mut bench.engine(), at("2026-06-01T16:00:00Z"), &[Command::Accept(accept(1))]).unwrap();
    assert_eq!(crate::Reader::leads(&mut bench.reader(), None, 10).unwrap().len(), 1);
}

#[test]
fn many_may_make_a_store_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pingpost.db");
    let opened: Vec<Result<(), OpenError>> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| SqliteEngine::open(&path, &master()).map(drop))).collect();
        opening.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(opened, vec![Ok(()); 8]);
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let mut world = World::new(InAFile::fresh().unwrap());
    let pages: u32 = world.engine.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    world.engine.db.pragma_update(None, "max_page_count", pages).unwrap();
    let batch: Vec<Command> = (0..200).map(|number| Command::Accept(accept(number))).collect();
    let error = world.engine.apply(world.now, &batch).unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    world.engine.db.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(crate::Reader::leads(&mut world.reader, None, 10).unwrap(), []);
    assert_eq!(world.accept(accept(1)), "Accepted");
}

#[test]
fn ledger_entries_stay_as_they_are() {
    let mut world = World::new(InAFile::fresh().unwrap());
    world.prepay("acme", 5);
    let db = Connection::open(world.bench.path()).unwrap();
    for sql in ["UPDATE entries SET amount = 1", "DELETE FROM entries", "UPDATE transfers SET note = ''", "DELETE FROM transfers"] {
        assert!(db.execute(sql, []).unwrap_err().to_string().contains("never"), "{sql}");
    }
}

#[test]
fn commits_are_durable_and_erased_bytes_overwritten() {
    let bench = InAFile::fresh().unwrap();
    let engine = bench.engine();
    let setting = |name: &str| engine.db.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    assert_eq!(setting("journal_mode"), rusqlite::types::Value::Text("wal".into()));
    // FULL
    assert_eq!(setting("synchronous"), rusqlite::types::Value::Integer(2));
    assert_eq!(setting("secure_delete"), rusqlite::types::Value::Integer(1));
    assert_eq!(setting("foreign_keys"), rusqlite::types::Value::Integer(1));
}

#[test]
fn a_store_of_an_older_program_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pingpost.db");
    let db = migrated_to(&path, 1);
    db.execute_batch(
        "INSERT INTO transfers VALUES ('prepayment', zeroblob(16), NULL, 'a wire', 7);
         INSERT INTO entries VALUES ('prepayment', zeroblob(16), 'buyer:acme', 5000000), ('prepayment', zeroblob(16), 'cash', -5000000);
         INSERT INTO balances VALUES ('buyer:acme', 0, 5000000), ('cash', 0, -5000000)",
    )
    .unwrap();
    assert_eq!(SqliteReader::open(&path).unwrap_err(), OpenError::NotMade);
    SqliteEngine::open(&path, &master()).unwrap();
    let mut reader = SqliteReader::open(&path).unwrap();
    assert_eq!(crate::Reader::undelivered_notices(&mut reader, 9).unwrap(), []);
    let moved = crate::Reader::movements(&mut reader, None, 9).unwrap();
    assert_eq!(moved.iter().map(|row| format!("{} {} {}", row.account, row.amount, row.state.word())).collect::<Vec<_>>(), ["buyer:acme 5.00 booked"]);
    assert_eq!(crate::Reader::audit(&mut reader).unwrap(), Vec::<String>::new());
    assert!(db.execute("DELETE FROM entries", []).unwrap_err().to_string().contains("never"), "the ledger stays as it is, after it was made anew, too");
}
