//! MarkUnknown: the buyer may have the contact and nobody knows. Whatever the sale holds, it keeps.

use exchange::{flow::reconcile::back_off, id::SaleId};

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
        lead_state,
    },
    disclosure,
    sale_state::{self, SaleState},
};
use crate::rows::SaleStatus;

pub(super) fn mark_unknown(batch: &Batch<'_>, sale: SaleId, why: &str) -> Result<Pending> {
    let Some(state) = SaleState::of(batch, sale)? else { return Ok(Pending::conflict(format!("{sale} isn't known"))) };
    match state.status {
        SaleStatus::Posted => {}
        SaleStatus::Unknown => return Ok(Pending::done()),
        SaleStatus::Reserved | SaleStatus::Sold | SaleStatus::Void | SaleStatus::Returned => return Ok(Pending::conflict(state.is_already())),
    }
    write(batch, &state, why)?;
    lead_state::follow_sales(batch, state.lead)?;
    Ok(Pending::done())
}

/// Makes a posted sale unknown. It is looked at again soon.
pub(super) fn write(batch: &Batch<'_>, state: &SaleState, why: &str) -> Result<()> {
    let look_at = batch.now.plus(back_off(0)).micros();
    batch.db.write("UPDATE sales SET status = 'unknown', look_at = ?2 WHERE id = ?1", params![state.sale.bytes(), look_at])?;
    sale_state::say_why(batch, state.sale, why)?;
    disclosure::mark(batch, state.sale, "unknown")
}
