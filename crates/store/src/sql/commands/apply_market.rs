//! ApplyMarket: a market becomes the new revision, unless it was made from one that isn't the newest any more.

use exchange::{
    command::{ApplyMarket, Outcome},
    id::Revision,
};

use super::super::{
    batch::{Batch, Pending},
    column::integer,
    db::params,
    failure::Result,
};
use super::draft;

/// The newest market once more is no new revision: it may have been read by another release since.
pub(super) fn apply_market(batch: &Batch<'_>, market: &ApplyMarket) -> Result<Pending> {
    let ApplyMarket { bundle, kept, base, author, note, draft } = market;
    let sql = "SELECT revision, bundle = ?1 FROM markets ORDER BY revision DESC LIMIT 1";
    let newest = batch.db.one(sql, params![bundle.as_slice()], |row| Ok((row.value::<Revision>(0)?, row.value::<bool>(1)?)))?;
    let (newest, same) = newest.unwrap_or_default();
    if same {
        draft.map_or(Ok(()), |(draft, version)| draft::end(batch, draft, version))?;
        batch.db.write("UPDATE markets SET kept = ?1 WHERE revision = ?2", params![kept.as_slice(), integer(newest.0)])?;
        return Ok(Pending::Ready(Outcome::Stays(newest)));
    }
    if base.is_some_and(|base| base != newest) {
        return Ok(Pending::Ready(Outcome::StaleBase { newest }));
    }
    if let Some((draft, version)) = draft
        && !draft::is_at(batch, *draft, *version)?
    {
        return Ok(Pending::conflict(draft::CHANGED));
    }
    let next = Revision(newest.0 + 1);
    let sql = "INSERT INTO markets (revision, bundle, kept, applied_at, author, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    batch.db.write(sql, params![integer(next.0), bundle.as_slice(), kept.as_slice(), batch.now.micros(), author, note])?;
    draft.map_or(Ok(()), |(draft, version)| draft::end(batch, draft, version))?;
    Ok(Pending::Ready(Outcome::Applied(next)))
}
