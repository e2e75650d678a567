//! The reader: a connection of its own, whose queries take no lock. It connects again by itself after it was cut off.

use super::{address::Address, open, session::Session};
use crate::{
    open_error::OpenError,
    sql::{
        db::Db,
        failure::{Failure, Result},
        reader::{RowReader, Snapshot},
    },
};

pub type PostgresReader = RowReader<Connection>;

/// An address, and the connection to it as long as there is one.
#[derive(Debug)]
pub struct Connection {
    address: Address,
    session: Option<Session>,
}

impl PostgresReader {
    /// Connects to a database whose tables an engine has made before.
    pub fn connect(address: &Address) -> Result<Self, OpenError> {
        Ok(Self(Connection { address: address.clone(), session: Some(open::reader(address)?) }))
    }
}

impl Connection {
    fn read<T>(&mut self, read: &mut impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::connect(&self.address).map_err(|error| Failure::Lost(error.to_string()))?,
        };
        session.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY");
        let found = read(&session);
        self.session = session.roll_back().then_some(session);
        found
    }
}

impl Snapshot for Connection {
    fn at_once<T>(&mut self, mut read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        let was_open = self.session.is_some();
        match self.read(&mut read) {
            // It may have been cut off long ago, between two reads.
            Err(Failure::Lost(_)) if was_open => self.read(&mut read),
            read => read,
        }
    }
}
