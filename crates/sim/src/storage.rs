//! The store under a world: the real engine on a file of its own, in memory where the machine has such a place.

use std::path::{Path, PathBuf};

use exchange::{command::Engine, seal::MasterKey};
use store::{SqliteEngine, SqliteReader};
use tempfile::TempDir;

/// Where a world can't be set up: no fault of what is simulated.
#[derive(Clone, Debug, thiserror::Error)]
#[error("a world's store can't be set up: {0}")]
pub struct NoStorage(pub String);

fn failed(error: impl std::fmt::Display) -> NoStorage {
    NoStorage(error.to_string())
}

#[must_use]
pub fn master() -> MasterKey {
    MasterKey::from_bytes([0x51; 32])
}

/// Directories of worlds, and the bytes of a store with nothing in it: making one anew for each world would take longer.
#[derive(Debug)]
pub struct Stores {
    directory: TempDir,
    empty: Vec<u8>,
}

impl Stores {
    pub fn open() -> Result<Self, NoStorage> {
        let in_memory = Path::new("/dev/shm");
        let builder = || tempfile::Builder::new().prefix("pingpost-sim-").to_owned();
        let directory = if in_memory.is_dir() { builder().tempdir_in(in_memory) } else { builder().tempdir() }.map_err(failed)?;
        let path = directory.path().join("empty.db");
        drop(SqliteEngine::open(&path, &master()).map_err(failed)?);
        let empty = std::fs::read(&path).map_err(failed)?;
        Ok(Self { directory, empty })
    }

    /// A store for a world, under a name that no other world has at the same time.
    pub fn fresh(&self, name: &str) -> Result<Storage, NoStorage> {
        let path = self.directory.path().join(format!("{name}.db"));
        std::fs::write(&path, &self.empty).map_err(failed)?;
        let reader = SqliteReader::open(&path).map_err(failed)?;
        Ok(Storage { path, reader })
    }
}

#[derive(Debug)]
pub struct Storage {
    path: PathBuf,
    pub reader: SqliteReader,
}

impl Storage {
    /// Another connection that writes, as each node has its own.
    pub fn engine(&self) -> Result<Box<dyn Engine>, NoStorage> {
        Ok(Box::new(SqliteEngine::open(&self.path, &master()).map_err(failed)?))
    }

    /// All that lies in the store's files, to be searched for what must not be in clear.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut all = std::fs::read(&self.path).unwrap_or_default();
        all.extend(std::fs::read(self.with("-wal")).unwrap_or_default());
        all
    }

    fn with(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        name.into()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        for path in [self.path.clone(), self.with("-wal"), self.with("-shm")] {
            drop(std::fs::remove_file(path));
        }
    }
}
