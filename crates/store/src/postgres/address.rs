//! The URL of a database: where it is, how the connection is encrypted, and what of PostgreSQL may be used over it.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use tokio_postgres::config::{Config, Host, SslMode};

use crate::open_error::OpenError;

/// Connecting takes no longer, however a network fails.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that says nothing for so long is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A database's URL, read. Shows everything but the password.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
    /// Whether statements are prepared on the server: not through a pooler that gives each transaction another connection.
    pub(super) prepares: bool,
    /// Whether PostgreSQL's own settings must make a commit survive a power loss.
    pub(super) must_be_durable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// In plain text: loopback, sockets, or because the URL says so.
    Off,
    /// Encrypted, and the server's certificate checked, name and all: against these roots, or those that browsers trust.
    On { roots: Option<PathBuf> },
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?key=value`. Beside PostgreSQL's own keys: `sslmode` (`disable`,
    /// `require`, `verify-full`), `sslrootcert`, `prepare=off` for a pooler in transaction mode, `durability=unchecked`.
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(OpenError::Url("it starts with postgres://".into()));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut own = Own::default();
        let rest: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty()).map(|pair| own.take(pair)).filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let base = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        // Its error may repeat a part of the URL, and the password is one.
        let mut config: Config = base.parse().map_err(|_| OpenError::Url("it isn't of the form postgres://user:password@host:port/database".into()))?;
        if config.get_hosts().is_empty() {
            return Err(OpenError::Url("it names no host".into()));
        }
        let tls = match own.sslmode {
            Some(Mode::Disable) => Tls::Off,
            None if config.get_hosts().iter().all(is_here) => Tls::Off,
            Some(Mode::Encrypt) | None => Tls::On { roots: own.roots },
        };
        config.ssl_mode(if tls == Tls::Off { SslMode::Disable } else { SslMode::Require });
        config.connect_timeout(CONNECT_TIMEOUT).keepalives(true).keepalives_idle(KEEPALIVE);
        if config.get_application_name().is_none() {
            config.application_name("pingpost");
        }
        Ok(Self { config, tls, prepares: own.prepares.unwrap_or(true), must_be_durable: own.must_be_durable.unwrap_or(true) })
    }

    /// Where it is, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        let host = self.config.get_hosts().first().map_or("localhost".to_owned(), |host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{host}:{port}/{}", self.config.get_dbname().or(self.config.get_user()).unwrap_or_default())
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address").field("place", &self.place()).field("tls", &self.tls).finish_non_exhaustive()
    }
}

enum Mode {
    Disable,
    Encrypt,
}

/// The keys of the URL that the client doesn't know.
#[derive(Default)]
struct Own {
    sslmode: Option<Mode>,
    roots: Option<PathBuf>,
    prepares: Option<bool>,
    must_be_durable: Option<bool>,
}

impl Own {
    /// Takes a pair that is one of these; gives back every other.
    fn take<'a>(&mut self, pair: &'a str) -> Result<Option<&'a str>, OpenError> {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let wrong = |allowed: &str| Err(OpenError::Url(format!("{key} is {allowed}")));
        match (key, value) {
            ("sslmode", "disable") => self.sslmode = Some(Mode::Disable),
            ("sslmode", "require" | "verify-full" | "verify-ca") => self.sslmode = Some(Mode::Encrypt),
            ("sslmode", _) => return wrong("disable, require or verify-full"),
            ("sslrootcert", path) => self.roots = Some(path.replace("%2F", "/").replace("%2f", "/").into()),
            ("prepare", "on") => self.prepares = Some(true),
            ("prepare", "off") => self.prepares = Some(false),
            ("prepare", _) => return wrong("on or off"),
            ("durability", "checked") => self.must_be_durable = Some(true),
            ("durability", "unchecked") => self.must_be_durable = Some(false),
            ("durability", _) => return wrong("checked or unchecked"),
            _ => return Ok(Some(pair)),
        }
        Ok(None)
    }
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_encrypted_unless_it_stays_on_the_machine_or_the_url_says_so() {
        let tls = |url: &str| Address::parse(url).map(|address| address.tls);
        let on = || Ok(Tls::On { roots: None });
        for (url, expected) in [
            ("postgres://u:p@db.example/x", on()),
            ("postgres://u@10.0.0.7/x", on()),
            ("postgres://u@db.example/x?sslmode=require", on()),
            ("postgres://u@127.0.0.1/x?sslmode=verify-full", on()),
            ("postgres://u@db.example/x?sslmode=disable", Ok(Tls::Off)),
            ("postgres://u@127.0.0.1:5433/x", Ok(Tls::Off)),
            ("postgres://u@[::1]/x", Ok(Tls::Off)),
            ("postgres://u@localhost/x?application_name=a", Ok(Tls::Off)),
            ("postgres://u@%2Fvar%2Frun/x", Ok(Tls::Off)),
            ("postgres://u@localhost,db.example/x", on()),
            ("postgres://u@db.example/x?sslrootcert=%2Fa%2Fb.pem", Ok(Tls::On { roots: Some("/a/b.pem".into()) })),
        ] {
            assert_eq!(tls(url), expected, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_without_its_password() {
        for url in [
            "mysql://u:hunter2@h/x",
            "postgres://u:hunter2@h:port/x",
            "postgres://u:hunter2@h/x?sslmode=prefer",
            "postgres://u:hunter2@h/x?prepare=no",
            "postgres://u:hunter2@h/x?hunter2=1",
        ] {
            let error = Address::parse(url).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let address = Address::parse("postgres://u:hunter2@127.0.0.1:5433/exchange?prepare=off").unwrap();
        assert_eq!(address.place(), "127.0.0.1:5433/exchange");
        assert!(!format!("{address:?}").contains("hunter2") && !address.prepares);
    }
}
