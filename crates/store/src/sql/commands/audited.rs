//! A command that a person has asked for, written down with what it changed.

use exchange::{
    audit::Entry,
    command::{Audited, Command, Operation},
};

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
    },
    apply,
};

pub(super) fn audited(batch: &Batch<'_>, audited: &Audited) -> Result<Pending> {
    let is_said_again = stands_already(batch, &audited.command)?;
    let pending = apply(batch, &audited.command)?;
    let entry = match &pending {
        Pending::Ready(outcome) => Entry::of(&audited.command, outcome),
        // What is opened is said by the command alone.
        Pending::Revealed(_) => Entry::of(&audited.command, &exchange::command::Outcome::Done),
        Pending::Reserved { .. } => None,
    };
    if let Some(entry) = entry.filter(|_| !is_said_again) {
        let sql = "INSERT INTO audit_log (id, at, who, what, subject, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING";
        batch.db.write(sql, params![audited.id.bytes(), batch.now.micros(), &audited.who, entry.what, &entry.subject, &entry.note])?;
    }
    Ok(pending)
}

/// Whoever says once more what somebody has asked for or decided is told how it stands, and has changed nothing.
fn stands_already(batch: &Batch<'_>, command: &Command) -> Result<bool> {
    match command {
        Command::Operate(Operation::Move(asked)) => batch.db.exists("SELECT 1 FROM movements WHERE id = ?1", params![asked.id.bytes()]),
        Command::Operate(Operation::DecideMove(decided)) => {
            batch.db.exists("SELECT 1 FROM movements WHERE id = ?1 AND state <> 'waiting'", params![decided.id.bytes()])
        }
        _ => Ok(false),
    }
}
