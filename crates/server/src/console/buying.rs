//! A buyer's own world: its contracts and caps, its bids and why they lost, its sales with their contacts, its money. Never another
//! buyer's name or price.

pub mod bids;
pub mod contract;
pub mod overview;
pub mod sale;
pub mod sales;
pub mod statement;

use exchange::{id::BuyerName, person::PersonRole};

use super::{failed::Failed, visitor::Visitor};

/// Whose world the visitor sees.
fn buyer_of(visitor: &Visitor) -> Result<BuyerName, Failed> {
    match &visitor.role {
        PersonRole::Buyer(name) => Ok(name.clone()),
        _ => Err(Failed::NotAllowed),
    }
}
