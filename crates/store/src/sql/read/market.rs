//! Revisions, keys, suppression lists.

use exchange::id::{DraftId, KeyId, Revision};

use super::super::{
    column::integer,
    db::{Db, Row, params},
    failure::Result,
};
use crate::rows::{DraftRow, KeyRow, RevisionRow};

pub(in crate::sql) fn newest_revision(db: &dyn Db) -> Result<Option<Revision>> {
    db.one("SELECT revision FROM markets ORDER BY revision DESC LIMIT 1", params![], |row| row.value(0))
}

pub(in crate::sql) fn bundle(db: &dyn Db, revision: Revision) -> Result<Option<Vec<u8>>> {
    db.one("SELECT bundle FROM markets WHERE revision = ?1", params![integer(revision.0)], |row| row.value(0))
}

pub(in crate::sql) fn kept_market(db: &dyn Db, revision: Revision) -> Result<Option<Vec<u8>>> {
    db.one("SELECT kept FROM markets WHERE revision = ?1", params![integer(revision.0)], |row| row.value(0))
}

pub(in crate::sql) fn revisions(db: &dyn Db) -> Result<Vec<RevisionRow>> {
    db.all(&format!("{REVISIONS} ORDER BY revision DESC"), params![], revision_row)
}

pub(in crate::sql) fn recent_revisions(db: &dyn Db, most: u32) -> Result<Vec<RevisionRow>> {
    db.all(&format!("{REVISIONS} ORDER BY revision DESC LIMIT ?1"), params![most], revision_row)
}

const REVISIONS: &str = "SELECT revision, applied_at, length(bundle), author, note FROM markets";

fn revision_row(row: &Row) -> Result<RevisionRow> {
    Ok(RevisionRow { revision: row.value(0)?, applied_at: row.value(1)?, bytes: row.value(2)?, author: row.value(3)?, note: row.value(4)? })
}

/// The newest first.
pub(in crate::sql) fn drafts(db: &dyn Db) -> Result<Vec<DraftRow>> {
    db.all(&format!("{DRAFTS} ORDER BY changed_at DESC, id"), params![], draft_row)
}

pub(in crate::sql) fn draft(db: &dyn Db, draft: DraftId) -> Result<Option<DraftRow>> {
    db.one(&format!("{DRAFTS} WHERE id = ?1"), params![draft.bytes()], draft_row)
}

const DRAFTS: &str = "SELECT id, base, files, author, note, version, changed_at FROM drafts";

fn draft_row(row: &Row) -> Result<DraftRow> {
    Ok(DraftRow {
        id: row.value(0)?,
        base: row.value(1)?,
        files: row.value(2)?,
        author: row.value(3)?,
        note: row.value(4)?,
        version: row.value(5)?,
        changed_at: row.value(6)?,
    })
}

pub(in crate::sql) fn key_by_id(db: &dyn Db, key: KeyId) -> Result<Option<KeyRow>> {
    db.one("SELECT id, role, hash, added_at, revoked_at FROM api_keys WHERE id = ?1", params![key.bytes()], key_row)
}

pub(in crate::sql) fn keys(db: &dyn Db) -> Result<Vec<KeyRow>> {
    db.all("SELECT id, role, hash, added_at, revoked_at FROM api_keys ORDER BY added_at, id", params![], key_row)
}

fn key_row(row: &Row) -> Result<KeyRow> {
    Ok(KeyRow { id: row.value(0)?, role: row.packed(1)?, hash: row.value(2)?, added_at: row.value(3)?, revoked_at: row.value(4)? })
}

pub(in crate::sql) fn suppression_lists(db: &dyn Db) -> Result<Vec<(String, u64)>> {
    db.all("SELECT list, count(*) FROM suppressed GROUP BY list ORDER BY list", params![], |row| Ok((row.value(0)?, row.value(1)?)))
}
