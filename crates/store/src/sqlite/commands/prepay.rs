//! Prepay: money that came in for a buyer. The only command that isn't idempotent: it has no id.

use exchange::{
    command::Outcome,
    id::BuyerName,
    ledger::{Account, Transfer},
    money::Money,
};

use super::super::{
    accounts::{self, Cause},
    batch::{Batch, Pending},
    failure::Result,
};

pub(super) fn prepay(batch: &Batch<'_>, buyer: &BuyerName, amount: Money, note: &str) -> Result<Pending> {
    if !amount.is_positive() {
        return Ok(Pending::conflict("a prepayment is more than nothing"));
    }
    accounts::book(batch, &Cause::Prepayment { note }, &Transfer::of_prepayment(buyer, amount)?)?;
    Ok(Pending::Ready(Outcome::Balance(accounts::balance(batch.db, &Account::Buyer(buyer.clone()))?)))
}
