//! The ledger and the balances.

use std::collections::BTreeMap;

use exchange::{
    id::{BuyerName, LeadId},
    ledger::Account,
    money::Money,
};

use super::super::{
    db::{Db, params},
    failure::Result,
};
use crate::rows::{AccountRow, LedgerRow};

pub(in crate::sql) fn ledger_of(db: &dyn Db, lead: LeadId) -> Result<Vec<LedgerRow>> {
    let sql = "SELECT transfers.cause, transfers.id, transfers.lead, entries.account, entries.amount, transfers.note, transfers.booked_at
        FROM transfers JOIN entries ON entries.cause = transfers.cause AND entries.transfer = transfers.id
        WHERE transfers.lead = ?1 ORDER BY transfers.booked_at, transfers.id, transfers.cause, entries.account";
    db.all(sql, params![lead.bytes()], |row| {
        Ok(LedgerRow {
            cause: row.value(0)?,
            sale: row.value(1)?,
            lead: row.value(2)?,
            account: row.value(3)?,
            amount: row.value(4)?,
            note: row.value(5)?,
            booked_at: row.value(6)?,
        })
    })
}

pub(in crate::sql) fn balances(db: &dyn Db) -> Result<Vec<AccountRow>> {
    let mut accounts: BTreeMap<Account, AccountRow> = BTreeMap::new();
    for (account, amount) in
        db.all("SELECT account, CAST(sum(amount) AS BIGINT) FROM balances GROUP BY account", params![], |row| Ok((row.value::<Account>(0)?, row.value(1)?)))?
    {
        row_of(&mut accounts, account).balance = amount;
    }
    let holds = db.all("SELECT buyer, held, firm FROM credit_holds", params![], |row| Ok((row.value::<BuyerName>(0)?, row.value(1)?, row.value(2)?)))?;
    for (buyer, held, firm) in holds {
        let row = row_of(&mut accounts, Account::Buyer(buyer));
        (row.held, row.firm) = (held, firm);
    }
    Ok(accounts.into_values().collect())
}

fn row_of(accounts: &mut BTreeMap<Account, AccountRow>, account: Account) -> &mut AccountRow {
    let new = || AccountRow { account: account.clone(), balance: Money::ZERO, held: Money::ZERO, firm: Money::ZERO };
    accounts.entry(account.clone()).or_insert_with(new)
}

pub(in crate::sql) fn ledger_sum(db: &dyn Db) -> Result<Money> {
    Ok(db.one("SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM entries", params![], |row| row.value(0))?.unwrap_or_default())
}
