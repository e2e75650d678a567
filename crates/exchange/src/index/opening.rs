//! Opening hours, each kind kept once: many contracts have the same, and in few time zones.

use jiff::tz::TimeZone;

use super::hashing::HashMap;
use crate::{
    contract::Contract,
    hours::{Moment, OpenHours},
    time::Timestamp,
};

/// The number of the hours of a contract that has none.
pub(super) const ALWAYS: u32 = 0;

#[derive(Clone, Debug, Default)]
pub(super) struct Openings {
    zones: Vec<TimeZone>,
    kinds: Vec<Opening>,
    numbers: HashMap<Opening, u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Opening {
    hours: Vec<OpenHours>,
    zone: usize,
}

impl Openings {
    pub fn number(&mut self, contract: &Contract) -> u32 {
        if contract.hours.is_empty() {
            return ALWAYS;
        }
        let zone = self.zones.iter().position(|zone| *zone == contract.time_zone).unwrap_or_else(|| {
            self.zones.push(contract.time_zone.clone());
            self.zones.len() - 1
        });
        let opening = Opening { hours: contract.hours.clone(), zone };
        *self.numbers.entry(opening).or_insert_with_key(|opening| {
            self.kinds.push(opening.clone());
            self.kinds.len() as u32
        })
    }
}

/// What is open at one instant, as far as it was asked.
pub(super) struct OpenNow<'a> {
    openings: &'a Openings,
    at: Timestamp,
    moments: Vec<Option<Moment>>,
    /// By the last digits of the number: the last number asked for, and its answer.
    known: [(u32, bool); KNOWN],
}

const KNOWN: usize = 32;

impl<'a> OpenNow<'a> {
    pub fn new(openings: &'a Openings, at: Timestamp) -> Self {
        Self { openings, at, moments: Vec::new(), known: [(ALWAYS, true); KNOWN] }
    }

    pub fn says(&mut self, number: u32) -> bool {
        let (known, answer) = self.known[number as usize % KNOWN];
        if known == number || number == ALWAYS {
            return answer || number == ALWAYS;
        }
        let opening = &self.openings.kinds[number as usize - 1];
        let moment = self.moment(opening.zone);
        let is_open = opening.hours.iter().any(|hours| hours.contain_moment(moment));
        self.known[number as usize % KNOWN] = (number, is_open);
        is_open
    }

    fn moment(&mut self, zone: usize) -> Moment {
        self.moments.resize(self.openings.zones.len(), None);
        *self.moments[zone].get_or_insert_with(|| Moment::new(self.at, &self.openings.zones[zone]))
    }
}
