//! What is counted: callgrind starts at each of these functions and stops at its end.

use std::hint::black_box;

use exchange::{
    auction::{Bounds, Offer, choose, is_decided},
    id::TreeIndex,
    matching::Offered,
};

use crate::life::Life;

#[inline(never)]
pub fn matched(offered: &Offered<'_>, tree: TreeIndex) -> usize {
    black_box(offered.admitted(tree)).of_tier(0).len()
}

/// The offers come in one after the other, and each time it is asked whether the rest could change anything.
#[inline(never)]
pub fn auctioned(offers: &[Offer], bounds: Bounds) -> usize {
    let decided = (1..offers.len()).filter(|came| is_decided(&offers[..*came], &offers[*came..], bounds)).count();
    decided + choose(offers, bounds).map_or(0, |choice| choice.picks.len())
}

#[inline(never)]
pub fn lived(life: &mut Life<'_>) -> usize {
    life.live()
}
