//! LookAgain: whoever looks at an unknown sale takes the look first, so that no two nodes post it again at once.

use exchange::command::LookAgain;

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
    },
    sale_state::SaleState,
};
use crate::rows::SaleStatus;

/// A sale whose post is still under way may be looked at, too: its buyer may report before it answers.
pub(super) fn look_again(batch: &Batch<'_>, look: &LookAgain) -> Result<Pending> {
    let Some((sale, lead)) = SaleState::with_lead(batch, look.sale)? else { return Ok(Pending::conflict(format!("{} isn't known", look.sale))) };
    if !matches!(sale.status, SaleStatus::Posted | SaleStatus::Unknown) {
        return Ok(Pending::conflict(sale.is_already()));
    }
    let sql = "UPDATE sales SET looks = looks + 1, look_at = CASE WHEN status = 'unknown' THEN ?3 ELSE look_at END WHERE id = ?1 AND looks = ?2";
    if batch.db.change(sql, params![look.sale.bytes(), look.looks, batch.now.plus(look.next).micros()])? == 0 {
        return Ok(Pending::conflict(format!("{} is looked at by another", look.sale)));
    }
    if lead.erased {
        return Ok(Pending::done());
    }
    Ok(Pending::Reserved { sale: look.sale, lead: sale.lead, ping: lead.ping, post_started: true })
}
