//! ApplyMarket: a market becomes the new revision, unless it was made from one that isn't the newest any more.

use exchange::{command::Outcome, id::Revision};

use super::super::{
    batch::{Batch, Pending},
    column::integer,
    db::params,
    failure::Result,
};

/// The newest market once more is no new revision.
pub(super) fn apply_market(batch: &Batch<'_>, bundle: &[u8], base: Option<Revision>) -> Result<Pending> {
    let sql = "SELECT revision, bundle = ?1 FROM markets ORDER BY revision DESC LIMIT 1";
    let newest = batch.db.one(sql, params![bundle], |row| Ok((row.value::<Revision>(0)?, row.value::<bool>(1)?)))?;
    let (newest, same) = newest.unwrap_or_default();
    if same {
        return Ok(Pending::Ready(Outcome::Applied(newest)));
    }
    if base.is_some_and(|base| base != newest) {
        return Ok(Pending::Ready(Outcome::StaleBase { newest }));
    }
    let next = Revision(newest.0 + 1);
    let sql = "INSERT INTO markets (revision, bundle, applied_at) VALUES (?1, ?2, ?3)";
    batch.db.write(sql, params![integer(next.0), bundle, batch.now.micros()])?;
    Ok(Pending::Ready(Outcome::Applied(next)))
}
