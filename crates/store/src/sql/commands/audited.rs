//! A command that a person has asked for, written down with what it changed.

use exchange::{audit::Entry, command::Audited};

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
    },
    apply,
};

pub(super) fn audited(batch: &Batch<'_>, audited: &Audited) -> Result<Pending> {
    let pending = apply(batch, &audited.command)?;
    let entry = match &pending {
        Pending::Ready(outcome) => Entry::of(&audited.command, outcome),
        // What is opened is said by the command alone.
        Pending::Revealed(_) => Entry::of(&audited.command, &exchange::command::Outcome::Done),
        Pending::Reserved { .. } => None,
    };
    if let Some(entry) = entry {
        let sql = "INSERT INTO audit_log (id, at, who, what, subject, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING";
        batch.db.write(sql, params![audited.id.bytes(), batch.now.micros(), &audited.who, entry.what, &entry.subject, &entry.note])?;
    }
    Ok(pending)
}
