//! The circuits of all who are called. What changes is logged and counted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    callee::Callee,
    circuit::{Change, Circuit, Pass},
};
use crate::metrics as figures;

#[derive(Debug, Default)]
pub struct Circuits {
    /// One entry for each ever called.
    of: Mutex<HashMap<Callee, Arc<OfCallee>>>,
}

#[derive(Debug)]
pub struct OfCallee {
    callee: Callee,
    circuit: Mutex<Circuit>,
}

impl Circuits {
    pub fn of(&self, callee: &Callee) -> Arc<OfCallee> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(OfCallee { callee: callee.clone(), circuit: Mutex::default() });
        Arc::clone(of.entry(callee.clone()).or_insert_with(new))
    }
}

impl OfCallee {
    pub fn callee(&self) -> &Callee {
        &self.callee
    }

    /// None while it is left alone.
    pub fn enter(&self, at: impl FnOnce() -> Duration) -> Option<Pass> {
        self.with(|circuit| circuit.enter(at))
    }

    pub fn report(&self, pass: Pass, at: Duration, failed: bool) {
        let callee = &self.callee;
        match self.with(|circuit| circuit.report(pass, at, failed)) {
            Some(Change::Opened) => {
                figures::circuit(callee.role(), callee.name(), true);
                tracing::warn!(%callee, "most calls to it fail: it is left alone for a while");
            }
            Some(Change::Closed) => {
                figures::circuit(callee.role(), callee.name(), false);
                tracing::info!(%callee, "it answers again: it is called as before");
            }
            None => {}
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Circuit) -> T) -> T {
        act(&mut self.circuit.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
