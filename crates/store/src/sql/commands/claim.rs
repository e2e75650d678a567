//! Claim: an idempotency key is taken for a ping, before its auction.

use exchange::{
    command::{Claim, Outcome},
    id::PingId,
    seal::Fingerprint,
    time::Timestamp,
};

use super::super::{
    batch::{Batch, Pending},
    db::params,
    failure::Result,
};
use crate::policy::{CLAIM_KEPT, IDEMPOTENCY_KEYS_KEPT};

pub(super) fn claim(batch: &Batch<'_>, claim: &Claim) -> Result<Pending> {
    let sql = "SELECT fingerprint, ping, used_at FROM idempotency_keys WHERE supplier = ?1 AND key = ?2 AND used_at > ?3";
    let kept_since = batch.now.minus(IDEMPOTENCY_KEYS_KEPT).micros();
    let used = batch.db.one(sql, params![claim.supplier.as_str(), &claim.idempotency.key, kept_since], |row| {
        Ok((row.value::<Fingerprint>(0)?, row.value::<Option<PingId>>(1)?, row.value::<Timestamp>(2)?))
    })?;
    let outcome = match used {
        None => Outcome::Claimed,
        Some((fingerprint, Some(ping), used_at)) if fingerprint == claim.idempotency.fingerprint => {
            if ping == claim.ping {
                return Ok(Pending::Ready(Outcome::Claimed));
            }
            if was_cut_off(batch, ping, used_at)? { Outcome::Claimed } else { Outcome::AlreadyPinged(ping) }
        }
        // Another payload, or a lead's request.
        Some(_) => Outcome::KeyReused,
    };
    if matches!(outcome, Outcome::Claimed) {
        let sql = "INSERT INTO idempotency_keys (supplier, key, fingerprint, ping, used_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (supplier, key)
            DO UPDATE SET fingerprint = excluded.fingerprint, ping = excluded.ping, lead = NULL, used_at = excluded.used_at";
        let idempotency = &claim.idempotency;
        let params = params![claim.supplier.as_str(), &idempotency.key, &idempotency.fingerprint.0, claim.ping.bytes(), batch.now.micros()];
        batch.db.write(sql, params)?;
    }
    Ok(Pending::Ready(outcome))
}

/// The key is free again, unless the ping was answered after all.
pub(super) fn unclaim(batch: &Batch<'_>, claim: &Claim) -> Result<Pending> {
    let sql = "DELETE FROM idempotency_keys WHERE supplier = ?1 AND key = ?2 AND ping = ?3 AND NOT EXISTS (SELECT 1 FROM quotes WHERE quotes.ping = ?3)";
    batch.db.write(sql, params![claim.supplier.as_str(), &claim.idempotency.key, claim.ping.bytes()])?;
    Ok(Pending::done())
}

/// Whether the ping's auction ended without an answer: nothing durable says how, and it can't be going on any more.
fn was_cut_off(batch: &Batch<'_>, ping: PingId, claimed_at: Timestamp) -> Result<bool> {
    let answered = "SELECT 1 FROM quotes WHERE ping = ?1 UNION ALL SELECT 1 FROM records WHERE kind = 0 AND id = ?1";
    Ok(batch.now >= claimed_at.plus(CLAIM_KEPT) && !batch.db.exists(answered, params![ping.bytes()])?)
}
