//! What happened in a world, counted.

use std::{collections::BTreeMap, time::Duration};

use crate::row::{Row, Rows};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub simulated: Duration,
    pub requests: u64,
    pub leads: u64,
    pub sold: u64,
    pub commits: u64,
    pub checks: u64,
    /// By kind.
    pub faults: BTreeMap<&'static str, u64>,
    pub rows: Rows,
}

impl Tally {
    pub fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    pub fn row(&mut self, row: Row) {
        self.rows.reached(row);
    }

    pub fn add(&mut self, other: &Self) {
        self.simulated += other.simulated;
        self.requests += other.requests;
        self.leads += other.leads;
        self.sold += other.sold;
        self.commits += other.commits;
        self.checks += other.checks;
        for (kind, count) in &other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        self.rows.add(&other.rows);
    }
}
