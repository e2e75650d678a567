//! What firm quotes hold of caps and credit until they expire, are posted and ended, or a sale takes a hold over.

use exchange::{
    command::{QuotedOffer, ReserveRequest, Terms},
    id::{BuyerName, ContractKey, PingId, SupplierName},
    money::{Money, Percent},
    time::Timestamp,
};

use super::{
    accounts,
    batch::Batch,
    db::params,
    failure::Result,
    usage::{self, Step},
};
use crate::policy::FIRM_QUOTES_PER_SUPPLIER;

/// Whether every promised offer can be held, within the firm quotes' share and the supplier's number of them.
pub(super) fn can_take(batch: &Batch<'_>, supplier: &SupplierName, offers: &[(&QuotedOffer, &Terms)], share: Percent) -> Result<bool> {
    // Two legs of one buyer would have to be checked together. A tier never makes them.
    let mut buyers: Vec<_> = offers.iter().map(|(_, terms)| &terms.contract.buyer).collect();
    buyers.sort_unstable();
    buyers.dedup();
    if offers.is_empty() || buyers.len() != offers.len() || open_firm_quotes(batch, supplier)? >= FIRM_QUOTES_PER_SUPPLIER {
        return Ok(false);
    }
    for (offer, terms) in offers {
        let credit = accounts::credit(batch, &terms.contract.buyer)?;
        let open_to_all = credit.available(terms.credit) + credit.firm;
        if (credit.firm + offer.price).micros() > share.of_rounded_down(open_to_all.micros()) {
            return Ok(false);
        }
        for cap in &terms.caps {
            if !usage::filled(batch, &terms.contract, cap, &terms.time_zone)?.admits_firm(cap, offer.price, share) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Counted no further than to their most, [`FIRM_QUOTES_PER_SUPPLIER`].
fn open_firm_quotes(batch: &Batch<'_>, supplier: &SupplierName) -> Result<u64> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM quotes WHERE supplier = ?1 AND holding AND lead IS NULL LIMIT 1000) AS open";
    batch.firm_quotes_of(supplier, || Ok(batch.db.one(sql, params![supplier.as_str()], |row| row.value(0))?.unwrap_or_default()))
}

pub(super) fn take(batch: &Batch<'_>, ping: PingId, offer: &QuotedOffer, contract: &ContractKey) -> Result<()> {
    let sql = "INSERT INTO quote_holds (ping, contract, kind, buyer, price, counted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let (price, now) = (offer.price, batch.now);
    batch.db.write(sql, params![ping.bytes(), contract.to_string(), offer.kind.word(), contract.buyer.as_str(), price.micros(), now.micros()])?;
    accounts::hold(batch, &contract.buyer, price, price);
    usage::change(batch, contract, now, price, Step::FirmTaken)
}

/// Makes a quote's hold the hold of a sale, if there is one for just this offer, and says when it was counted.
pub(super) fn take_over(batch: &Batch<'_>, ping: PingId, request: &ReserveRequest) -> Result<Option<Timestamp>> {
    let sql = "DELETE FROM quote_holds WHERE ping = ?1 AND contract = ?2 AND kind = ?3 AND price = ?4 RETURNING counted_at";
    let params = params![ping.bytes(), request.contract.to_string(), request.kind.word(), request.price.micros()];
    let Some(counted_at) = batch.db.one(sql, params, |row| row.value::<Timestamp>(0))? else { return Ok(None) };
    accounts::hold(batch, &request.contract.buyer, Money::ZERO, -request.price);
    usage::change(batch, &request.contract, counted_at, request.price, Step::FirmSold)?;
    Ok(Some(counted_at))
}

/// Gives back whatever a quote still holds.
pub(super) fn release(batch: &Batch<'_>, ping: PingId) -> Result<()> {
    if batch.db.change("UPDATE quotes SET holding = FALSE WHERE ping = ?1 AND holding", params![ping.bytes()])? == 0 {
        return Ok(());
    }
    batch.recount_firm_quotes();
    let sql = "DELETE FROM quote_holds WHERE ping = ?1 RETURNING contract, buyer, price, counted_at";
    let holds = batch.db.all(sql, params![ping.bytes()], |row| {
        Ok((row.value::<ContractKey>(0)?, row.value::<BuyerName>(1)?, row.value::<Money>(2)?, row.value::<Timestamp>(3)?))
    })?;
    for (contract, buyer, price, counted_at) in holds {
        accounts::hold(batch, &buyer, -price, -price);
        usage::change(batch, &contract, counted_at, price, Step::FirmFreed)?;
    }
    Ok(())
}
