//! The locks of a batch: a row for each thing that it checks or changes, taken at once and in one order before it reads.
//!
//! A thing is a number by its hash, so two things may share a lock: then their batches wait for each other without need, and
//! that is all. The order of the classes is the order of the locks.

use std::{cell::RefCell, collections::BTreeSet};

use exchange::{
    id::{BuyerName, KeyId, LeadId, PingId, Subject, SupplierName},
    ledger::Account,
};

use super::session::Session;
use crate::sql::failure::Result;

/// Locks of a class. Few enough to be remembered, many enough that a batch of hundreds seldom meets another's.
const SLOTS: u64 = 1 << 18;

#[derive(Clone, Copy)]
enum Class {
    /// A person: whoever takes a lead on, or sells it, looks for other leads of the same.
    Person,
    Lead,
    /// A supplier's idempotency key.
    Key,
    Ping,
    /// The record of a run: it is not written after its lead was erased.
    Record,
    /// The market's revisions, API keys, who signs in.
    Configuration,
    /// A buyer's credit and its contracts' caps; how many firm quotes a supplier has.
    Money,
}

impl Class {
    const COUNT: usize = 7;
}

/// Locks that a batch needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Locks(BTreeSet<u64>);

impl Locks {
    fn add(&mut self, class: Class, parts: &[&[u8]]) {
        self.0.insert(class as u64 * SLOTS + hash(parts) % SLOTS);
    }

    pub fn person(&mut self, mac: &[u8]) {
        self.add(Class::Person, &[mac]);
    }

    pub fn lead(&mut self, lead: LeadId) {
        self.add(Class::Lead, &[lead.bytes()]);
    }

    pub fn key(&mut self, supplier: &SupplierName, key: &str) {
        self.add(Class::Key, &[supplier.as_str().as_bytes(), key.as_bytes()]);
    }

    pub fn ping(&mut self, ping: PingId) {
        self.add(Class::Ping, &[ping.bytes()]);
    }

    pub fn record(&mut self, subject: &Subject) {
        match subject {
            Subject::Ping(ping) => self.add(Class::Record, &[b"p", ping.bytes()]),
            Subject::Lead(lead) => self.add(Class::Record, &[b"l", lead.bytes()]),
        }
    }

    pub fn revisions(&mut self) {
        self.add(Class::Configuration, &[b"market"]);
    }

    /// Who signs in: links and sessions are found by their tokens, so all have one lock.
    pub fn people(&mut self) {
        self.add(Class::Configuration, &[b"people"]);
    }

    pub fn api_key(&mut self, key: KeyId) {
        self.add(Class::Configuration, &[b"key", key.bytes()]);
    }

    pub fn buyer(&mut self, buyer: &BuyerName) {
        self.add(Class::Money, &[b"b", buyer.as_str().as_bytes()]);
    }

    /// Of a buyer the same as [`Locks::buyer`]; of a supplier what keeps two payouts from paying the same money.
    pub fn account(&mut self, account: &Account) {
        match account {
            Account::Buyer(buyer) => self.buyer(buyer),
            other => self.add(Class::Money, &[b"a", other.to_string().as_bytes()]),
        }
    }

    pub fn firm_quotes_of(&mut self, supplier: &SupplierName) {
        self.add(Class::Money, &[b"s", supplier.as_str().as_bytes()]);
    }

    /// Whether credit or caps are among them.
    pub fn touches_money(&self) -> bool {
        self.0.last().is_some_and(|slot| *slot >= Class::Money as u64 * SLOTS)
    }

    /// Adds others, and says whether any was new.
    pub fn extend(&mut self, others: Self) -> bool {
        let before = self.0.len();
        self.0.extend(others.0);
        self.0.len() > before
    }

    /// Takes them: waits for whoever has one. The database is told with the next read.
    pub fn take(&self, session: &Session) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            session.write_plain(&format!("SELECT slot FROM locks WHERE slot IN ({}) ORDER BY slot FOR UPDATE", list(&self.0)))
        }
    }
}

/// Which rows of `locks` this engine has seen: they are made when first needed, before a transaction begins.
#[derive(Debug)]
pub(super) struct Made(RefCell<Vec<u64>>);

impl Made {
    pub fn none() -> Self {
        Self(RefCell::new(vec![0; Class::COUNT * (SLOTS / 64) as usize]))
    }

    pub fn make(&self, session: &Session, locks: &Locks) -> Result<()> {
        let is_made = |slot: u64| self.0.borrow().get((slot / 64) as usize).is_some_and(|word| word >> (slot % 64) & 1 == 1);
        let missing: BTreeSet<u64> = locks.0.iter().copied().filter(|slot| !is_made(*slot)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let rows: Vec<String> = missing.iter().map(|slot| format!("({slot})")).collect();
        session.script(&format!("INSERT INTO locks (slot) VALUES {} ON CONFLICT (slot) DO NOTHING", rows.join(", ")))?;
        let mut made = self.0.borrow_mut();
        for slot in missing {
            if let Some(word) = made.get_mut((slot / 64) as usize) {
                *word |= 1 << (slot % 64);
            }
        }
        Ok(())
    }
}

fn list(slots: &BTreeSet<u64>) -> String {
    slots.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

/// FNV-1a, the same in every node and version, over parts that can't run into each other.
fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut take = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        (part.len() as u64).to_be_bytes().into_iter().for_each(&mut take);
        part.iter().copied().for_each(&mut take);
    }
    // The low bits alone decide; the high ones are mixed in.
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_known_from_everything_else_and_stays_where_it_was() {
        let mut locks = Locks::default();
        locks.lead(LeadId::from_bytes([1; 16]));
        locks.record(&Subject::Ping(PingId::from_bytes([2; 16])));
        locks.revisions();
        assert!(!locks.touches_money());
        locks.buyer(&"acme".parse().unwrap());
        assert!(locks.touches_money());
        // Nodes of different versions lock the same.
        assert_eq!(list(&locks.0), LOCKS);
    }

    const LOCKS: &str = "363466, 1105398, 1427481, 1706792";
}
