//! Opening a database: what must hold before anything is done with it.

use std::{path::Path, sync::Arc};

use exchange::seal::MasterKey;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{address::Address, migrate, session::Session};
use crate::{
    open_error::OpenError,
    sql::{
        db::{Db, params},
        failure::{Failure, Result},
    },
};

/// The connection of an engine: brings the tables to the present form, and checks that they are this exchange's.
pub(super) fn writer(address: &Address, master: &MasterKey) -> Result<Session, OpenError> {
    let session = checked(address)?;
    migrate::migrate(&session)?;
    check_master(&session, master).map_err(|failure| of(&failure))?.then_some(session).ok_or(OpenError::OtherMasterKey)
}

/// The connection of a reader: of tables that an engine has made before.
pub(super) fn reader(address: &Address) -> Result<Session, OpenError> {
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
        found.map_err(|failure| of(&failure))
    };
    let number = setting("server_version_num")?.and_then(|text| text.parse::<i64>().ok());
    // Other engines that speak the protocol count their own versions.
    let is_postgres =
        db.one("SELECT version()", params![], |row| row.value::<String>(0)).map_err(|failure| of(&failure))?.is_some_and(|text| text.starts_with("PostgreSQL"));
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

pub(super) fn of(failure: &Failure) -> OpenError {
    OpenError::Postgres(failure.to_string())
}

/// TLS that checks the server's name and certificate.
pub(super) fn encryption(roots: Option<&Path>) -> Result<MakeRustlsConnect, OpenError> {
    let wrong = |path: &Path, why: String| OpenError::Url(format!("sslrootcert {}: {why}", path.display()));
    let mut store = RootCertStore::empty();
    match roots {
        None => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(path, error.to_string()))? {
                let certificate = certificate.map_err(|error| wrong(path, error.to_string()))?;
                store.add(certificate).map_err(|error| wrong(path, error.to_string()))?;
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| OpenError::Postgres(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(store).with_no_client_auth()))
}
