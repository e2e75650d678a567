//! Brings the tables to the present form: numbered files, each applied once. Nodes that start at the same time take turns.

use std::{thread, time::Duration};

use super::session::Session;
use crate::{
    open_error::OpenError,
    sql::{
        db::{Db, params},
        failure::{Failure, Result},
    },
};

/// The migrations in their order: the first makes version 1.
pub(crate) const MIGRATIONS: [&str; 14] = [
    include_str!("../../migrations/postgres/0001_exchange.sql"),
    include_str!("../../migrations/postgres/0002_notices.sql"),
    include_str!("../../migrations/postgres/0003_movements.sql"),
    include_str!("../../migrations/postgres/0004_search.sql"),
    include_str!("../../migrations/postgres/0005_figures.sql"),
    include_str!("../../migrations/postgres/0006_alerts.sql"),
    include_str!("../../migrations/postgres/0007_quotes_in_one_row.sql"),
    include_str!("../../migrations/postgres/0008_console.sql"),
    include_str!("../../migrations/postgres/0009_history.sql"),
    include_str!("../../migrations/postgres/0010_drafts.sql"),
    include_str!("../../migrations/postgres/0011_accounts.sql"),
    include_str!("../../migrations/postgres/0012_buyer_pings.sql"),
    include_str!("../../migrations/postgres/0013_quote_records.sql"),
    include_str!("../../migrations/postgres/0014_entries_by_time.sql"),
];

pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// Two that make the first table at once: one of them is told that it exists, and looks again.
const TRIES: usize = 5;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A node that has ended is taken for one that lives until its last word is over, ten seconds at most: a while longer.
const LOOKS: u32 = 30;

/// Applies what is missing once no node lives any more, and says which version was found.
pub(super) fn migrate(session: &Session) -> Result<i64, OpenError> {
    migrate_within(session, LOOKS)
}

/// A node of an older program can't book on tables of a newer form: it would post leads, and not be able to write down what became of them.
pub(super) fn migrate_within(session: &Session, looks: u32) -> Result<i64, OpenError> {
    for look in 1.. {
        match once(session)? {
            Some(found) => return Ok(found),
            None if look >= looks => break,
            None => thread::sleep(LOOK_EVERY),
        }
    }
    Err(OpenError::IsServed)
}

/// None while a node lives.
fn once(session: &Session) -> Result<Option<i64>, OpenError> {
    let mut tried = Ok(Some(0));
    for _ in 0..TRIES {
        tried = found_and_mended(session);
        match &tried {
            Ok(Some(found)) if !(0..=NEWEST).contains(found) => return Err(OpenError::Newer { found: *found, known: NEWEST }),
            Ok(_) | Err(Failure::Lost(_)) => break,
            Err(_) => {}
        }
    }
    tried.map_err(|failure| OpenError::of_postgres(&failure))
}

fn found_and_mended(session: &Session) -> Result<Option<i64>> {
    if present(session)? == NEWEST {
        return Ok(Some(NEWEST));
    }
    session.script("CREATE TABLE IF NOT EXISTS meta (name TEXT NOT NULL PRIMARY KEY, value BYTEA NOT NULL)")?;
    session.script("INSERT INTO meta (name, value) VALUES ('version', '0') ON CONFLICT (name) DO NOTHING")?;
    // Every row of a large store may be written anew.
    session.begin_long("ISOLATION LEVEL READ COMMITTED");
    let mended = mend(session);
    match mended {
        Ok(found) => session.commit().map(|()| found).map_err(|uncommitted| uncommitted.failure()),
        Err(failure) => {
            session.roll_back();
            Err(failure)
        }
    }
}

/// The version's row is the lock: whoever comes second finds it done.
fn mend(session: &Session) -> Result<Option<i64>> {
    let found = locked_version(session)?;
    if (1..NEWEST).contains(&found) && is_served(session)? {
        return Ok(None);
    }
    if (0..NEWEST).contains(&found) {
        for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
            session.script(migration)?;
        }
        session.write("UPDATE meta SET value = ?1 WHERE name = 'version'", params![NEWEST.to_string().as_bytes()])?;
    }
    Ok(Some(found))
}

fn is_served(session: &Session) -> Result<bool> {
    let db: &dyn Db = session;
    let sql = "SELECT EXISTS (SELECT 1 FROM nodes WHERE lives_until > CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT))";
    Ok(db.one(sql, params![], |row| row.value::<bool>(0))?.unwrap_or_default())
}

fn locked_version(session: &Session) -> Result<i64> {
    let db: &dyn Db = session;
    let value = db.one("SELECT value FROM meta WHERE name = 'version' FOR UPDATE", params![], |row| row.value::<Vec<u8>>(0))?;
    read(value)
}

/// The version that the tables are at: 0 before the first migration.
fn present(session: &Session) -> Result<i64> {
    let db: &dyn Db = session;
    let is_there = db.one("SELECT to_regclass('meta') IS NOT NULL", params![], |row| row.value::<bool>(0))?;
    if is_there != Some(true) {
        return Ok(0);
    }
    read(db.one("SELECT value FROM meta WHERE name = 'version'", params![], |row| row.value::<Vec<u8>>(0))?)
}

fn read(value: Option<Vec<u8>>) -> Result<i64> {
    match value {
        None => Ok(0),
        Some(bytes) => std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()).ok_or(Failure::Column),
    }
}

/// The version, or that it is a newer program's.
pub(super) fn version(session: &Session) -> Result<i64, OpenError> {
    let found = present(session).map_err(|failure| OpenError::of_postgres(&failure))?;
    if (0..=NEWEST).contains(&found) { Ok(found) } else { Err(OpenError::Newer { found, known: NEWEST }) }
}
