//! RequestReturn: a buyer gives a sale back, inside its contract's window and share. The operator decides.

use exchange::{
    command::Outcome,
    returns::{COUNTED_OVER, RequestReturn, ReturnRefusal},
    time::Timestamp,
};

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
        lead_state::LeadState,
        sealed,
    },
    sale_state::SaleState,
};
use crate::rows::{ReturnStatus, SaleStatus};

pub(super) fn request_return(batch: &Batch<'_>, request: &RequestReturn) -> Result<Pending> {
    match admit(batch, request)? {
        Ok(true) => write(batch, request)?,
        Ok(false) => {}
        Err(refusal) => return Ok(Pending::Ready(Outcome::ReturnRefused(refusal))),
    }
    Ok(Pending::Ready(Outcome::ReturnOpen))
}

/// Whether there is something to write; the same request again has nothing.
fn admit(batch: &Batch<'_>, request: &RequestReturn) -> Result<Result<bool, ReturnRefusal>> {
    let Some(sale) = SaleState::of(batch, request.sale)?.filter(|sale| sale.contract.buyer == request.buyer) else {
        return Ok(Err(ReturnRefusal::UnknownSale));
    };
    let sql = "SELECT status, reason FROM returns WHERE sale = ?1";
    let earlier = batch.db.one(sql, params![request.sale.bytes()], |row| Ok((row.value::<ReturnStatus>(0)?, row.value::<String>(1)?)))?;
    match earlier {
        Some((ReturnStatus::Refused, _)) => return Ok(Err(ReturnRefusal::AlreadyRefused)),
        Some((_, reason)) if reason == request.reason.word() => return Ok(Ok(false)),
        Some(_) => return Ok(Err(ReturnRefusal::AlreadyRequested)),
        None => {}
    }
    if sale.status != SaleStatus::Sold || sale.test {
        return Ok(Err(ReturnRefusal::NotSold));
    }
    let sold_at = batch.db.one("SELECT ended_at FROM sales WHERE id = ?1", params![request.sale.bytes()], |row| row.value::<Timestamp>(0))?;
    let age = batch.now.since(sold_at.unwrap_or(batch.now));
    let (sales, returns) = recent(batch, &sale)?;
    Ok(request.rules.admit(age, sales, returns).map(|()| true))
}

/// The contract's recent sales and recent returns, those that are open included.
fn recent(batch: &Batch<'_>, sale: &SaleState) -> Result<(u64, u64)> {
    let since = batch.now.minus(COUNTED_OVER).micros();
    let count = |sql: &str| -> Result<u64> { Ok(batch.db.one(sql, params![sale.contract.to_string(), since], |row| row.value(0))?.unwrap_or_default()) };
    let sales = count("SELECT count(*) FROM sales WHERE contract = ?1 AND counted_at > ?2 AND status IN ('sold', 'returned')")?;
    // Whenever they were sold: an old sale that is given back today is one of today's returns.
    let returns = count(
        "SELECT count(*) FROM returns CROSS JOIN sales
        WHERE sales.id = returns.sale AND sales.contract = ?1 AND returns.requested_at > ?2 AND returns.status <> 'refused'",
    )?;
    Ok((sales, returns))
}

fn write(batch: &Batch<'_>, request: &RequestReturn) -> Result<()> {
    let erased = match SaleState::of(batch, request.sale)? {
        Some(sale) => LeadState::of(batch.db, sale.lead)?.is_none_or(|lead| lead.erased),
        None => true,
    };
    let note = request.note.as_ref().filter(|_| !erased).map(sealed::whole).transpose()?;
    let sql = "INSERT INTO returns (sale, status, reason, note, requested_at) VALUES (?1, 'requested', ?2, ?3, ?4)";
    batch.db.write(sql, params![request.sale.bytes(), request.reason.word(), note, batch.now.micros()])
}
