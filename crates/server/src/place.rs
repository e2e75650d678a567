//! Where the store is: in a file of this machine, or in a PostgreSQL that other nodes share. Nothing else asks which.

use std::{path::PathBuf, sync::Arc};

use exchange::{
    changes::Changes,
    command::{Command, Engine, Outcome, StoreUnknown},
    seal::MasterKey,
    time::Timestamp,
};
use store::{Address, Clock, OpenError, PostgresEngine, PostgresReader, Reader, SqliteEngine, SqliteReader};

use crate::{background, entropy};

#[derive(Clone, Debug)]
pub enum Place {
    Embedded(Arc<PathBuf>),
    Postgres(Arc<Address>),
}

impl Place {
    pub fn engine(&self, master: &MasterKey) -> Result<AnyEngine, OpenError> {
        match self {
            Self::Embedded(path) => SqliteEngine::open(path, master).map(AnyEngine::Embedded),
            Self::Postgres(address) => {
                let chance = u64::from_le_bytes(entropy::bytes());
                PostgresEngine::open(address, master, Clock::Database, chance).map(|engine| AnyEngine::Postgres(Box::new(engine)))
            }
        }
    }

    /// It gives way to leads, on a thread that does. A PostgreSQL has processors of its own to share out.
    pub fn reader(&self) -> Result<Box<dyn Reader>, OpenError> {
        Ok(match self {
            Self::Embedded(path) => Box::new(SqliteReader::open_pausing(path, background::give_way)?),
            Self::Postgres(address) => Box::new(PostgresReader::connect(address, Clock::Database)?),
        })
    }

    /// The file of an embedded store.
    pub fn file(&self) -> Option<&PathBuf> {
        match self {
            Self::Embedded(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded(path) => path.display().fmt(f),
            Self::Postgres(address) => f.write_str(&address.place()),
        }
    }
}

#[derive(Debug)]
pub enum AnyEngine {
    Embedded(SqliteEngine),
    Postgres(Box<PostgresEngine>),
}

impl AnyEngine {
    /// Whether nothing that was erased is left in the store's own old pages. PostgreSQL's go with its `VACUUM`, which it runs by itself.
    pub fn is_purged(&self) -> bool {
        match self {
            Self::Embedded(engine) => engine.is_purged(),
            Self::Postgres(_) => true,
        }
    }
}

impl Engine for AnyEngine {
    fn apply(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown> {
        match self {
            Self::Embedded(engine) => engine.apply(now, commands),
            Self::Postgres(engine) => engine.apply(now, commands),
        }
    }

    fn take_changes(&mut self) -> Changes {
        match self {
            Self::Embedded(engine) => engine.take_changes(),
            Self::Postgres(engine) => engine.take_changes(),
        }
    }
}
