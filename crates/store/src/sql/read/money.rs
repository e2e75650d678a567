//! The ledger and the balances.

use std::collections::BTreeMap;

use exchange::{
    id::{BuyerName, LeadId, MovementId},
    ledger::Account,
    money::Money,
    movement::MovementState,
};

use super::super::{
    db::{Db, Row, params},
    failure::Result,
};
use crate::rows::{AccountRow, LedgerRow, MovementRow};

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

const MOVEMENTS: &str = "SELECT id, account, amount, note, state, asked_by, asked_at, decided_by, decided_at FROM movements";

fn movement_row(row: &Row) -> Result<MovementRow> {
    Ok(MovementRow {
        id: row.value(0)?,
        account: row.value(1)?,
        amount: row.value(2)?,
        note: row.value(3)?,
        state: row.value(4)?,
        asked_by: row.value(5)?,
        asked_at: row.value(6)?,
        decided_by: row.value(7)?,
        decided_at: row.value(8)?,
    })
}

pub(in crate::sql) fn movements(db: &dyn Db, state: Option<MovementState>, most: u32) -> Result<Vec<MovementRow>> {
    let newest = "ORDER BY asked_at DESC, id LIMIT";
    match state {
        // As a literal: which index serves a state is decided without the values of parameters.
        Some(state) => db.all(&format!("{MOVEMENTS} WHERE state = '{}' {newest} ?1", state.word()), params![i64::from(most)], movement_row),
        None => db.all(&format!("{MOVEMENTS} {newest} ?1"), params![i64::from(most)], movement_row),
    }
}

pub(in crate::sql) fn movement(db: &dyn Db, movement: MovementId) -> Result<Option<MovementRow>> {
    db.one(&format!("{MOVEMENTS} WHERE id = ?1"), params![movement.bytes()], movement_row)
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
