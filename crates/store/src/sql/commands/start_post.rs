//! StartPost: a strict contract has confirmed, so the post may start. The present is asked once more.

use exchange::{command::Fence, id::SaleId, refusal::Refusal};

use super::{
    super::{
        batch::{Batch, Pending},
        failure::Result,
        lead_state::LeadState,
    },
    disclosure,
    reserve::{people_of, suppressed_by},
    sale_state::SaleState,
};
use crate::rows::SaleStatus;

/// Of suppression only the exchange's own list is asked again: the contract's were asked moments ago.
pub(super) fn start_post(batch: &Batch<'_>, sale: SaleId, fence: Fence) -> Result<Pending> {
    let Some(state) = SaleState::of(batch, sale)? else { return Ok(Pending::conflict(format!("{sale} isn't known"))) };
    let Some(lead) = LeadState::of(batch.db, state.lead)?.filter(|lead| !lead.erased) else { return Ok(Pending::refused(Refusal::Erased)) };
    if !lead.is_held_by(fence) {
        return Ok(Pending::refused(Refusal::Fenced));
    }
    match state.status {
        // Applied before: the answer to it got lost.
        SaleStatus::Posted => {}
        SaleStatus::Reserved => {
            if let Some(list) = suppressed_by(batch.db, &people_of(batch.db, state.lead)?, &[])? {
                return Ok(Pending::refused(Refusal::SuppressedBy(list)));
            }
            disclosure::start(batch, &state)?;
        }
        _ => return Ok(Pending::conflict(state.is_already())),
    }
    Ok(Pending::Reserved { sale, lead: state.lead, ping: lead.ping, post_started: true })
}
