//! Opening the store that a command works on. It is made where it is missing, and so is its master key.

use std::path::{Path, PathBuf};

use clap::Args;
use exchange::{
    command::{Command, Engine, Operation, Outcome},
    id::Revision,
    market::Market,
    seal::MasterKey,
};
use store::SqliteEngine;

use super::{Failure, master_key};
use crate::{clock, market_bundle, readers::Readers, screen::notice};

/// Where the exchange's data are.
#[derive(Clone, Debug, Args)]
pub struct StoreArgs {
    /// The directory of the embedded store; made where it is missing
    #[arg(long, value_name = "DIR", env = "PINGPOST_DATA")]
    pub data: Option<PathBuf>,
    /// A PostgreSQL database: not in this version yet, and refused
    #[arg(long, value_name = "URL", env = "PINGPOST_DATABASE", conflicts_with = "data", hide_env_values = true)]
    pub database: Option<String>,
    /// A file with the master key; otherwise PINGPOST_MASTER_KEY, otherwise DIR/master.key
    #[arg(long, value_name = "FILE")]
    pub master_key: Option<PathBuf>,
    /// Says nothing of what it makes: the demo's data go when it ends.
    #[arg(skip)]
    pub is_temporary: bool,
}

/// A store that a command may write to and read from, beside a running `serve`.
pub struct Opened {
    pub engine: SqliteEngine,
    pub readers: Readers,
    pub master: MasterKey,
}

impl StoreArgs {
    pub fn in_directory(data: PathBuf) -> Self {
        Self { data: Some(data), database: None, master_key: None, is_temporary: false }
    }

    pub fn open(&self) -> Result<Opened, Failure> {
        let directory = self.directory()?;
        make_directory(&directory)?;
        let master = master_key::find(self.master_key.as_deref(), &directory, !self.is_temporary)?;
        let path = directory.join("exchange.db");
        make_private(&path)?;
        let engine = SqliteEngine::open(&path, &master).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        Ok(Opened { engine, readers: Readers::new(path), master })
    }

    pub fn directory(&self) -> Result<PathBuf, Failure> {
        match (&self.data, &self.database) {
            (Some(data), _) => Ok(data.clone()),
            (None, Some(_)) => Err(Failure("this version keeps its data in the embedded store only: use --data DIR instead of --database".into())),
            (None, None) => Err(Failure("say where the data are: --data DIR".into())),
        }
    }
}

/// Readable by its owner alone.
pub fn make_directory(directory: &Path) -> Result<(), Failure> {
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| Failure(format!("{} can't be made: {error}", directory.display())))?;
    notice(&format!("made {}", directory.display()));
    Ok(())
}

/// The store is its owner's alone, whatever its directory allows; SQLite gives its other files the same mode.
pub fn make_private(path: &Path) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

impl Opened {
    /// Applies one command by itself.
    pub fn apply(&mut self, command: Command) -> Result<Outcome, Failure> {
        let mut outcomes = self.engine.apply(clock::now(), &[command]).map_err(Failure::of)?;
        outcomes.pop().ok_or_else(|| Failure("the store gave no answer".into()))
    }

    pub fn operate(&mut self, operation: Operation) -> Result<Outcome, Failure> {
        self.apply(Command::Operate(operation))
    }

    /// The newest market; none before the first `apply`.
    pub fn market(&self) -> Result<Option<Market>, Failure> {
        match self.newest_bundle()? {
            Some((revision, bytes)) => market_bundle::parse(revision, &bytes).map(Some).map_err(Failure::of),
            None => Ok(None),
        }
    }

    /// Tells this store from every other: when its first market was applied. None before that.
    pub fn identity(&self) -> Result<Option<String>, Failure> {
        let revisions = self.readers.read_here(|reader| reader.revisions()).map_err(Failure::of)?;
        Ok(revisions.last().map(|first| first.applied_at.micros().to_string()))
    }

    pub fn newest_bundle(&self) -> Result<Option<(Revision, Vec<u8>)>, Failure> {
        let read = self.readers.read_here(|reader| {
            let Some(revision) = reader.newest_revision()? else { return Ok(None) };
            Ok(reader.bundle(revision)?.map(|bytes| (revision, bytes)))
        });
        read.map_err(Failure::of)
    }
}
