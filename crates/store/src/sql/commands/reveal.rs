//! Reveal: who looks at a contact without buying it, and why, is journalled first. Only the commit gives the permission.

use exchange::id::Subject;

use super::super::{
    batch::{Batch, Pending},
    column::subject_columns,
    db::params,
    failure::Result,
};

pub(super) fn reveal(batch: &Batch<'_>, subject: &Subject, who: &str, why: &str) -> Result<Pending> {
    let (kind, id) = subject_columns(subject);
    let sql = match subject {
        Subject::Ping(_) => "SELECT 1 FROM quotes WHERE ping = ?1 AND sealed IS NOT NULL",
        Subject::Lead(_) => "SELECT 1 FROM sealed WHERE lead = ?1",
    };
    if !batch.db.exists(sql, params![id])? {
        return Ok(Pending::conflict(format!("nothing is kept of {subject}")));
    }
    let sql = "INSERT INTO reveals (kind, subject, number, who, why, revealed_at)
        SELECT ?1, ?2, count(*) + 1, ?3, ?4, ?5 FROM reveals WHERE kind = ?1 AND subject = ?2";
    batch.db.write(sql, params![kind, id, who, why, batch.now.micros()])?;
    Ok(Pending::Revealed(*subject))
}
