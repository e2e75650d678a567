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
    let sql = "SELECT fingerprint, ping, used_at, (SELECT lives_until FROM nodes WHERE nodes.id = idempotency_keys.node)
        FROM idempotency_keys WHERE supplier = ?1 AND key = ?2 AND used_at > ?3";
    let kept_since = batch.now.minus(IDEMPOTENCY_KEYS_KEPT).micros();
    let used = batch.db.one(sql, params![claim.supplier.as_str(), &claim.idempotency.key, kept_since], |row| {
        Ok((row.value::<Fingerprint>(0)?, row.value::<Option<PingId>>(1)?, row.value::<Timestamp>(2)?, row.value::<Option<Timestamp>>(3)?))
    })?;
    let outcome = match used {
        None => Outcome::Claimed,
        Some((fingerprint, Some(ping), used_at, node_lives_until)) if fingerprint == claim.idempotency.fingerprint => {
            if ping == claim.ping {
                return Ok(Pending::Ready(Outcome::Claimed));
            }
            let may_go_on = batch.now < used_at.plus(CLAIM_KEPT) && node_lives_until.is_some_and(|until| batch.now < until);
            if !may_go_on && !is_answered(batch, ping)? { Outcome::Claimed } else { Outcome::AlreadyPinged(ping) }
        }
        // Another payload, or a lead's request.
        Some(_) => Outcome::KeyReused,
    };
    if matches!(outcome, Outcome::Claimed) {
        let sql = "INSERT INTO idempotency_keys (supplier, key, fingerprint, ping, used_at, node) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (supplier, key)
            DO UPDATE SET fingerprint = excluded.fingerprint, ping = excluded.ping, lead = NULL, used_at = excluded.used_at, node = excluded.node";
        let idempotency = &claim.idempotency;
        let params = params![claim.supplier.as_str(), &idempotency.key, &idempotency.fingerprint.0, claim.ping.bytes(), batch.now.micros(), claim.node.bytes()];
        batch.db.write(sql, params)?;
    }
    Ok(Pending::Ready(outcome))
}

/// Whether the key is still the ping's.
pub(super) fn is_kept(batch: &Batch<'_>, claim: &Claim) -> Result<bool> {
    let sql = "SELECT 1 FROM idempotency_keys WHERE supplier = ?1 AND key = ?2 AND ping = ?3";
    batch.db.exists(sql, params![claim.supplier.as_str(), &claim.idempotency.key, claim.ping.bytes()])
}

/// The key is free again, unless the ping was answered after all.
pub(super) fn unclaim(batch: &Batch<'_>, claim: &Claim) -> Result<Pending> {
    let sql = "DELETE FROM idempotency_keys WHERE supplier = ?1 AND key = ?2 AND ping = ?3 AND NOT EXISTS (SELECT 1 FROM quotes WHERE quotes.ping = ?3)";
    batch.db.write(sql, params![claim.supplier.as_str(), &claim.idempotency.key, claim.ping.bytes()])?;
    Ok(Pending::done())
}

/// Whether something durable says how the ping's auction ended. One that can't be going on any more, and isn't, was cut off.
fn is_answered(batch: &Batch<'_>, ping: PingId) -> Result<bool> {
    batch.db.exists("SELECT 1 FROM quotes WHERE ping = ?1 UNION ALL SELECT 1 FROM records WHERE kind = 0 AND id = ?1", params![ping.bytes()])
}
