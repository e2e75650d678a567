//! Opening the file: what every connection is set to, and what must hold before anything is done with it.

use std::{path::Path, time::Duration};

use exchange::seal::MasterKey;
use rusqlite::{Connection, OpenFlags, OptionalExtension, config::DbConfig};

use super::migrate;
use crate::open_error::OpenError;

/// Up to 3.51.2, SQLite could corrupt a WAL that one connection reset while another wrote.
const OLDEST_SQLITE: i32 = 3_051_003;

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// For another process that makes the tables, or brings those of a large store to the present form.
const OPENING_TIMEOUT: Duration = Duration::from_secs(60);

/// A quote with ten offers fits into a page of its table; in a smaller one, each would take a page of its own besides.
const PAGE_BYTES: i64 = 8192;
/// The write-ahead log is moved into the file when it has so many pages: pages that every batch writes are moved once for many.
const CHECKPOINT_PAGES: i64 = 4000;
/// In KiB, for an engine.
const CACHE_KIB: i64 = 32 * 1024;

/// More statements than the crate has, so that each is prepared once a connection.
const STATEMENTS: usize = 256;

/// The connection of an engine: makes the file where it is missing, and brings it to the present version.
pub(super) fn writer(path: &Path, master: &MasterKey) -> Result<Connection, OpenError> {
    check_sqlite()?;
    let mut db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db)?;
    db.busy_timeout(OPENING_TIMEOUT)?;
    migrate::version(&db)?;
    // Of a file that is made now; one that is there keeps its own.
    db.pragma_update(None, "page_size", PAGE_BYTES)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // A commit that was acknowledged survives a power loss.
    db.pragma_update(None, "synchronous", "FULL")?;
    // What is erased is overwritten, not just forgotten.
    db.pragma_update(None, "secure_delete", true)?;
    migrate::migrate(&mut db)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    check_master(&db, master)?;
    match moved_to(&db)? {
        None => Ok(db),
        Some(place) => Err(OpenError::Moved(place)),
    }
}

/// The version that the store in a file is of: 0 where there is none yet.
pub fn version_of(path: &Path) -> Result<i64, OpenError> {
    if !path.exists() {
        return Ok(0);
    }
    migrate::version(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

/// Whether an engine of this program would bring the store in a file to another form.
pub fn is_older(path: &Path) -> Result<bool, OpenError> {
    Ok((1..migrate::NEWEST).contains(&version_of(path)?))
}

/// The connection that copies a store as it is, of this version or an older one.
pub(super) fn source(path: &Path) -> Result<Connection, OpenError> {
    check_sqlite()?;
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db)?;
    if migrate::version(&db)? == 0 {
        return Err(OpenError::NotMade);
    }
    match moved_to(&db)? {
        Some(place) => Err(OpenError::Moved(place)),
        None => Ok(db),
    }
}

/// The connection that moves a store away. One that was marked as moved by a copy that didn't come to its end may be moved again.
pub(crate) fn for_moving(path: &Path, master: &MasterKey) -> Result<Connection, OpenError> {
    check_sqlite()?;
    let mut db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    migrate::migrate(&mut db)?;
    check_master(&db, master)?;
    Ok(db)
}

/// From here on the store is used no longer; or again, where `place` is None.
pub(crate) fn mark_moved(db: &Connection, place: Option<&str>) -> Result<(), OpenError> {
    match place {
        None => db.execute("DELETE FROM meta WHERE name = 'moved_to'", [])?,
        Some(place) => db.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('moved_to', ?1)", [place.as_bytes()])?,
    };
    Ok(())
}

/// Where the store was moved to by `copy`.
pub(crate) fn moved_to(db: &Connection) -> Result<Option<String>, OpenError> {
    let place: Option<Vec<u8>> = db.query_row("SELECT value FROM meta WHERE name = 'moved_to'", [], |row| row.get(0)).optional()?;
    Ok(place.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The connection of a reader: of a store that an engine has made before.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    check_sqlite()?;
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&db)?;
    if migrate::version(&db)? == migrate::NEWEST { Ok(db) } else { Err(OpenError::NotMade) }
}

fn configure(db: &Connection) -> Result<(), OpenError> {
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "foreign_keys", true)?;
    // A statement's plan depends on no value that is bound to it. Otherwise each new value has SQLite compile the statement again,
    // wherever a table has an index of a part of its rows.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Sorting never writes to a file that nobody would erase.
    db.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// Does something that is better not done than waited for.
pub(super) fn without_waiting<T>(db: &Connection, act: impl FnOnce(&Connection) -> T) -> T {
    let waits = |time| db.busy_timeout(time).is_ok();
    waits(Duration::ZERO);
    let result = act(db);
    waits(BUSY_TIMEOUT);
    result
}

fn check_sqlite() -> Result<(), OpenError> {
    if rusqlite::version_number() >= OLDEST_SQLITE { Ok(()) } else { Err(OpenError::OldSqlite(rusqlite::version().to_owned())) }
}

/// A new store remembers its master key by a check value; an old one must have been made with the same key.
fn check_master(db: &Connection, master: &MasterKey) -> Result<(), OpenError> {
    let value = master.check_value();
    db.execute("INSERT INTO meta (name, value) VALUES ('master_check', ?1) ON CONFLICT DO NOTHING", [value])?;
    let stored: Option<[u8; 16]> = db.query_row("SELECT value FROM meta WHERE name = 'master_check'", [], |row| row.get(0)).optional()?;
    if stored == Some(value) { Ok(()) } else { Err(OpenError::OtherMasterKey) }
}
