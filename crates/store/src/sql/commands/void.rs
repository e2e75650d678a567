//! Void: a sale that didn't come about gives back what it held. That the buyer had the contact stays in the journal.

use exchange::{
    command::{Void, VoidCause},
    notice::Change,
};

use super::{
    super::{
        batch::{Batch, Pending},
        failure::Result,
        lead_state,
    },
    disclosure,
    sale_state::{self, SaleState},
};
use crate::rows::SaleStatus;

pub(super) fn void(batch: &Batch<'_>, void: &Void) -> Result<Pending> {
    let Some(sale) = SaleState::of(batch, void.sale)? else { return Ok(Pending::conflict(format!("{} isn't known", void.sale))) };
    match sale.status {
        // A look may have sent it since the run's own post left nothing.
        SaleStatus::Unknown if void.cause == VoidCause::Unsent && sale.looks > 0 => return Ok(Pending::conflict(sale.is_already())),
        // It is given up only once nobody could find out: the post may yet be answered.
        SaleStatus::Reserved | SaleStatus::Posted if void.cause == VoidCause::GivenUp => return Ok(Pending::conflict(sale.is_already())),
        // Its post has started since recovery looked: the run lives.
        SaleStatus::Posted | SaleStatus::Unknown if void.cause == VoidCause::Interrupted => return Ok(Pending::conflict(sale.is_already())),
        SaleStatus::Reserved | SaleStatus::Posted | SaleStatus::Unknown => {}
        SaleStatus::Void => return Ok(Pending::done()),
        SaleStatus::Sold | SaleStatus::Returned => return Ok(Pending::conflict(sale.is_already())),
    }
    sale_state::give_back(batch, void.sale, void.cause, &void.why)?;
    let outcome = match void.cause {
        // Provably nothing left: it was no disclosure after all.
        VoidCause::Unsent => "unsent",
        VoidCause::Rejected => "rejected",
        VoidCause::NotConfirmed | VoidCause::Interrupted | VoidCause::GivenUp => "void",
    };
    disclosure::mark(batch, void.sale, outcome)?;
    lead_state::follow_late(batch, sale.lead, Change::Decided, false)?;
    Ok(Pending::done())
}
