//! Prepay: money that came in for a buyer. Booked once, by its id.

use exchange::{
    command::Outcome,
    id::{BuyerName, PrepaymentId},
    ledger::{Account, Transfer},
    money::Money,
};

use super::super::{
    accounts::{self, Cause},
    batch::{Batch, Pending},
    failure::Result,
};

pub(super) fn prepay(batch: &Batch<'_>, id: PrepaymentId, buyer: &BuyerName, amount: Money, note: &str) -> Result<Pending> {
    if !amount.is_positive() {
        return Ok(Pending::conflict("a prepayment is more than nothing"));
    }
    let cause = Cause::Prepayment { id, note };
    if !accounts::is_booked(batch, &cause)? {
        accounts::book(batch, &cause, &Transfer::of_prepayment(buyer, amount)?)?;
    }
    Ok(Pending::Ready(Outcome::Balance(accounts::balance(batch.db, &Account::Buyer(buyer.clone()))?)))
}
