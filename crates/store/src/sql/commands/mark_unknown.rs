//! MarkUnknown: the buyer may have the contact and nobody knows. Whatever the sale holds, it keeps.

use exchange::id::SaleId;

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
    batch.db.write("UPDATE sales SET status = 'unknown' WHERE id = ?1", params![sale.bytes()])?;
    sale_state::say_why(batch, sale, why)?;
    disclosure::mark(batch, sale, "unknown")?;
    lead_state::follow_sales(batch, state.lead)?;
    Ok(Pending::done())
}
