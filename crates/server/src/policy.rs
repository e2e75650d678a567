//! Numbers that follow from the market.

use std::time::Duration;

use exchange::{
    id::{SupplierName, VerticalName},
    market::Market,
    tree::Tree,
};

/// What a run may take beyond its auction and its posts: the store's retries, and some air.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

pub fn duplicates_window(market: &Market) -> Duration {
    Duration::from_secs(u64::from(market.parts().duplicates_window_days) * 24 * 60 * 60)
}

/// A strict buyer has at most this long to confirm.
const CONFIRM_TIME: Duration = Duration::from_secs(5);
/// More contracts than this are not sold to one after the other, whatever the tree lists.
const MOST_IN_TURN: u32 = 50;

/// How long a run of this kind may take at most: two auctions (a quoted offer may fall away), and for each contract its
/// confirmation and two posts, since buyers that can't be reached use up no disclosure. It ends only what a node has left
/// behind while it went on itself: after a crash, recovery waits for no lease.
pub fn lease(market: &Market, vertical: &VerticalName, supplier: &SupplierName) -> Duration {
    let tree = market.tree_for(vertical, supplier).map(|index| market.tree(index));
    let Some(tree) = tree else { return LEASE_MARGIN };
    let slowest = tree.tiers.iter().flat_map(|tier| &tier.contracts).map(|index| market.buyer_of(*index).endpoint.post_timeout).max().unwrap_or_default();
    let in_turn = tree.tiers.iter().map(|tier| tier.contracts.len()).sum::<usize>().clamp(1, MOST_IN_TURN as usize) as u32;
    tree.deadline.max(Tree::DEFAULT_DEADLINE) * 2 + (slowest * 2 + CONFIRM_TIME) * in_turn + LEASE_MARGIN
}
