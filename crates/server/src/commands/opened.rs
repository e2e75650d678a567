//! Opening the store that a command works on. Only commands that begin an exchange make one where it is missing.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use clap::{
    ArgMatches, Args, FromArgMatches,
    error::{Error, ErrorKind},
    parser::ValueSource,
};
use exchange::{
    command::{Command, Engine, Operation, Outcome},
    id::Revision,
    market::Market,
    seal::MasterKey,
};
use store::{Address, OpenError};
use wire::market::Bundle;

use super::{Failure, at_command_line, master_key};
use crate::{
    audited::audited,
    clock,
    market_bundle::{self, Stored},
    place::{AnyEngine, Place},
    readers::Readers,
    screen::notice,
};

/// Where the exchange's data are: at most one place of the two.
#[derive(Clone, Debug)]
pub struct StoreArgs {
    pub data: Option<PathBuf>,
    pub database: Option<String>,
    pub master_key: Option<PathBuf>,
    /// Says nothing of what it makes: the demo's data go when it ends.
    pub is_temporary: bool,
}

/// What may be said of it, by flags and by the environment.
#[derive(Args)]
struct Said {
    /// The directory of the embedded store
    #[arg(long, value_name = "DIR", env = "PINGPOST_DATA")]
    data: Option<PathBuf>,
    /// A PostgreSQL database, which several nodes may share: postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "URL", env = "PINGPOST_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// A file with the master key; otherwise PINGPOST_MASTER_KEY, otherwise (with --data) DIR/master.key
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
}

impl Args for StoreArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        Said::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Said::augment_args_for_update(command)
    }
}

impl FromArgMatches for StoreArgs {
    /// A flag goes before the environment, whichever of the two places either names.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let said = Said::from_arg_matches(matches)?;
        let is_flag = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        let (data, database) = match (said.data, said.database) {
            (Some(data), Some(database)) => match (is_flag("data"), is_flag("database")) {
                (true, false) => (Some(data), None),
                (false, true) => (None, Some(database)),
                (true, true) => return Err(Error::raw(ErrorKind::ArgumentConflict, "--data and --database name two places: say one\n")),
                (false, false) => {
                    return Err(Error::raw(
                        ErrorKind::ArgumentConflict,
                        "PINGPOST_DATA and PINGPOST_DATABASE name two places: unset one, or say --data or --database\n",
                    ));
                }
            },
            one => one,
        };
        Ok(Self { data, database, master_key: said.master_key, is_temporary: false })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

const STORE_FILE: &str = "exchange.db";

/// A store that a command may write to and read from, beside a running `serve`.
pub struct Opened {
    pub engine: AnyEngine,
    pub readers: Readers,
    pub master: MasterKey,
}

impl StoreArgs {
    pub fn in_directory(data: PathBuf) -> Self {
        Self { data: Some(data), database: None, master_key: None, is_temporary: false }
    }

    /// Opens a store that is there. A directory without one is a mistyped one: an empty store would answer that nothing is known.
    pub fn open(&self) -> Result<Opened, Failure> {
        if let Some(data) = &self.data {
            store_in(data)?;
        }
        self.open_or_make()
    }

    /// Makes the store, and its master key, where they are missing.
    pub fn open_or_make(&self) -> Result<Opened, Failure> {
        match (&self.data, &self.database) {
            (Some(data), _) => self.open_embedded(data),
            (None, Some(url)) => self.open_database(url),
            (None, None) => Err(Failure("say where the data are: --data DIR, or --database URL".into())),
        }
    }

    /// The master key is given, never made: nodes that made each its own could not read each other's contacts.
    fn open_database(&self, url: &str) -> Result<Opened, Failure> {
        let address = Address::parse(url).map_err(Failure::of)?;
        let master = master_key::given(self.master_key.as_deref())?.ok_or_else(|| {
            Failure("a database needs its master key said: --master-key FILE or PINGPOST_MASTER_KEY; make one with `pingpost master-key new --out FILE`".into())
        })?;
        Self::at(Place::Postgres(Arc::new(address)), master)
    }

    fn at(place: Place, master: MasterKey) -> Result<Opened, Failure> {
        let engine = place.engine(&master).map_err(|error| Failure(format!("{place}: {error}")))?;
        Ok(Opened { engine, readers: Readers::new(place), master })
    }

    fn open_embedded(&self, directory: &Path) -> Result<Opened, Failure> {
        make_directory(directory)?;
        let master = master_key::find(self.master_key.as_deref(), directory, !self.is_temporary)?;
        let path = directory.join(STORE_FILE);
        make_private(&path)?;
        // A node of an older program can't book on a store of a newer form: none runs, and none starts meanwhile.
        let _alone = alone_with(directory, &path)?;
        Self::at(Place::Embedded(Arc::new(path)), master)
    }
}

/// The file of a store that is there.
pub fn store_in(data: &Path) -> Result<PathBuf, Failure> {
    let path = data.join(STORE_FILE);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure(format!("{} holds no store: name the --data that `serve` runs on, or make one with `pingpost apply`", data.display())))
}

/// What a node keeps locked as long as it runs on a directory's store.
pub const LOCK_FILE: &str = "serve.lock";

/// Whoever only looks hinders nobody else who does.
pub fn is_served(directory: &Path) -> bool {
    File::open(directory.join(LOCK_FILE)).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Of those that find an older store at the same time, one brings it up to date and the others wait for that: so often, and so long between two looks.
const LOOKS: u32 = 30;
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The lock of a store that is older, for as long as it is brought up to date.
fn alone_with(directory: &Path, store: &Path) -> Result<Option<File>, Failure> {
    let path = directory.join(LOCK_FILE);
    let failed = |why: &dyn std::fmt::Display| Failure(format!("{}: {why}", path.display()));
    for _ in 0..LOOKS {
        if !store::sqlite_is_older(store).map_err(Failure::of)? {
            return Ok(None);
        }
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK_EVERY),
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
    }
    Err(failed(&OpenError::IsServed))
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
        self.apply(audited(&at_command_line(), Command::Operate(operation)))
    }

    /// The newest market; none before the first `apply`.
    pub fn market(&self) -> Result<Option<Market>, Failure> {
        let stored = self.readers.read_here(|reader| match reader.newest_revision()? {
            Some(revision) => Stored::read(reader, revision),
            None => Ok(None),
        });
        stored.map_err(Failure::of)?.map(|stored| stored.market().map_err(Failure::of)).transpose()
    }

    /// Tells this store from every other: when its first market was applied. None before that.
    pub fn identity(&self) -> Result<Option<String>, Failure> {
        let revisions = self.readers.read_here(|reader| reader.revisions()).map_err(Failure::of)?;
        Ok(revisions.last().map(|first| first.applied_at.micros().to_string()))
    }

    /// The files of a revision.
    pub fn files_of(&self, revision: Revision) -> Result<Bundle, Failure> {
        let bytes = self.readers.read_here(|reader| reader.bundle(revision)).map_err(Failure::of)?;
        let bytes = bytes.ok_or_else(|| Failure(format!("there is no revision {revision}: `pingpost revisions` lists them")))?;
        market_bundle::from_bytes(&bytes).ok_or_else(|| Failure(format!("revision {revision} can't be read")))
    }

    pub fn newest_bundle(&self) -> Result<Option<(Revision, Vec<u8>)>, Failure> {
        let read = self.readers.read_here(|reader| {
            let Some(revision) = reader.newest_revision()? else { return Ok(None) };
            Ok(reader.bundle(revision)?.map(|bytes| (revision, bytes)))
        });
        read.map_err(Failure::of)
    }
}
