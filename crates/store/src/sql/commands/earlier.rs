//! What an earlier request of the same supplier means for this one: a repeat, a clash, or a run that was cut off.

use exchange::{
    command::{Accept, LeadStatus, NotAccepted},
    id::LeadId,
    record::UnsoldReason,
    seal::Fingerprint,
};

use super::super::{
    batch::Batch,
    db::params,
    failure::Result,
    lead_state::{LeadState, Sales},
};
use crate::policy::IDEMPOTENCY_KEYS_KEPT;

pub(super) enum Earlier {
    None,
    Answers(NotAccepted),
    /// The same request, and its run was cut off before anything was sent: the new lead takes its place.
    CutOff(LeadId),
}

/// By the request's idempotency key.
pub(super) fn by_key(batch: &Batch<'_>, accept: &Accept) -> Result<Earlier> {
    let Some(idempotency) = &accept.idempotency else { return Ok(Earlier::None) };
    let sql = "SELECT fingerprint, lead FROM idempotency_keys WHERE supplier = ?1 AND key = ?2 AND used_at > ?3";
    let kept_since = batch.now.minus(IDEMPOTENCY_KEYS_KEPT).micros();
    let used = batch
        .db
        .one(sql, params![accept.supplier.as_str(), &idempotency.key, kept_since], |row| Ok((row.value::<Fingerprint>(0)?, row.value::<Option<LeadId>>(1)?)))?;
    match used {
        None => Ok(Earlier::None),
        Some((fingerprint, Some(lead))) if fingerprint == idempotency.fingerprint => repeated(batch, lead),
        // Another payload, or a ping's request.
        Some(_) => Ok(Earlier::Answers(NotAccepted::KeyReused)),
    }
}

/// By the ping that was posted already.
pub(super) fn by_ping(batch: &Batch<'_>, posted: LeadId, accept: &Accept) -> Result<Earlier> {
    let fingerprint = batch.db.one("SELECT fingerprint FROM leads WHERE id = ?1", params![posted.bytes()], |row| row.value::<Option<Fingerprint>>(0))?;
    if fingerprint.flatten() == Some(accept.fingerprint) { repeated(batch, posted) } else { Ok(Earlier::Answers(NotAccepted::PostedOtherwise(posted))) }
}

fn repeated(batch: &Batch<'_>, lead: LeadId) -> Result<Earlier> {
    let Some(state) = LeadState::of(batch.db, lead)? else { return Ok(Earlier::None) };
    if !state.runs() {
        // Recovery was there before the supplier: the repeat auctions again all the same.
        return Ok(if was_interrupted(batch, lead)? { Earlier::CutOff(lead) } else { Earlier::Answers(NotAccepted::Repeat(lead)) });
    }
    if state.erased {
        return Ok(Earlier::Answers(NotAccepted::Erased));
    }
    // Whatever may have been sent is recovery's to judge, not a repeat's.
    if state.is_alive(batch.db, batch.now)? || Sales::of(batch.db, lead)?.post_started {
        return Ok(Earlier::Answers(NotAccepted::InFlight(lead)));
    }
    Ok(Earlier::CutOff(lead))
}

/// Whether its run was cut off before anything was sent, and it was ended for that.
fn was_interrupted(batch: &Batch<'_>, lead: LeadId) -> Result<bool> {
    let sql = "SELECT 1 FROM leads WHERE id = ?1 AND status = ?2 AND reason = ?3 AND erased_at IS NULL";
    let params = params![lead.bytes(), LeadStatus::Unsold.word(), UnsoldReason::Interrupted.word()];
    let interrupted = batch.db.one(sql, params, |_| Ok(()))?.is_some();
    Ok(interrupted && !Sales::of(batch.db, lead)?.post_started)
}
