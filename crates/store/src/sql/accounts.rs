//! Money that moves: the ledger's transfers, the balances that they change, and what is held of a buyer's credit.

use exchange::{
    changes::Change,
    id::{BuyerName, LeadId, MovementId, SaleId},
    ledger::{Account, Transfer},
    money::Money,
    movement::Party,
};

use super::{
    balances::{Credit, balance},
    batch::Batch,
    db::{Db, Param, params},
    failure::Result,
};

/// A buyer's money after all that the batch has done so far.
pub(super) fn credit(batch: &Batch<'_>, buyer: &BuyerName) -> Result<Credit> {
    let mut buyers = batch.buyers.borrow_mut();
    let money = buyers.entry(buyer.clone()).or_default();
    let before = match money.before {
        Some(before) => before,
        None => *money.before.insert(Credit::of(batch.db, buyer)?),
    };
    let (held, firm) = money.held.unwrap_or_default();
    Ok(Credit { balance: before.balance + money.booked.unwrap_or_default(), held: before.held + held, firm: before.firm + firm })
}

/// What all entries on an account sum to, with what the batch is still to write.
pub(super) fn balance_now(batch: &Batch<'_>, account: &Account) -> Result<Money> {
    match account {
        Account::Buyer(buyer) => Ok(credit(batch, buyer)?.balance),
        other => Ok(balance(batch.db, other)? + Money::from_micros(batch.gathered_for(other))),
    }
}

/// A buyer's balance decides what it may still buy: it is one slot, whoever writes. The others' are spread over slots.
const BUYERS_SLOT: i64 = 0;

/// Adds to one slot of an account's balance.
pub(super) fn add(db: &dyn Db, account: &str, slot: i64, micros: i64) -> Result<()> {
    let sql = "INSERT INTO balances (account, slot, amount) VALUES (?1, ?2, ?3)
        ON CONFLICT (account, slot) DO UPDATE SET amount = balances.amount + excluded.amount";
    db.write(sql, params![account, slot, micros])
}

/// Changes what is held of a buyer's credit: `firm` is the change of the firm quotes' part. Below zero is an error of the engine,
/// and the table's checks stop it when the batch ends.
pub(super) fn hold(batch: &Batch<'_>, buyer: &BuyerName, held: Money, firm: Money) {
    let mut buyers = batch.buyers.borrow_mut();
    let (all, of_firm) = buyers.entry(buyer.clone()).or_default().held.get_or_insert_default();
    (*all, *of_firm) = (*all + held, *of_firm + firm);
    if held != Money::ZERO {
        batch.changed(Change::Available { buyer: buyer.clone(), by: -held });
    }
}

/// Writes what the batch did to buyers' money, in the order of their names.
pub(super) fn write_buyers(batch: &Batch<'_>) -> Result<()> {
    for (buyer, money) in batch.buyers.take() {
        if let Some(booked) = money.booked {
            add(batch.db, &Account::Buyer(buyer.clone()).to_string(), BUYERS_SLOT, booked.micros())?;
        }
        if let Some((held, firm)) = money.held {
            let params = params![buyer.as_str(), held.micros(), firm.micros()];
            if batch.db.change("UPDATE credit_holds SET held = held + ?2, firm = firm + ?3 WHERE buyer = ?1", params)? == 0 {
                batch.db.write("INSERT INTO credit_holds (buyer, held, firm) VALUES (?1, ?2, ?3)", params)?;
            }
        }
    }
    Ok(())
}

/// Why money moves. Each transfer is known by its cause and one id: a sale is booked once.
pub(super) enum Cause<'a> {
    Sale { sale: SaleId, lead: LeadId },
    Return { sale: SaleId, lead: LeadId },
    Movement { id: MovementId, party: &'a Party, note: &'a str },
}

/// All there are, by their words.
pub(super) const CAUSES: [&str; 4] = ["sale", "return", "prepayment", "payout"];

impl Cause<'_> {
    fn key(&self) -> (&'static str, &[u8; 16]) {
        match self {
            Self::Sale { sale, .. } => ("sale", sale.bytes()),
            Self::Return { sale, .. } => ("return", sale.bytes()),
            Self::Movement { id, party, .. } => (party.cause(), id.bytes()),
        }
    }
}

/// Writes a transfer's entries; the balances follow when the batch ends.
pub(super) fn book(batch: &Batch<'_>, cause: &Cause<'_>, transfer: &Transfer) -> Result<()> {
    let (word, id) = cause.key();
    let (lead, note) = match cause {
        Cause::Sale { lead, .. } | Cause::Return { lead, .. } => (Some(lead.bytes()), None),
        Cause::Movement { note, .. } => (None, Some(*note)),
    };
    let sql = "INSERT INTO transfers (cause, id, lead, note, booked_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    batch.db.write(sql, params![word, id, lead, note, batch.now.micros()])?;
    write_entries(batch, word, id, transfer)?;
    for entry in transfer.entries() {
        let amount = entry.amount.micros();
        match &entry.account {
            Account::Buyer(buyer) => {
                let mut buyers = batch.buyers.borrow_mut();
                *buyers.entry(buyer.clone()).or_default().booked.get_or_insert_default() += entry.amount;
                batch.changed(Change::Available { buyer: buyer.clone(), by: entry.amount });
            }
            Account::Supplier(_) | Account::House | Account::Cash => batch.gather(&entry.account, amount),
        }
        batch.booked(amount);
    }
    Ok(())
}

/// All of a transfer in one statement. One of nothing has none.
fn write_entries(batch: &Batch<'_>, cause: &str, id: &[u8; 16], transfer: &Transfer) -> Result<()> {
    if transfer.entries().is_empty() {
        return Ok(());
    }
    let mut sql = "INSERT INTO entries (cause, transfer, booked_at, account, amount) VALUES".to_owned();
    let mut params = vec![Param::from(cause), Param::from(id), Param::from(batch.now.micros())];
    for entry in transfer.entries() {
        let (between, next) = (if params.len() > 3 { "," } else { "" }, params.len() + 1);
        sql.push_str(&format!("{between} (?1, ?2, ?3, ?{next}, ?{})", next + 1));
        params.extend([Param::from(entry.account.to_string()), Param::from(entry.amount.micros())]);
    }
    batch.db.write(&sql, &params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_among_all() {
        let (sale, lead) = (SaleId::from_bytes([1; 16]), LeadId::from_bytes([2; 16]));
        let (buyer, supplier) = (Party::Buyer("acme".parse().unwrap()), Party::Supplier("dreamy".parse().unwrap()));
        let movement = |party| Cause::Movement { id: MovementId::from_bytes([3; 16]), party, note: "" };
        let all = [Cause::Sale { sale, lead }, Cause::Return { sale, lead }, movement(&buyer), movement(&supplier)];
        assert_eq!(all.map(|cause| cause.key().0), CAUSES);
    }
}
