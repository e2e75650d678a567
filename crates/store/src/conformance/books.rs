//! The books as tests read them.

use super::{Bench, world::*};
use crate::reader::Reader;

/// The ledger entries of a lead, as text.
pub(super) fn ledger<B: Bench>(world: &mut World<B>, number: u32) -> Vec<String> {
    let rows = world.reader.ledger_of(lead(number)).unwrap();
    rows.into_iter().map(|row| format!("{} {}", row.account, row.amount)).collect()
}
