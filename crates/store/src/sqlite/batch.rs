//! What the commands of one batch share: the open transaction, the time, and what must hold at its commit.

use std::cell::Cell;

use exchange::{
    command::Outcome,
    id::{LeadId, PingId, SaleId, Subject},
    refusal::Refusal,
    sale::Reservation,
    seal::Reveal,
    time::Timestamp,
};
use rusqlite::Connection;

use super::failure::{Failure, Result};

pub(super) struct Batch<'c> {
    pub db: &'c Connection,
    pub now: Timestamp,
    booked: Cell<i128>,
    erased: Cell<bool>,
}

impl<'c> Batch<'c> {
    pub fn new(db: &'c Connection, now: Timestamp) -> Self {
        Self { db, now, booked: Cell::new(0), erased: Cell::new(false) }
    }

    /// Remembers an entry for the sum that must be zero.
    pub fn booked(&self, micros: i64) {
        self.booked.set(self.booked.get() + i128::from(micros));
    }

    pub fn check_balanced(&self) -> Result<()> {
        if self.booked.get() == 0 { Ok(()) } else { Err(Failure::Broken("the entries of a batch don't sum to zero")) }
    }

    /// Something was erased: after the commit, no old page of it may stay.
    pub fn erased(&self) {
        self.erased.set(true);
    }

    pub fn has_erased(&self) -> bool {
        self.erased.get()
    }
}

/// What a command came to, as long as its batch hasn't committed: permissions are not given yet.
pub(super) enum Pending {
    Ready(Outcome),
    Reserved { sale: SaleId, lead: LeadId, ping: Option<PingId>, post_started: bool },
    Revealed(Subject),
}

impl Pending {
    pub fn refused(refusal: Refusal) -> Self {
        Self::Ready(Outcome::Refused(refusal))
    }

    pub fn conflict(what: impl Into<String>) -> Self {
        Self::Ready(Outcome::Conflict(what.into()))
    }

    pub fn done() -> Self {
        Self::Ready(Outcome::Done)
    }

    /// The one place where this engine gives permissions, and it is after the commit.
    pub fn after_commit(self) -> Outcome {
        match self {
            Self::Ready(outcome) => outcome,
            Self::Reserved { sale, lead, ping, post_started } => Outcome::Reserved(Reservation::after_commit(sale, lead, ping, post_started)),
            Self::Revealed(subject) => Outcome::Revealed(Reveal::after_commit(subject)),
        }
    }
}
