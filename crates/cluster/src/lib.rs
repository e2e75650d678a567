//! A throw-away PostgreSQL for tests: never the machine's own, on a free port of loopback, gone when the test binary is.
//!
//! Its programs come from Debian's package `postgresql` (or from `PINGPOST_POSTGRES_BIN`). A guard process stops the cluster
//! and removes its files as soon as the tests' process has ended, however it ended.

mod guard;
mod port;
mod programs;

use std::{
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use guard::Guard;
pub use port::free_port;
use programs::Programs;

/// The variable that lets tests pass without PostgreSQL where it says `skip`.
pub const VARIABLE: &str = "PINGPOST_TEST_POSTGRES";

/// Settings that make a cluster fast and a power loss the end of it: for tests that don't end PostgreSQL.
pub const FAST: [&str; 3] = ["fsync=off", "full_page_writes=off", "max_connections=300"];

/// A running PostgreSQL.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    databases: AtomicU32,
    /// Ends it.
    _guard: Guard,
}

/// The cluster of this test binary, started by the first that asks. None where tests are told to skip it; panics where
/// PostgreSQL is missing and nobody said so.
pub fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(&FAST)).as_ref()
}

impl Cluster {
    /// A cluster of its own, with settings like `fsync=off`. None where tests are told to skip it.
    #[must_use]
    pub fn start(settings: &[&str]) -> Option<Self> {
        let Some(programs) = Programs::find() else {
            assert!(
                std::env::var(VARIABLE).as_deref() == Ok("skip"),
                "PostgreSQL is missing: install Debian's package postgresql, or set PINGPOST_POSTGRES_BIN to the folder of its programs, \
                 or {VARIABLE}=skip to leave these tests out"
            );
            eprintln!("SKIPPED: PostgreSQL is missing, and {VARIABLE}=skip");
            return None;
        };
        let folder = programs.new_folder();
        programs.run("initdb", &["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "-D", &text(&folder.join("data"))]);
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let guard = Guard::of(&programs, &folder);
        let mut cluster = Self { programs, folder, port: 0, settings, databases: AtomicU32::new(0), _guard: guard };
        // Another process may take the port between its choice and its use.
        let started = (0..5).any(|_| {
            cluster.port = free_port();
            cluster.try_start_again()
        });
        assert!(started, "PostgreSQL doesn't start: {}", cluster.log());
        Some(cluster)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An empty database of its own, dropped with the value.
    pub fn database(&self) -> Database<'_> {
        self.database_like("template0")
    }

    /// A copy of a database that nobody is connected to.
    pub fn database_like(&self, template: &str) -> Database<'_> {
        let name = format!("story_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Database { cluster: self, name }
    }

    /// Runs a statement as the superuser, and gives what it prints: columns apart by `|`, no header.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let port = self.port.to_string();
        self.programs.run("psql", &["-qAtX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", database, "-c", statement])
    }

    /// Stops it: `fast` rolls back what is open, `immediate` is like a crash.
    pub fn stop(&self, mode: &str) {
        self.programs.run("pg_ctl", &["-w", "-D", &text(&self.folder.join("data")), "-m", mode, "stop"]);
    }

    /// Starts it again on the same port, after [`Cluster::stop`].
    pub fn start_again(&self) {
        assert!(self.try_start_again(), "PostgreSQL doesn't start again: {}", self.log());
    }

    fn try_start_again(&self) -> bool {
        let mut options = format!("-p {} -c listen_addresses=127.0.0.1 -k {}", self.port, text(&self.folder));
        for setting in &self.settings {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let arguments = ["-w", "-D", &text(&self.folder.join("data")), "-l", &text(&self.folder.join("log")), "-o", &options, "start"];
        self.programs.try_run("pg_ctl", &arguments).is_ok()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Whether the bytes are anywhere in its files.
    pub fn holds_bytes(&self, bytes: &[u8]) -> bool {
        holds_bytes(&self.folder.join("data"), bytes)
    }
}

/// A database of one test.
#[derive(Debug)]
pub struct Database<'c> {
    cluster: &'c Cluster,
    name: String,
}

impl Database<'_> {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// For pingpost: where the cluster isn't durable, the URL says that this is meant.
    #[must_use]
    pub fn url(&self) -> String {
        let durability = if self.cluster.settings.iter().any(|setting| setting == "fsync=off") { "?durability=unchecked" } else { "" };
        format!("postgres://postgres@127.0.0.1:{}/{}{durability}", self.cluster.port, self.name)
    }

    /// Runs a statement in it, as [`Cluster::sql`] does.
    pub fn sql(&self, statement: &str) -> String {
        self.cluster.sql(&self.name, statement)
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let port = self.cluster.port.to_string();
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A cluster that a test has stopped takes its databases with it.
        drop(self.cluster.programs.try_run("psql", &["-qAtX", "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", "postgres", "-c", &statement]));
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn holds_bytes(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        // A file may go while it is looked at.
        if path.is_dir() { holds_bytes(&path, bytes) } else { std::fs::read(&path).is_ok_and(|file| file.windows(bytes.len()).any(|window| window == bytes)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_serves_stops_and_starts_again() {
        let Some(cluster) = Cluster::start(&FAST) else { return };
        let database = cluster.database();
        database.sql("CREATE TABLE t (a INT)");
        database.sql("INSERT INTO t VALUES (7)");
        assert_eq!(database.sql("SELECT a FROM t").trim(), "7");
        cluster.stop("fast");
        cluster.start_again();
        assert_eq!(database.sql("SELECT a FROM t").trim(), "7");
        let name = database.name().to_owned();
        drop(database);
        assert_eq!(cluster.sql("postgres", &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")).trim(), "0");
    }

    /// The guard's work is done when it has ended: nothing is waited for longer.
    #[test]
    fn a_cluster_leaves_nothing_behind() {
        let Some(cluster) = Cluster::start(&FAST) else { return };
        let folder = cluster.folder.clone();
        let Cluster { _guard: guard, .. } = cluster;
        guard.end();
        assert!(!folder.exists());
    }
}
