//! Reveal: who looks at a contact without buying it, and why, is journalled first. Only the commit gives the permission.

use exchange::id::Subject;
use rusqlite::params;

use super::super::{
    batch::{Batch, Pending},
    column::subject_columns,
    failure::Result,
    query::Query,
};

pub(super) fn reveal(batch: &Batch<'_>, subject: &Subject, who: &str, why: &str) -> Result<Pending> {
    let (kind, id) = subject_columns(subject);
    if !batch.db.exists("SELECT 1 FROM sealed WHERE kind = ?1 AND id = ?2", params![kind, id])? {
        return Ok(Pending::conflict(format!("nothing is kept of {subject}")));
    }
    let sql = "INSERT INTO reveals (kind, subject, who, why, revealed_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    batch.db.change(sql, params![kind, id, who, why, batch.now.micros()])?;
    Ok(Pending::Revealed(*subject))
}
