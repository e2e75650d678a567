//! The ledger and the balances.

use std::collections::BTreeMap;

use exchange::{
    id::{BuyerName, LeadId},
    ledger::Account,
    money::Money,
};
use rusqlite::Connection;

use super::super::{column::Columns, failure::Result, query::Query};
use crate::rows::{AccountRow, LedgerRow};

pub(in crate::sqlite) fn ledger_of(db: &Connection, lead: LeadId) -> Result<Vec<LedgerRow>> {
    let sql = "SELECT transfers.id, cause, sale, lead, account, amount, note, booked_at
        FROM transfers JOIN entries ON entries.transfer = transfers.id WHERE lead = ?1 ORDER BY transfers.id, account";
    db.all(sql, [lead.bytes()], |row| {
        Ok(LedgerRow {
            transfer: row.value(0)?,
            cause: row.get(1)?,
            sale: row.optional(2)?,
            lead: row.optional(3)?,
            account: row.value(4)?,
            amount: row.value(5)?,
            note: row.get(6)?,
            booked_at: row.value(7)?,
        })
    })
}

pub(in crate::sqlite) fn balances(db: &Connection) -> Result<Vec<AccountRow>> {
    let mut accounts: BTreeMap<Account, (Money, Money)> = BTreeMap::new();
    for (account, amount) in db.all("SELECT account, amount FROM balances", [], |row| Ok((row.value::<Account>(0)?, row.value(1)?)))? {
        accounts.entry(account).or_default().0 = amount;
    }
    for (buyer, held) in db.all("SELECT buyer, held FROM credit_holds", [], |row| Ok((row.value::<BuyerName>(0)?, row.value(1)?)))? {
        accounts.entry(Account::Buyer(buyer)).or_default().1 = held;
    }
    Ok(accounts.into_iter().map(|(account, (balance, held))| AccountRow { account, balance, held }).collect())
}

pub(in crate::sqlite) fn ledger_sum(db: &Connection) -> Result<Money> {
    Ok(db.one("SELECT coalesce(sum(amount), 0) FROM entries", [], |row| row.value(0))?.unwrap_or_default())
}
