//! How many calls to each buyer are under way. A buyer that is slow fills its own places and nobody else's.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use exchange::id::BuyerName;

#[derive(Debug, Default)]
pub struct InFlight {
    /// One entry for each buyer ever called.
    calls: Mutex<HashMap<BuyerName, Arc<AtomicUsize>>>,
}

/// A place among a buyer's calls, given back when dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl InFlight {
    /// None while `most` calls to this buyer are under way: nobody waits here.
    pub fn enter(&self, buyer: &BuyerName, most: usize) -> Option<Place> {
        let count = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            match calls.get(buyer) {
                Some(count) => count.clone(),
                None => calls.entry(buyer.clone()).or_default().clone(),
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
        let (in_flight, a, b) = (InFlight::default(), "a".parse().unwrap(), "b".parse().unwrap());
        let first = in_flight.enter(&a, 1);
        assert!(first.is_some() && in_flight.enter(&a, 1).is_none() && in_flight.enter(&b, 1).is_some());
        drop(first);
        assert!(in_flight.enter(&a, 1).is_some() && in_flight.enter(&a, 0).is_none());
    }
}
