//! The circuits of all who are called. What changes is logged and counted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
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
    of: Mutex<HashMap<Callee, Circuit>>,
}

impl Circuits {
    /// None while it is left alone.
    pub fn enter(&self, callee: &Callee, at: Duration) -> Option<Pass> {
        self.with(callee, |circuit| circuit.enter(at))
    }

    pub fn report(&self, callee: &Callee, pass: Pass, at: Duration, failed: bool) {
        match self.with(callee, |circuit| circuit.report(pass, at, failed)) {
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

    fn with<T>(&self, callee: &Callee, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        match of.get_mut(callee) {
            Some(circuit) => act(circuit),
            None => act(of.entry(callee.clone()).or_default()),
        }
    }
}
