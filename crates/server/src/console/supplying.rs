//! A supplier's own world: its leads and what became of them, its payouts, and how to send. Never a buyer's name or price.

pub mod lead;
pub mod leads;
pub mod posting;
pub mod statement;

use exchange::{id::SupplierName, person::PersonRole};

use super::{failed::Failed, visitor::Visitor};

/// Whose world the visitor sees.
fn supplier_of(visitor: &Visitor) -> Result<SupplierName, Failed> {
    match &visitor.role {
        PersonRole::Supplier(name) => Ok(name.clone()),
        _ => Err(Failed::NotAllowed),
    }
}
