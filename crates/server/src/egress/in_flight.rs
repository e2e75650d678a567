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

/// A place among one's calls, given back when dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl InFlight {
    /// None while `most` calls to this one are under way: nobody waits here.
    pub fn enter(&self, callee: &Callee, most: usize) -> Option<Place> {
        let count = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            match calls.get(callee) {
                Some(count) => count.clone(),
                None => calls.entry(callee.clone()).or_default().clone(),
            }
        };
        let entered = count.try_update(Ordering::AcqRel, Ordering::Acquire, |under_way| (under_way < most).then_some(under_way + 1));
        entered.is_ok().then(|| Place(count))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_buyer_is_busy_until_a_place_is_given_back() {
        let (in_flight, a, b) = (InFlight::default(), Callee::Buyer("a".parse().unwrap()), Callee::Supplier("a".parse().unwrap()));
        let first = in_flight.enter(&a, 1);
        assert!(first.is_some() && in_flight.enter(&a, 1).is_none() && in_flight.enter(&b, 1).is_some());
        drop(first);
        assert!(in_flight.enter(&a, 1).is_some() && in_flight.enter(&a, 0).is_none());
    }
}
