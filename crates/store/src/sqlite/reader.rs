//! The reader: a read-only connection of its own, which neither waits for the engine nor holds it up.

use std::path::Path;

use rusqlite::Connection;

use super::{integrity, open};
use crate::{
    open_error::OpenError,
    rows::Difference,
    sql::{
        db::Db,
        failure::Result,
        reader::{RowReader, Snapshot},
    },
};

pub type SqliteReader = RowReader<Connection>;

impl SqliteReader {
    /// Opens the store at `path`, which an engine has made before.
    pub fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        Ok(Self(open::reader(path)?))
    }
}

impl Snapshot for Connection {
    fn at_once<T>(&mut self, mut read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        let transaction = self.transaction()?;
        let found = read(&*transaction)?;
        transaction.finish()?;
        Ok(found)
    }

    fn damaged(&mut self) -> Result<Vec<Difference>> {
        Ok(integrity::damaged(self)?)
    }
}
