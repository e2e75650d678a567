//! Opening a database: what must hold before anything is done with it.

use exchange::seal::MasterKey;

use super::{address::Address, migrate, session::Session};
use crate::{
    open_error::OpenError,
    sql::{
        db::{Db, params},
        failure::Result,
    },
};

/// Brings a database to the present form, and says which version it was of and is of now.
pub fn migrate_postgres(address: &Address) -> Result<(i64, i64), OpenError> {
    Ok((migrate::migrate(&checked(address)?)?, migrate::NEWEST))
}

/// The same with less patience: the version that it was of.
#[cfg(test)]
pub(crate) fn migrate_soon(address: &Address) -> Result<i64, OpenError> {
    migrate::migrate_within(&checked(address)?, 2, 4)
}

/// The connection of an engine: brings the tables to the present form, and checks that they are this exchange's.
pub(super) fn writer(address: &Address, master: &MasterKey) -> Result<Session, OpenError> {
    let session = checked(address)?;
    migrate::migrate(&session)?;
    check_master(&session, master).map_err(|failure| OpenError::of_postgres(&failure))?.then_some(session).ok_or(OpenError::OtherMasterKey)
}

/// A connection to tables that an engine has made before. Also each time that a connection was lost: a newer program may have changed
/// them meanwhile, and this one then does nothing more.
pub(super) fn known(address: &Address) -> Result<Session, OpenError> {
    let session = Session::connect(address)?;
    match migrate::version(&session)? {
        migrate::NEWEST => Ok(session),
        _ => Err(OpenError::NotMade),
    }
}

/// A connection to a PostgreSQL that is new enough and keeps what it commits.
pub(super) fn checked(address: &Address) -> Result<Session, OpenError> {
    const OLDEST: i64 = 150_000;
    let session = Session::connect(address)?;
    let db: &dyn Db = &session;
    let setting = |name: &str| {
        let found = db.one("SELECT setting FROM pg_settings WHERE name = ?1", params![name], |row| row.value::<String>(0));
        found.map_err(|failure| OpenError::of_postgres(&failure))
    };
    let number = setting("server_version_num")?.and_then(|text| text.parse::<i64>().ok());
    // Other engines that speak the protocol count their own versions.
    let is_postgres = db
        .one("SELECT version()", params![], |row| row.value::<String>(0))
        .map_err(|failure| OpenError::of_postgres(&failure))?
        .is_some_and(|text| text.starts_with("PostgreSQL"));
    if is_postgres && number.is_some_and(|number| number < OLDEST) {
        return Err(OpenError::OldPostgres(setting("server_version")?.unwrap_or_default()));
    }
    for name in ["fsync", "full_page_writes"] {
        if address.must_be_durable && setting(name)?.is_some_and(|value| value == "off") {
            return Err(OpenError::NotDurable(name.into()));
        }
    }
    Ok(session)
}

/// New tables remember their master key by a check value; old ones must have been made with the same key.
fn check_master(session: &Session, master: &MasterKey) -> Result<bool> {
    let (db, value): (&dyn Db, _) = (session, master.check_value());
    db.change("INSERT INTO meta (name, value) VALUES ('master_check', ?1) ON CONFLICT (name) DO NOTHING", params![&value])?;
    Ok(db.one("SELECT value FROM meta WHERE name = 'master_check'", params![], |row| row.value::<[u8; 16]>(0))? == Some(value))
}
