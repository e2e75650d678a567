//! The event log of a world: hashed whole, its last lines kept.

use std::{collections::VecDeque, fmt};

use exchange::time::Timestamp;
use sha2::{Digest, Sha256};

const KEPT: usize = 40;

#[derive(Debug, Default)]
pub struct Journal {
    hash: Sha256,
    last: VecDeque<String>,
}

impl Journal {
    pub fn note(&mut self, now: Timestamp, line: fmt::Arguments<'_>) {
        let line = format!("{:>16} {line}", now.micros());
        self.hash.update(line.as_bytes());
        self.hash.update([b'\n']);
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    /// The same for two worlds only if all their lines were.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    #[must_use]
    pub fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }
}
