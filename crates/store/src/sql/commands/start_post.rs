//! StartPost: a strict contract has confirmed, so the post may start. The present is asked once more.

use exchange::{command::StartPost, refusal::Refusal};

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
    },
    disclosure,
    reserve::kept_out_by,
    sale_state::SaleState,
};
use crate::rows::SaleStatus;

pub(super) fn start_post(batch: &Batch<'_>, start: &StartPost) -> Result<Pending> {
    let sale = start.sale;
    let Some((state, lead)) = SaleState::with_lead(batch, sale)? else { return Ok(Pending::conflict(format!("{sale} isn't known"))) };
    if lead.erased {
        return Ok(Pending::refused(Refusal::Erased));
    }
    if !lead.is_held_by(start.fence) {
        return Ok(Pending::refused(Refusal::Fenced));
    }
    match state.status {
        // Applied before: the answer to it got lost.
        SaleStatus::Posted => {}
        SaleStatus::Reserved => {
            if let Some(list) = kept_out_by(batch.db, state.lead, &start.terms.lists)? {
                return Ok(Pending::refused(Refusal::SuppressedBy(list)));
            }
            disclosure::start(batch, &state)?;
            batch.db.write("UPDATE sales SET confirmed = TRUE WHERE id = ?1", params![sale.bytes()])?;
        }
        _ => return Ok(Pending::conflict(state.is_already())),
    }
    Ok(Pending::Reserved { sale, lead: state.lead, ping: lead.ping, post_started: true })
}
