//! The circuits of all buyers. What changes is logged and counted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::id::BuyerName;

use super::circuit::{Change, Circuit, Pass};
use crate::metrics as figures;

#[derive(Debug, Default)]
pub struct Circuits {
    /// One entry for each buyer ever called.
    of: Mutex<HashMap<BuyerName, Arc<OfBuyer>>>,
}

#[derive(Debug)]
pub struct OfBuyer {
    buyer: BuyerName,
    circuit: Mutex<Circuit>,
}

impl Circuits {
    pub fn of(&self, buyer: &BuyerName) -> Arc<OfBuyer> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(OfBuyer { buyer: buyer.clone(), circuit: Mutex::default() });
        Arc::clone(of.entry(buyer.clone()).or_insert_with(new))
    }
}

impl OfBuyer {
    pub fn buyer(&self) -> &BuyerName {
        &self.buyer
    }

    /// None while the buyer is left alone.
    pub fn enter(&self, at: Duration) -> Option<Pass> {
        self.with(|circuit| circuit.enter(at))
    }

    pub fn report(&self, pass: Pass, at: Duration, failed: bool) {
        let buyer = &self.buyer;
        match self.with(|circuit| circuit.report(pass, at, failed)) {
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

    fn with<T>(&self, act: impl FnOnce(&mut Circuit) -> T) -> T {
        act(&mut self.circuit.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
