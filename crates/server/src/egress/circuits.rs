//! The circuits of all buyers. What changes is logged and counted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use exchange::id::BuyerName;

use super::circuit::{Change, Circuit, Pass};
use crate::metrics as figures;

#[derive(Debug, Default)]
pub struct Circuits {
    /// One entry for each buyer ever called.
    of: Mutex<HashMap<BuyerName, Circuit>>,
}

impl Circuits {
    /// None while the buyer is left alone.
    pub fn enter(&self, buyer: &BuyerName, at: Duration) -> Option<Pass> {
        self.with(buyer, |circuit| circuit.enter(at))
    }

    pub fn report(&self, buyer: &BuyerName, pass: Pass, at: Duration, failed: bool) {
        match self.with(buyer, |circuit| circuit.report(pass, at, failed)) {
            Some(Change::Opened) => {
                figures::circuit(buyer, true);
                tracing::warn!(%buyer, "most calls to a buyer fail: it is left alone for a while");
            }
            Some(Change::Closed) => {
                figures::circuit(buyer, false);
                tracing::info!(%buyer, "a buyer answers again: it is called as before");
            }
            None => {}
        }
    }

    fn with<T>(&self, buyer: &BuyerName, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        match of.get_mut(buyer) {
            Some(circuit) => act(circuit),
            None => act(of.entry(buyer.clone()).or_default()),
        }
    }
}
