//! AddOffers: bids that came after a quote was given become its fallbacks, as long as nobody has posted it.

use exchange::{command::QuotedOffer, id::PingId};

use super::super::{
    batch::{Batch, Pending},
    column::packed,
    db::params,
    failure::Result,
};

pub(super) fn add_offers(batch: &Batch<'_>, ping: PingId, offers: &[QuotedOffer]) -> Result<Pending> {
    let sql = "SELECT offers FROM quotes WHERE ping = ?1 AND lead IS NULL AND erased_at IS NULL AND expires_at > ?2";
    let open = batch.db.one(sql, params![ping.bytes(), batch.now.micros()], |row| row.packed::<Vec<QuotedOffer>>(0))?;
    let Some(mut kept) = open else { return Ok(Pending::done()) };
    for offer in offers {
        if !kept.contains(offer) {
            kept.push(offer.clone());
        }
    }
    batch.db.write("UPDATE quotes SET offers = ?2 WHERE ping = ?1", params![ping.bytes(), packed(&kept)?])?;
    Ok(Pending::done())
}
