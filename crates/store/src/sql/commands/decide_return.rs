//! DecideReturn: the operator accepts a return, and the sale is reversed in the ledger; or refuses it.

use exchange::{id::SaleId, ledger::Transfer, notice::Change};

use super::{
    super::{
        accounts::{self, Cause},
        batch::{Batch, Pending},
        db::params,
        failure::{Failure, Result},
        lead_state,
    },
    sale_state::SaleState,
};
use crate::rows::{ReturnStatus, SaleStatus};

pub(super) fn decide_return(batch: &Batch<'_>, sale: SaleId, accept: bool) -> Result<Pending> {
    let status = batch.db.one("SELECT status FROM returns WHERE sale = ?1", params![sale.bytes()], |row| row.value::<ReturnStatus>(0))?;
    let decided = if accept { ReturnStatus::Accepted } else { ReturnStatus::Refused };
    match status {
        Some(ReturnStatus::Requested) => {}
        Some(status) if status == decided => return Ok(Pending::done()),
        Some(status) => return Ok(Pending::conflict(format!("the return of {sale} is {} already", status.word()))),
        None => return Ok(Pending::conflict(format!("nobody has asked to return {sale}"))),
    }
    if accept {
        reverse(batch, sale)?;
    }
    let sql = "UPDATE returns SET status = ?2, decided_at = ?3 WHERE sale = ?1";
    batch.db.write(sql, params![sale.bytes(), decided.word(), batch.now.micros()])?;
    Ok(Pending::done())
}

/// The cap's slot isn't free again, and the supplier's balance may go below zero.
fn reverse(batch: &Batch<'_>, sale: SaleId) -> Result<()> {
    let sold = SaleState::with_lead(batch, sale)?.filter(|(state, _)| state.status == SaleStatus::Sold);
    let (state, lead) = sold.ok_or(Failure::Broken("a return is open of what wasn't sold"))?;
    batch.db.write("UPDATE sales SET status = 'returned' WHERE id = ?1", params![sale.bytes()])?;
    batch.db.write("UPDATE leads SET net = net - ?2 WHERE id = ?1", params![state.lead.bytes(), state.net.micros()])?;
    if !state.test {
        let transfer = Transfer::of_sale(&state.contract.buyer, &lead.supplier, state.price, state.net)?.reversed();
        accounts::book(batch, &Cause::Return { sale, lead: state.lead }, &transfer)?;
    }
    lead_state::follow_late(batch, state.lead, Change::Returned, true)
}
