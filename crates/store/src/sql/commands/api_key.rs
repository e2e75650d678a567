//! API keys: only their hashes are kept. A revoked key stays, so that its id is never given again.

use exchange::{
    command::{NewKey, Outcome, Role},
    id::KeyId,
};

use super::super::{
    batch::{Batch, Pending},
    column::packed,
    db::params,
    failure::Result,
};

pub(super) fn add(batch: &Batch<'_>, key: &NewKey) -> Result<Pending> {
    let sql = "SELECT role, hash FROM api_keys WHERE id = ?1";
    let known = batch.db.one(sql, params![key.id.bytes()], |row| Ok((row.packed::<Role>(0)?, row.value::<[u8; 32]>(1)?)))?;
    match known {
        Some((role, hash)) if role == key.role && hash == key.hash => Ok(Pending::done()),
        Some(_) => Ok(Pending::conflict(format!("{} is another key's id", key.id))),
        None => {
            let sql = "INSERT INTO api_keys (id, role, hash, added_at) VALUES (?1, ?2, ?3, ?4)";
            batch.db.write(sql, params![key.id.bytes(), packed(&key.role)?, &key.hash, batch.now.micros()])?;
            Ok(Pending::done())
        }
    }
}

/// Says whether there is such a key; revoking it twice is the same as once.
pub(super) fn revoke(batch: &Batch<'_>, key: KeyId) -> Result<Pending> {
    let sql = "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
    let known = batch.db.change(sql, params![key.bytes(), batch.now.micros()])? > 0;
    Ok(Pending::Ready(Outcome::Revoked(known)))
}
