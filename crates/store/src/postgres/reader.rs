//! The reader: a connection of its own, whose queries take no lock. It connects again by itself after it was cut off.

use exchange::time::Timestamp;

use super::{
    address::Address,
    clock::{Clock, time_of},
    open,
    session::Session,
};
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
    clock: Clock,
    session: Option<Session>,
}

impl PostgresReader {
    /// Connects to a database whose tables an engine has made before.
    pub fn connect(address: &Address, clock: Clock) -> Result<Self, OpenError> {
        Ok(Self(Connection { address: address.clone(), clock, session: Some(open::known(address)?) }))
    }
}

impl Connection {
    fn read<T>(&mut self, begin: fn(&Session), read: &mut impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        let session = match self.session.take() {
            Some(session) => session,
            None => open::known(&self.address).map_err(|error| Failure::Lost(error.to_string()))?,
        };
        begin(&session);
        let found = read(&session);
        self.session = session.roll_back().then_some(session);
        found
    }
}

const ONE_MOMENT: &str = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Snapshot for Connection {
    fn at_once<T>(&mut self, mut read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        let was_open = self.session.is_some();
        let begin = |session: &Session| session.begin(ONE_MOMENT);
        match self.read(begin, &mut read) {
            // It may have been cut off long ago, between two reads.
            Err(Failure::Lost(_)) if was_open => self.read(begin, &mut read),
            read => read,
        }
    }

    fn at_length<T>(&mut self, mut read: impl FnMut(&dyn Db) -> Result<T>) -> Result<T> {
        // On a connection of its own, which may wait for long and isn't kept.
        self.session = None;
        let found = self.read(|session| session.begin_long(ONE_MOMENT), &mut read);
        self.session = None;
        found
    }

    fn time(&self) -> fn(&dyn Db, Timestamp) -> Result<Timestamp> {
        match self.clock {
            Clock::Argument => |_, argument| Ok(argument),
            Clock::Database => |db, _| time_of(db),
        }
    }
}
