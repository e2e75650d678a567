//! How many calls to each buyer and supplier are under way. One that is slow fills its own places and nobody else's.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::callee::Callee;

#[derive(Debug, Default)]
pub struct InFlight {
    /// One entry for each ever called.
    calls: Mutex<HashMap<Callee, Arc<AtomicUsize>>>,
}

/// The places of one of them. Clones are the same.
#[derive(Clone, Debug)]
pub struct Places(Arc<AtomicUsize>);

/// A place among one's calls, given back when dropped.
#[derive(Debug)]
pub struct Place<'a>(&'a AtomicUsize);

impl InFlight {
    pub fn of(&self, callee: &Callee) -> Places {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        Places(match calls.get(callee) {
            Some(count) => Arc::clone(count),
            None => Arc::clone(calls.entry(callee.clone()).or_default()),
        })
    }
}

impl Places {
    /// None while `most` calls to this one are under way: nobody waits here.
    pub fn enter(&self, most: usize) -> Option<Place<'_>> {
        let entered = self.0.try_update(Ordering::AcqRel, Ordering::Acquire, |under_way| (under_way < most).then_some(under_way + 1));
        entered.is_ok().then(|| Place(&self.0))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_buyer_is_busy_until_a_place_is_given_back() {
        let in_flight = InFlight::default();
        let [a, again, b] = [Callee::Buyer("a".parse().unwrap()), Callee::Buyer("a".parse().unwrap()), Callee::Supplier("a".parse().unwrap())]
            .map(|callee| in_flight.of(&callee));
        let first = a.enter(1);
        assert!(first.is_some() && again.enter(1).is_none() && b.enter(1).is_some());
        drop(first);
        assert!(again.enter(1).is_some() && a.enter(0).is_none());
    }
}
