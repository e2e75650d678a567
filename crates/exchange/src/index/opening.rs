//! Opening hours, each kind kept once: many contracts have the same.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::{contract::Contract, hours::OpenHours, time::Timestamp};

/// The number of the hours of a contract that has none.
pub(super) const ALWAYS: u32 = 0;

#[derive(Clone, Debug, Default)]
pub(super) struct Openings {
    kinds: Vec<Opening>,
    by_name: HashMap<(Vec<OpenHours>, Option<String>), Vec<u32>>,
}

#[derive(Clone, Debug)]
struct Opening {
    hours: Vec<OpenHours>,
    zone: TimeZone,
}

impl Openings {
    pub fn number(&mut self, contract: &Contract) -> u32 {
        if contract.hours.is_empty() {
            return ALWAYS;
        }
        let name = (contract.hours.clone(), contract.time_zone.iana_name().map(str::to_owned));
        let alike = self.by_name.entry(name).or_default();
        let known = alike.iter().find(|number| self.kinds[**number as usize - 1].zone == contract.time_zone);
        if let Some(known) = known {
            return *known;
        }
        self.kinds.push(Opening { hours: contract.hours.clone(), zone: contract.time_zone.clone() });
        let number = self.kinds.len() as u32;
        alike.push(number);
        number
    }

    fn is_open(&self, number: u32, at: Timestamp) -> bool {
        let opening = &self.kinds[number as usize - 1];
        opening.hours.iter().any(|hours| hours.contain(at, &opening.zone))
    }
}

const KNOWN: usize = 32;

/// What is open at one instant, as far as it was asked.
pub(super) struct OpenNow<'a> {
    openings: &'a Openings,
    at: Timestamp,
    /// By the last digits of the number: the last number asked for, and its answer.
    known: [(u32, bool); KNOWN],
}

impl<'a> OpenNow<'a> {
    pub fn new(openings: &'a Openings, at: Timestamp) -> Self {
        Self { openings, at, known: [(ALWAYS, true); KNOWN] }
    }

    pub fn says(&mut self, number: u32) -> bool {
        if number == ALWAYS {
            return true;
        }
        let known = &mut self.known[number as usize % KNOWN];
        if known.0 != number {
            *known = (number, self.openings.is_open(number, self.at));
        }
        known.1
    }
}
