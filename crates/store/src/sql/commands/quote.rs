//! Quote (T0): what a supplier is promised becomes durable, with its record, before it is answered.

use exchange::{
    command::{Outcome, Quote, QuotedOffer, Terms},
    id::Subject,
    time::Timestamp,
};

use super::{
    super::{
        batch::{Batch, Pending},
        column::{integer, packed},
        db::params,
        failure::{Failure, Result},
        quote_holds, quote_record, sealed,
    },
    claim,
};

/// A quote that should be firm holds all of its promised offers, or none and says so. A test holds nothing.
pub(super) fn quote(batch: &Batch<'_>, quote: &Quote) -> Result<Pending> {
    // What takes no holds and no key need not be looked for before it is written.
    let is_plain = quote.claim.is_none() && quote.holds.is_empty();
    if !is_plain && let Some(known) = known(batch, quote)? {
        return Ok(known);
    }
    if let Some(claim) = &quote.claim
        && !claim::is_kept(batch, claim)?
    {
        return Ok(Pending::conflict(format!("the key of {} was claimed by another", quote.ping)));
    }
    let promised: Vec<&QuotedOffer> = quote.offers.iter().filter(|offer| offer.promised).collect();
    let holds: Vec<(&QuotedOffer, &Terms)> = promised.iter().copied().zip(&quote.holds).collect();
    let all = holds.len() == promised.len() && !quote.test;
    let firm = all && quote_holds::can_take(batch, &quote.supplier, &holds, quote.firm_share)?;
    let expires_at = batch.now.plus(quote.lives);
    if !write(batch, quote, firm, expires_at)? {
        return known(batch, quote)?.ok_or(Failure::Broken("a quote is there and is not"));
    }
    if firm {
        batch.one_more_firm_quote(&quote.supplier);
        holds.iter().try_for_each(|(offer, terms)| quote_holds::take(batch, quote.ping, offer, &terms.contract))?;
    }
    Ok(Pending::Ready(Outcome::Quoted { firm, expires_at }))
}

/// The very command was applied before: the answer to it got lost.
fn known(batch: &Batch<'_>, quote: &Quote) -> Result<Option<Pending>> {
    batch.db.one("SELECT firm, expires_at FROM quotes WHERE ping = ?1", params![quote.ping.bytes()], |row| {
        Ok(Pending::Ready(Outcome::Quoted { firm: row.value(0)?, expires_at: row.value(1)? }))
    })
}

/// All of it in one row, so that it is written once. Says whether it is new.
fn write(batch: &Batch<'_>, quote: &Quote, firm: bool, expires_at: Timestamp) -> Result<bool> {
    let sql = "INSERT INTO quotes (ping, supplier, vertical, revision, test, attributes, offers, asked, net, firm, holding, quoted_at, expires_at, wrapped_key,
        sealed, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (ping) DO NOTHING";
    let part = quote.sealed.as_ref();
    if part.is_some_and(|part| part.subject != Subject::Ping(quote.ping)) {
        return Err(Failure::Broken("what is sealed of a quote is another's"));
    }
    let written = batch.db.change(
        sql,
        params![
            quote.ping.bytes(),
            quote.supplier.as_str(),
            quote.vertical.as_str(),
            integer(quote.revision.0),
            quote.test,
            packed(&quote.attributes)?,
            packed(&quote.offers)?,
            packed(&quote.asked)?,
            quote.net.micros(),
            firm,
            batch.now.micros(),
            expires_at.micros(),
            part.map(|part| packed(&part.key)).transpose()?,
            part.map(|part| sealed::values(&part.values)).transpose()?,
            quote_record::packed(quote)?,
        ],
    )?;
    Ok(written > 0)
}
