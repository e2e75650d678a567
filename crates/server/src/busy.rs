//! Who is being seen to, one turn each: whoever is slow holds up nobody else, and is not begun with twice.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

pub struct Busy<N>(Arc<Mutex<BTreeSet<N>>>);

impl<N> Default for Busy<N> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// One's turn: over when it is dropped.
pub struct Turn<N: Ord> {
    busy: Arc<Mutex<BTreeSet<N>>>,
    name: N,
}

impl<N: Ord + Clone> Busy<N> {
    /// None while its last turn goes on.
    pub fn begin(&self, name: &N) -> Option<Turn<N>> {
        let begins = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        begins.then(|| Turn { busy: Arc::clone(&self.0), name: name.clone() })
    }
}

impl<N: Ord> Drop for Turn<N> {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}
