//! End: a lead's run is over. Nothing is sold after it but what is unknown by now.

use exchange::{
    command::{End, LeadStatus},
    notice::Change,
    record::UnsoldReason,
};

use super::super::{
    batch::{Batch, Pending},
    db::params,
    failure::Result,
    lead_state::{self, LeadState, Sales},
    notices,
};

pub(super) fn end(batch: &Batch<'_>, end: &End) -> Result<Pending> {
    let Some(lead) = LeadState::of(batch.db, end.lead)? else { return Ok(Pending::conflict(format!("{} isn't known", end.lead))) };
    if !lead.runs() {
        return ended(batch, &lead, end);
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

/// The very command was applied before; or the lead was taken over meanwhile, and what this run has to say of it is not how it
/// ended: another run may have sold it since, or a sale of it is unknown.
fn ended(batch: &Batch<'_>, lead: &LeadState, end: &End) -> Result<Pending> {
    let sql = "SELECT 1 FROM leads WHERE id = ?1 AND status = ?2 AND reason IS DISTINCT FROM ?3";
    let params = params![end.lead.bytes(), end.status.word(), UnsoldReason::Interrupted.word()];
    if batch.db.exists(sql, params)? {
        return Ok(Pending::done());
    }
    // A commit that nobody could confirm had ended it. The supplier is answered that it is pending, and hears how it stands.
    if end.status == LeadStatus::Pending {
        notices::tell_at_all(batch, end.lead, Change::Decided)?;
        return Ok(Pending::done());
    }
    Ok(Pending::conflict(format!("{} has ended {} already", end.lead, lead.status.word())))
}
