//! Drafts of the market: kept, changed and dropped by whoever may change the market.

use exchange::{
    command::{KeepDraft, Outcome},
    id::DraftId,
};

use super::super::{
    batch::{Batch, Pending},
    column::integer,
    db::params,
    failure::Result,
};

/// So many drafts are kept at a time.
const MOST: u64 = 200;

pub(super) fn keep(batch: &Batch<'_>, draft: &KeepDraft) -> Result<Pending> {
    let found = batch.db.one("SELECT version FROM drafts WHERE id = ?1", params![draft.id.bytes()], |row| row.value::<u64>(0))?;
    if found.unwrap_or_default() != draft.version {
        return Ok(Pending::conflict("the draft was changed or ended meanwhile"));
    }
    let version = draft.version + 1;
    let fields = params![draft.id.bytes(), integer(draft.base.0), draft.files.as_slice(), &draft.author, &draft.note, integer(version), batch.now.micros()];
    if found.is_some() {
        batch.db.write("UPDATE drafts SET base = ?2, files = ?3, author = ?4, note = ?5, version = ?6, changed_at = ?7 WHERE id = ?1", fields)?;
        return Ok(Pending::Ready(Outcome::DraftKept(version)));
    }
    let kept = batch.db.one("SELECT count(*) FROM drafts", params![], |row| row.value::<u64>(0))?.unwrap_or_default();
    if kept >= MOST {
        return Ok(Pending::conflict(format!("there are {MOST} drafts: drop some first")));
    }
    batch.db.write("INSERT INTO drafts (id, base, files, author, note, version, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", fields)?;
    Ok(Pending::Ready(Outcome::DraftKept(version)))
}

/// Once more is the same as once.
pub(super) fn drop(batch: &Batch<'_>, draft: DraftId) -> Result<Pending> {
    delete(batch, draft)?;
    Ok(Pending::done())
}

pub(super) fn delete(batch: &Batch<'_>, draft: DraftId) -> Result<()> {
    batch.db.write("DELETE FROM drafts WHERE id = ?1", params![draft.bytes()])
}
