//! End: a lead's run is over. Nothing is sold after it but what is unknown by now.

use exchange::command::End;

use super::super::{
    batch::{Batch, Pending},
    failure::Result,
    lead_state::{self, LeadState, Sales},
};

pub(super) fn end(batch: &Batch<'_>, end: &End) -> Result<Pending> {
    let Some(lead) = LeadState::of(batch.db, end.lead)? else { return Ok(Pending::conflict(format!("{} isn't known", end.lead))) };
    if !lead.runs() {
        return Ok(Pending::done());
    }
    if lead.fence != end.fence {
        return Ok(Pending::conflict(format!("{} is held by another run", end.lead)));
    }
    let sales = Sales::of(batch.db, end.lead)?;
    // Whoever ends the lead doesn't know of that sale: a run that was taken over has just reserved it.
    if sales.under_way {
        return Ok(Pending::conflict(format!("{} has a sale under way", end.lead)));
    }
    lead_state::end(batch, &lead, &sales, end.status, end.reason.as_deref())?;
    Ok(Pending::done())
}
