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

/// What is said of one that isn't any more what somebody looked at.
pub(super) const CHANGED: &str = "the draft was changed or ended meanwhile";

pub(super) fn keep(batch: &Batch<'_>, draft: &KeepDraft) -> Result<Pending> {
    let found = version(batch, draft.id)?;
    if found.unwrap_or_default() != draft.version {
        return Ok(Pending::conflict(CHANGED));
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

fn version(batch: &Batch<'_>, draft: DraftId) -> Result<Option<u64>> {
    batch.db.one("SELECT version FROM drafts WHERE id = ?1", params![draft.bytes()], |row| row.value::<u64>(0))
}

/// Whether it is there, and is what it was at this version.
pub(super) fn is_at(batch: &Batch<'_>, draft: DraftId, at: u64) -> Result<bool> {
    Ok(version(batch, draft)? == Some(at))
}

/// Once more is the same as once.
pub(super) fn drop(batch: &Batch<'_>, draft: DraftId, at: u64) -> Result<Pending> {
    if version(batch, draft)?.is_some_and(|version| version != at) {
        return Ok(Pending::conflict(CHANGED));
    }
    end(batch, draft, at)?;
    Ok(Pending::done())
}

/// It is no draft any more, as it was at this version: what was changed since stays one.
pub(super) fn end(batch: &Batch<'_>, draft: DraftId, at: u64) -> Result<()> {
    batch.db.write("DELETE FROM drafts WHERE id = ?1 AND version = ?2", params![draft.bytes(), integer(at)])
}
