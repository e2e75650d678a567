//! ApplyMarket: a market becomes the new revision, unless it was made from one that isn't the newest any more.

use exchange::{command::Outcome, id::Revision};

use super::super::{
    batch::{Batch, Pending},
    column::integer,
    db::params,
    failure::Result,
};

/// The newest market once more is no new revision: it may have been read by another release since.
pub(super) fn apply_market(batch: &Batch<'_>, bundle: &[u8], kept: &[u8], base: Option<Revision>) -> Result<Pending> {
    let sql = "SELECT revision, bundle = ?1 FROM markets ORDER BY revision DESC LIMIT 1";
    let newest = batch.db.one(sql, params![bundle], |row| Ok((row.value::<Revision>(0)?, row.value::<bool>(1)?)))?;
    let (newest, same) = newest.unwrap_or_default();
    if same {
        batch.db.write("UPDATE markets SET kept = ?1 WHERE revision = ?2", params![kept, integer(newest.0)])?;
        return Ok(Pending::Ready(Outcome::Applied(newest)));
    }
    if base.is_some_and(|base| base != newest) {
        return Ok(Pending::Ready(Outcome::StaleBase { newest }));
    }
    let next = Revision(newest.0 + 1);
    let sql = "INSERT INTO markets (revision, bundle, kept, applied_at) VALUES (?1, ?2, ?3, ?4)";
    batch.db.write(sql, params![integer(next.0), bundle, kept, batch.now.micros()])?;
    Ok(Pending::Ready(Outcome::Applied(next)))
}
