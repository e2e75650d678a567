//! What accounts have: balances, and a buyer's money with what is held of it.

use exchange::{id::BuyerName, ledger::Account, money::Money};

use super::{
    db::{Db, params},
    failure::Result,
};

/// What all entries on an account sum to, as far as they are written.
pub(super) fn balance(db: &dyn Db, account: &Account) -> Result<Money> {
    let sql = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM balances WHERE account = ?1";
    Ok(db.one(sql, params![account.to_string()], |row| row.value(0))?.unwrap_or_default())
}

/// A buyer's money as it stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Credit {
    pub balance: Money,
    /// By open sales and firm quotes.
    pub held: Money,
    /// The firm quotes' part of it.
    pub firm: Money,
}

impl Credit {
    /// As it is committed.
    pub fn of(db: &dyn Db, buyer: &BuyerName) -> Result<Self> {
        let (held, firm) = db
            .one("SELECT held, firm FROM credit_holds WHERE buyer = ?1", params![buyer.as_str()], |row| Ok((row.value(0)?, row.value(1)?)))?
            .unwrap_or_default();
        Ok(Self { balance: balance(db, &Account::Buyer(buyer.clone()))?, held, firm })
    }

    /// What may still be spent where the balance may go `credit` below zero.
    pub fn available(&self, credit: Money) -> Money {
        self.balance + credit - self.held
    }
}

/// What a batch knows of a buyer's money and does to it: read once, when it is first asked for, and written once, when the batch ends.
#[derive(Default)]
pub(crate) struct BuyersMoney {
    pub(super) before: Option<Credit>,
    /// Of the balance.
    pub(super) booked: Option<Money>,
    /// Of what is held, and of the firm quotes' part of it.
    pub(super) held: Option<(Money, Money)>,
}
