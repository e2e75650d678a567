//! Revisions, keys, suppression lists.

use exchange::id::{KeyId, Revision};
use rusqlite::{Connection, Row};

use super::super::{
    column::{Columns, integer},
    failure::Result,
    query::Query,
};
use crate::rows::{KeyRow, RevisionRow};

pub(in crate::sqlite) fn newest_revision(db: &Connection) -> Result<Option<Revision>> {
    db.one("SELECT revision FROM markets ORDER BY revision DESC LIMIT 1", [], |row| row.value(0))
}

pub(in crate::sqlite) fn bundle(db: &Connection, revision: Revision) -> Result<Option<Vec<u8>>> {
    db.one("SELECT bundle FROM markets WHERE revision = ?1", [integer(revision.0)], |row| row.get(0))
}

pub(in crate::sqlite) fn revisions(db: &Connection) -> Result<Vec<RevisionRow>> {
    db.all("SELECT revision, applied_at, length(bundle) FROM markets ORDER BY revision DESC", [], |row| {
        Ok(RevisionRow { revision: row.value(0)?, applied_at: row.value(1)?, bytes: row.value(2)? })
    })
}

pub(in crate::sqlite) fn key_by_id(db: &Connection, key: KeyId) -> Result<Option<KeyRow>> {
    db.one("SELECT id, role, hash, added_at, revoked_at FROM api_keys WHERE id = ?1", [key.bytes()], key_row)
}

pub(in crate::sqlite) fn keys(db: &Connection) -> Result<Vec<KeyRow>> {
    db.all("SELECT id, role, hash, added_at, revoked_at FROM api_keys ORDER BY added_at, id", [], key_row)
}

fn key_row(row: &Row<'_>) -> rusqlite::Result<KeyRow> {
    Ok(KeyRow { id: row.value(0)?, role: row.packed(1)?, hash: row.get(2)?, added_at: row.value(3)?, revoked_at: row.optional(4)? })
}

pub(in crate::sqlite) fn suppression_lists(db: &Connection) -> Result<Vec<(String, u64)>> {
    db.all("SELECT list, count(*) FROM suppressed GROUP BY list ORDER BY list", [], |row| Ok((row.get(0)?, row.value(1)?)))
}

pub(in crate::sqlite) fn data_version(db: &Connection) -> Result<u64> {
    Ok(db.one("PRAGMA data_version", [], |row| row.value(0))?.unwrap_or_default())
}
