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
/// A node says every two seconds that it lives, and so within ten of the time that its database comes back: if nobody has said so for twelve, all have ended.
const QUIET_LOOKS: u32 = 24;
const LOOKS: u32 = 3 * QUIET_LOOKS;

/// Applies what is missing once all nodes have ended, and says which version was found.
pub(super) fn migrate(session: &Session) -> Result<i64, OpenError> {
    migrate_within(session, QUIET_LOOKS, LOOKS)
}

/// A node of an older program can't book on tables of a newer form: it would post leads, and not be able to write down what became of them.
pub(super) fn migrate_within(session: &Session, quiet: u32, looks: u32) -> Result<i64, OpenError> {
    let (mut heard, mut since) = (None, 0);
    for _ in 0..=looks {
        let said = nodes(session).map_err(|failure| OpenError::of_postgres(&failure))?;
        since = if heard.as_ref() == Some(&said) { since + 1 } else { 0 };
        if (said.is_empty() || since >= quiet)
            && let Some(found) = once(session, &said)?
        {
            return Ok(found);
        }
        heard = Some(said);
        thread::sleep(LOOK_EVERY);
    }
    Err(OpenError::IsServed)
}

/// The nodes of an older version's tables, and until when each said that it lives.
type Said = Vec<(Vec<u8>, i64)>;

fn nodes(session: &Session) -> Result<Said> {
    if (1..NEWEST).contains(&present(session)?) { said(session) } else { Ok(Vec::new()) }
}

fn said(session: &Session) -> Result<Said> {
    let db: &dyn Db = session;
    db.all("SELECT id, lives_until FROM nodes ORDER BY id", params![], |row| Ok((row.value(0)?, row.value(1)?)))
}

/// None where a node has said something since.
fn once(session: &Session, heard: &Said) -> Result<Option<i64>, OpenError> {
    let mut tried = Ok(Some(0));
    for _ in 0..TRIES {
        tried = found_and_mended(session, heard);
        match &tried {
            Ok(Some(found)) if !(0..=NEWEST).contains(found) => return Err(OpenError::Newer { found: *found, known: NEWEST }),
            Ok(_) | Err(Failure::Lost(_)) => break,
            Err(_) => {}
        }
    }
    tried.map_err(|failure| OpenError::of_postgres(&failure))
}

fn found_and_mended(session: &Session, heard: &Said) -> Result<Option<i64>> {
    if present(session)? == NEWEST {
        return Ok(Some(NEWEST));
    }
    session.script("CREATE TABLE IF NOT EXISTS meta (name TEXT NOT NULL PRIMARY KEY, value BYTEA NOT NULL)")?;
    session.script("INSERT INTO meta (name, value) VALUES ('version', '0') ON CONFLICT (name) DO NOTHING")?;
    // Every row of a large store may be written anew.
    session.begin_long("ISOLATION LEVEL READ COMMITTED");
    let mended = mend(session, heard);
    match mended {
        Ok(Some(found)) => session.commit().map(|()| Some(found)).map_err(|uncommitted| uncommitted.failure()),
        unmended => {
            session.roll_back();
            unmended
        }
    }
}

/// The version's row is the lock: whoever comes second finds it done.
fn mend(session: &Session, heard: &Said) -> Result<Option<i64>> {
    let found = locked_version(session)?;
    let is_served = || -> Result<bool> { Ok((1..NEWEST).contains(&found) && said(session)? != *heard) };
    if is_served()? {
        return Ok(None);
    }
    if (0..NEWEST).contains(&found) {
        for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
            session.script(migration)?;
        }
        session.write("UPDATE meta SET value = ?1 WHERE name = 'version'", params![NEWEST.to_string().as_bytes()])?;
    }
    // It may have taken minutes, in which a node of the older program was started.
    if is_served()? { Ok(None) } else { Ok(Some(found)) }
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
