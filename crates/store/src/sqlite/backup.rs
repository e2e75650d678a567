//! Backups: one file that is the whole store as of one moment, taken while an engine writes.

use std::{path::Path, time::Duration};

use exchange::seal::MasterKey;
use rusqlite::{Connection, OpenFlags, OptionalExtension, backup::Backup};

use super::{integrity, migrate, open};
use crate::open_error::OpenError;

/// All pages in one step: the copy is one read of one moment, which no writer waits for and none makes start again.
const ALL_PAGES: i32 = i32::MAX;
const PAUSE_WHEN_BUSY: Duration = Duration::from_millis(20);

/// Copies the store at `from` into the file at `to`, which must be new or empty, checks the copy and has it synced. It needs
/// nothing beside it to be opened. A store of an older version stays one, and so does its copy.
pub fn backup(from: &Path, to: &Path) -> Result<(), OpenError> {
    let source = open::source(from)?;
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    copy.pragma_update(None, "synchronous", "FULL")?;
    Backup::new(&source, &mut copy)?.run_to_completion(ALL_PAGES, PAUSE_WHEN_BUSY, None)?;
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    undamaged(&copy)?;
    copy.close().map_err(|(_, error)| error.into())
}

/// Whether a file is an undamaged store that this program can open with this key. Changes nothing in it.
pub fn check_backup(path: &Path, master: &MasterKey) -> Result<(), OpenError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let found = migrate::version(&db)?;
    let has_meta: bool = db.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", [], |row| row.get(0))?;
    if found == 0 || !has_meta {
        return Err(OpenError::NotAStore);
    }
    let kept: Option<[u8; 16]> = db.query_row("SELECT value FROM meta WHERE name = 'master_check'", [], |row| row.get(0)).optional()?;
    if kept != Some(master.check_value()) {
        return Err(OpenError::OtherMasterKey);
    }
    undamaged(&db)
}

fn undamaged(db: &Connection) -> Result<(), OpenError> {
    match integrity::damaged(db)?.first() {
        None => Ok(()),
        Some(first) => Err(OpenError::Damaged(format!("{}: {}", first.what, first.row))),
    }
}
