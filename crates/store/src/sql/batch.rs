//! What the commands of one batch share: the open transaction, the time, and what must hold at its commit.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use exchange::{
    cap::Period,
    changes::Change,
    command::Outcome,
    id::{BuyerName, LeadId, PingId, SaleId, Subject, SupplierName},
    ledger::Account,
    refusal::Refusal,
    sale::Reservation,
    seal::Reveal,
    time::Timestamp,
};

use super::{
    balances::BuyersMoney,
    db::Db,
    failure::{Failure, Result},
};

pub(crate) struct Batch<'c> {
    pub db: &'c dyn Db,
    pub now: Timestamp,
    booked: Cell<i128>,
    /// What the batch adds to accounts whose balance no command asks for.
    gathered: RefCell<BTreeMap<String, i64>>,
    /// What the batch knows of buyers' money, and does to it.
    pub buyers: RefCell<BTreeMap<BuyerName, BuyersMoney>>,
    /// Of which periods contracts have windows, by the contracts' keys.
    pub kept_periods: RefCell<BTreeMap<String, Vec<Period>>>,
    erased: Cell<bool>,
    changes: RefCell<Vec<Change>>,
    /// How many firm quotes suppliers have open, as counted or added to by this batch.
    firm_quotes: RefCell<BTreeMap<SupplierName, u64>>,
}

impl<'c> Batch<'c> {
    pub fn new(db: &'c dyn Db, now: Timestamp) -> Self {
        Self {
            db,
            now,
            booked: Cell::new(0),
            gathered: RefCell::default(),
            buyers: RefCell::default(),
            kept_periods: RefCell::default(),
            erased: Cell::new(false),
            changes: RefCell::default(),
            firm_quotes: RefCell::default(),
        }
    }

    /// Remembers an entry for the sum that must be zero.
    pub fn booked(&self, micros: i64) {
        self.booked.set(self.booked.get() + i128::from(micros));
    }

    /// Adds to an account when the batch ends, once for all its entries: every sale books on `house`, and engines wait for
    /// each other there no longer than for that moment.
    pub fn gather(&self, account: &Account, micros: i64) {
        *self.gathered.borrow_mut().entry(account.to_string()).or_default() += micros;
    }

    /// What was gathered for an account so far, in millionths.
    pub fn gathered_for(&self, account: &Account) -> i64 {
        self.gathered.borrow().get(&account.to_string()).copied().unwrap_or_default()
    }

    /// The last of every batch: what was gathered, in the order of the accounts' names.
    pub fn finish(&self) -> Result<BTreeMap<String, i64>> {
        if self.booked.get() != 0 {
            return Err(Failure::Broken("the entries of a batch don't sum to zero"));
        }
        Ok(self.gathered.take())
    }

    /// Remembers what runs will see otherwise once this has committed.
    pub fn changed(&self, change: Change) {
        self.changes.borrow_mut().push(change);
    }

    pub fn take_changes(&self) -> Vec<Change> {
        self.changes.take()
    }

    /// Counts a supplier's open firm quotes once for all quotes of the batch: there may be a thousand to count.
    pub fn firm_quotes_of(&self, supplier: &SupplierName, count: impl FnOnce() -> Result<u64>) -> Result<u64> {
        if let Some(known) = self.firm_quotes.borrow().get(supplier) {
            return Ok(*known);
        }
        let counted = count()?;
        self.firm_quotes.borrow_mut().insert(supplier.clone(), counted);
        Ok(counted)
    }

    pub fn one_more_firm_quote(&self, supplier: &SupplierName) {
        if let Some(known) = self.firm_quotes.borrow_mut().get_mut(supplier) {
            *known += 1;
        }
    }

    /// A quote holds nothing any more, or was posted, or no longer is: whoever asks next has them counted again.
    pub fn recount_firm_quotes(&self) {
        self.firm_quotes.borrow_mut().clear();
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
pub(crate) enum Pending {
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

    /// The one place where permissions are given, and it is after the commit.
    pub fn after_commit(self) -> Outcome {
        match self {
            Self::Ready(outcome) => outcome,
            Self::Reserved { sale, lead, ping, post_started } => Outcome::Reserved(Reservation::after_commit(sale, lead, ping, post_started)),
            Self::Revealed(subject) => Outcome::Revealed(Reveal::after_commit(subject)),
        }
    }
}
