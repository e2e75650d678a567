//! Who signs in to the console, and who changed what.

use exchange::{
    id::{AuditId, PersonName},
    person::{SESSION_IDLE, TokenHash},
    time::Timestamp,
};

use super::super::{
    db::{Db, Row, params},
    failure::Result,
};
use crate::rows::{AuditRow, LinkRow, PersonRow, SessionRow};

const PEOPLE: &str = "SELECT name, role, email, password, codes, recovery, proof, added_at, disabled_at,
    (SELECT max(seen_at) FROM console_sessions WHERE person = name) FROM console_people";

pub(in crate::sql) fn person(db: &dyn Db, person: &PersonName) -> Result<Option<PersonRow>> {
    db.one(&format!("{PEOPLE} WHERE name = ?1"), params![person.as_str()], person_row)
}

pub(in crate::sql) fn people(db: &dyn Db) -> Result<Vec<PersonRow>> {
    db.all(&format!("{PEOPLE} ORDER BY name"), params![], person_row)
}

fn person_row(row: &Row) -> Result<PersonRow> {
    let codes = if row.value::<Option<Vec<u8>>>(4)?.is_some() { Some(row.packed(4)?) } else { None };
    let recovery: Vec<[u8; 32]> = row.packed(5)?;
    Ok(PersonRow {
        name: row.value(0)?,
        role: row.value(1)?,
        email: row.value(2)?,
        password: row.value(3)?,
        codes,
        recovery: recovery.into_iter().map(TokenHash).collect(),
        proof: row.value(6)?,
        added_at: row.value(7)?,
        disabled_at: row.value(8)?,
        seen_at: row.value(9)?,
    })
}

/// A link that opens something now.
pub(in crate::sql) fn link(db: &dyn Db, now: Timestamp, token: TokenHash) -> Result<Option<LinkRow>> {
    let sql = "SELECT console_links.person, console_people.role, console_links.kind FROM console_links
        JOIN console_people ON console_people.name = console_links.person
        WHERE console_links.token = ?1 AND console_links.ends_at > ?2 AND console_people.disabled_at IS NULL";
    db.one(sql, params![&token.0, now.micros()], |row| Ok(LinkRow { person: row.value(0)?, role: row.value(1)?, kind: row.value(2)? }))
}

const SESSIONS: &str = "SELECT console_sessions.token, console_sessions.person, console_people.role, console_sessions.started_at, console_sessions.seen_at,
    console_sessions.ends_at FROM console_sessions JOIN console_people ON console_people.name = console_sessions.person
    WHERE console_people.disabled_at IS NULL AND console_sessions.ends_at > ?1 AND console_sessions.seen_at > ?2";

/// A session that goes on now.
pub(in crate::sql) fn session(db: &dyn Db, now: Timestamp, token: TokenHash) -> Result<Option<SessionRow>> {
    let sql = format!("{SESSIONS} AND console_sessions.token = ?3");
    db.one(&sql, params![now.micros(), now.minus(SESSION_IDLE).micros(), &token.0], session_row)
}

pub(in crate::sql) fn sessions_of(db: &dyn Db, now: Timestamp, person: &PersonName) -> Result<Vec<SessionRow>> {
    let sql = format!("{SESSIONS} AND console_sessions.person = ?3 ORDER BY console_sessions.started_at DESC, console_sessions.token");
    db.all(&sql, params![now.micros(), now.minus(SESSION_IDLE).micros(), person.as_str()], session_row)
}

fn session_row(row: &Row) -> Result<SessionRow> {
    Ok(SessionRow {
        token: TokenHash(row.value(0)?),
        person: row.value(1)?,
        role: row.value(2)?,
        started_at: row.value(3)?,
        seen_at: row.value(4)?,
        ends_at: row.value(5)?,
    })
}

/// Newest first, from the one before `before` on.
pub(in crate::sql) fn audit_log(db: &dyn Db, before: Option<(Timestamp, AuditId)>, most: u32) -> Result<Vec<AuditRow>> {
    let (at, id) = before.map_or((i64::MAX, AuditId::from_bytes([255; 16])), |(at, id)| (at.micros(), id));
    let sql = "SELECT id, at, who, what, subject, note FROM audit_log WHERE at < ?1 OR (at = ?1 AND id < ?2) ORDER BY at DESC, id DESC LIMIT ?3";
    db.all(sql, params![at, id.bytes(), most], |row| {
        Ok(AuditRow { id: row.value(0)?, at: row.value(1)?, who: row.value(2)?, what: row.value(3)?, subject: row.value(4)?, note: row.value(5)? })
    })
}
