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

/// How long a run of this kind may take at most: two auctions (a quoted offer may fall away), and for each buyer that
/// may get the contact its confirmation and two posts.
pub fn lease(market: &Market, vertical: &VerticalName, supplier: &SupplierName) -> Duration {
    let tree = market.tree_for(vertical, supplier).map(|index| market.tree(index));
    let Some(tree) = tree else { return LEASE_MARGIN };
    let slowest = tree.tiers.iter().flat_map(|tier| &tier.contracts).map(|index| market.buyer_of(*index).endpoint.post_timeout).max().unwrap_or_default();
    tree.deadline.max(Tree::DEFAULT_DEADLINE) * 2 + slowest * 3 * tree.max_disclosures + LEASE_MARGIN
}
