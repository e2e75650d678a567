//! The engine: a batch of commands in one transaction, its locks first.

use std::{thread, time::Duration};

use exchange::{
    changes::{Change, Changes, Others},
    command::{Command, Engine, Outcome, StoreUnknown},
    seal::MasterKey,
    time::Timestamp,
};

use super::{
    address::Address,
    clock::{Clock, time_of},
    locks::Made,
    open,
    session::{Session, Uncommitted},
    wanted::Wanted,
};
use crate::{
    open_error::OpenError,
    sql::{
        apply,
        batch::{Batch, Pending},
        failure::{Failure, Result},
        sweep,
    },
};

/// How often a transaction is begun anew because more is to be locked than was known.
const MOST_ROUNDS: u32 = 5;
/// How often a batch is tried where others were in its way.
const TRIES: u32 = 8;
/// The longest pause before the second try; each later one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(4);
/// Balances that everybody books on are spread over so many rows.
const SLOTS: u64 = 16;

/// Writes a store in PostgreSQL. Engines of any number of nodes may have the same database open.
#[derive(Debug)]
pub struct PostgresEngine {
    address: Address,
    clock: Clock,
    /// Where the pauses' lengths come from.
    chance: u64,
    slot: i64,
    session: Option<Session>,
    made: Made,
    changes: Changes,
}

impl PostgresEngine {
    /// Opens the database, and makes or migrates its tables where they aren't of the present version. `chance` is any
    /// number that other engines don't have: pauses are drawn from it.
    pub fn open(address: &Address, master: &MasterKey, clock: Clock, chance: u64) -> Result<Self, OpenError> {
        let session = open::writer(address, master)?;
        let slot = (chance % SLOTS).cast_signed();
        Ok(Self { address: address.clone(), clock, chance, slot, session: Some(session), made: Made::none(), changes: Changes::none() })
    }

    fn attempt(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Pending>, Uncommitted> {
        let session = match self.session.take() {
            Some(session) => session,
            None => open::known(&self.address).map_err(|error| Uncommitted::Not(Failure::Database(error.to_string())))?,
        };
        let pending = self.transaction(&session, now, commands);
        let is_good = match &pending {
            Ok(_) => true,
            Err(Uncommitted::Not(Failure::Lost(_)) | Uncommitted::Unknown(_)) => false,
            Err(Uncommitted::Not(_)) => session.roll_back(),
        };
        self.session = is_good.then_some(session);
        pending
    }

    fn transaction(&mut self, session: &Session, argument: Timestamp, commands: &[Command]) -> Result<Vec<Pending>, Uncommitted> {
        let (pending, steps) = self.until_commit(session, argument, commands).map_err(Uncommitted::Not)?;
        session.commit()?;
        self.changes = Changes { others: Others::Unknown, steps };
        Ok(pending)
    }

    fn until_commit(&self, session: &Session, argument: Timestamp, commands: &[Command]) -> Result<(Vec<Pending>, Vec<Change>)> {
        let mut wanted = Wanted::by(commands);
        let mut locks = wanted.locks.clone();
        locks.extend(wanted.found(session)?);
        // A beat is heard even while a contract is hot: it sweeps nothing.
        let sweeps = locks.touches_money() || commands.iter().any(|command| matches!(command, Command::Sweep));
        let mut expired = Vec::new();
        if sweeps {
            expired = sweep::expired_quotes(session, self.now(session, argument)?)?;
            wanted.release(&expired);
            locks.extend(wanted.locks.clone());
            locks.extend(wanted.found(session)?);
        }
        for _ in 0..MOST_ROUNDS {
            self.made.make(session, &locks)?;
            session.begin("ISOLATION LEVEL READ COMMITTED");
            locks.take(session)?;
            let now = self.now(session, argument)?;
            if locks.extend(wanted.found(session)?) {
                // Somebody has added to what these commands touch: it is locked, too, and in order.
                session.script("ROLLBACK")?;
                continue;
            }
            let batch = Batch::new(session, now);
            let pending = apply::apply(&batch, &expired, commands, self.slot)?;
            return Ok((pending, batch.take_changes()));
        }
        Err(Failure::Contended("what the batch touches grows faster than it is locked".into()))
    }

    fn now(&self, session: &Session, argument: Timestamp) -> Result<Timestamp> {
        match self.clock {
            Clock::Argument => Ok(argument),
            Clock::Database => time_of(session),
        }
    }

    /// Waits for a moment of chance, so that those who met don't meet again.
    fn pause(&mut self, tried: u32) {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let longest = FIRST_PAUSE * 2u32.pow(tried.min(6));
        thread::sleep(longest.mul_f64((self.chance >> 11) as f64 / (1u64 << 53) as f64));
    }
}

impl Engine for PostgresEngine {
    fn take_changes(&mut self) -> Changes {
        std::mem::replace(&mut self.changes, Changes::none())
    }

    fn apply(&mut self, now: Timestamp, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown> {
        let mut is_fresh = self.session.is_none();
        let mut tried = 0;
        loop {
            match self.attempt(now, commands) {
                Ok(pending) => return Ok(pending.into_iter().map(Pending::after_commit).collect()),
                Err(Uncommitted::Unknown(failure)) => return Err(StoreUnknown::CommitUnknown(failure.to_string())),
                Err(Uncommitted::Not(Failure::Contended(_))) if tried + 1 < TRIES => {
                    self.pause(tried);
                    tried += 1;
                }
                // The connection may have been cut off long ago: nothing is written yet, so a new one may try.
                Err(Uncommitted::Not(Failure::Lost(_))) if !is_fresh => is_fresh = true,
                Err(Uncommitted::Not(failure)) => return Err(StoreUnknown::NotWritten(failure.to_string())),
            }
        }
    }
}
