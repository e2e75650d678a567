//! Money: the ledger's transfers, the balances that they sum to, and what is held of a buyer's credit.

use exchange::{
    id::{BuyerName, LeadId, SaleId},
    ledger::{Account, Transfer},
    money::Money,
};
use rusqlite::{Connection, params};

use super::{
    batch::Batch,
    column::Columns,
    failure::{Failure, Result},
    query::Query,
};

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
    pub fn of(db: &Connection, buyer: &BuyerName) -> Result<Self> {
        let (held, firm) =
            db.one("SELECT held, firm FROM credit_holds WHERE buyer = ?1", [buyer.as_str()], |row| Ok((row.value(0)?, row.value(1)?)))?.unwrap_or_default();
        Ok(Self { balance: balance(db, &Account::Buyer(buyer.clone()))?, held, firm })
    }

    /// What may still be spent where the balance may go `credit` below zero.
    pub fn available(&self, credit: Money) -> Money {
        self.balance + credit - self.held
    }
}

pub(super) fn balance(db: &Connection, account: &Account) -> Result<Money> {
    let amount = db.one("SELECT amount FROM balances WHERE account = ?1", [account.to_string()], |row| row.value(0))?;
    Ok(amount.unwrap_or_default())
}

/// Changes what is held of a buyer's credit: `firm` is the change of the firm quotes' part. Below zero is an error of the engine,
/// and the table's checks stop it.
pub(super) fn hold(batch: &Batch<'_>, buyer: &BuyerName, held: Money, firm: Money) -> Result<()> {
    batch.db.change("INSERT INTO credit_holds (buyer, held, firm) VALUES (?1, 0, 0) ON CONFLICT DO NOTHING", [buyer.as_str()])?;
    let sql = "UPDATE credit_holds SET held = held + ?2, firm = firm + ?3 WHERE buyer = ?1";
    batch.db.change(sql, params![buyer.as_str(), held.micros(), firm.micros()])?;
    Ok(())
}

/// Why money moves.
pub(super) enum Cause<'a> {
    Sale { sale: SaleId, lead: LeadId },
    Prepayment { note: &'a str },
}

/// Writes a transfer's entries and keeps the balances in step.
pub(super) fn book(batch: &Batch<'_>, cause: &Cause<'_>, transfer: &Transfer) -> Result<()> {
    let (word, sale, lead, note) = match cause {
        Cause::Sale { sale, lead } => ("sale", Some(sale.bytes()), Some(lead.bytes()), None),
        Cause::Prepayment { note } => ("prepayment", None, None, Some(*note)),
    };
    let sql = "INSERT INTO transfers (cause, sale, lead, note, booked_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    batch.db.change(sql, params![word, sale, lead, note, batch.now.micros()])?;
    let id = batch.db.last_insert_rowid();
    for entry in transfer.entries() {
        let (account, amount) = (entry.account.to_string(), entry.amount.micros());
        batch.db.change("INSERT INTO entries (transfer, account, amount) VALUES (?1, ?2, ?3)", params![id, account, amount])?;
        let sql = "INSERT INTO balances (account, amount) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET amount = amount + excluded.amount";
        let changed = batch.db.change(sql, params![account, amount])?;
        if changed != 1 {
            return Err(Failure::Broken("an entry changed no balance"));
        }
        batch.booked(amount);
    }
    Ok(())
}
