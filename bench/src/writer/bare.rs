//! The rows of T1 and T2 as plain statements: nothing is looked at before it is written.

use std::path::Path;

use rusqlite::{Connection, params};

use super::{BUYER, NET, PRICE, SALES, START, SUPPLIER, id};
use crate::Failure;

/// Writes the sales in transactions of so many commands, T1 and T2 in turn as the writer had them.
pub fn write(path: &Path, batches: &[usize]) -> Result<(), Failure> {
    let mut db = Connection::open(path)?;
    db.set_prepared_statement_cache_capacity(64);
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    let (mut reserved, mut settled) = (0, 0);
    // A sale is settled no earlier than in the batch after its reserve, so the last ones may need batches of their own.
    let usual = batches.len() / 2;
    for commands in batches.iter().chain(std::iter::repeat_n(&batches[usual], batches.len())) {
        if settled == SALES {
            break;
        }
        let transaction = db.transaction()?;
        let mut left = *commands;
        // What ends a sale goes first.
        let ends = reserved;
        while left > 0 && settled < ends {
            settle(&transaction, settled)?;
            settled += 1;
            left -= 1;
        }
        while left > 0 && reserved < SALES {
            reserve(&transaction, reserved)?;
            reserved += 1;
            left -= 1;
        }
        if settled > 0 {
            let sql =
                "INSERT INTO balances (account, slot, amount) VALUES (?1, 0, ?2) ON CONFLICT (account, slot) DO UPDATE SET amount = amount + excluded.amount";
            transaction.prepare_cached(sql)?.execute(params![format!("supplier/{SUPPLIER}"), NET.micros()])?;
            transaction.prepare_cached(sql)?.execute(params!["house", (PRICE - NET).micros()])?;
        }
        transaction.commit()?;
    }
    if settled == SALES { Ok(()) } else { Err(Failure(format!("{settled} of {SALES} sales were settled"))) }
}

fn reserve(db: &Connection, number: u32) -> Result<(), Failure> {
    let (sale, lead, now) = (id(b's', number), id(b'l', number), START.micros());
    let sql = "INSERT INTO sales (id, lead, buyer, contract, parent, kind, status, test, price, net, counted_at, buyer_ping, reserved_at, post_started_at)
        VALUES (?1, ?2, ?3, ?4, ?3, 'exclusive', 'posted', 0, ?5, ?6, ?7, ?8, ?7, ?7)";
    let contract = format!("{BUYER}/one");
    db.prepare_cached(sql)?.execute(params![sale, lead, BUYER, contract, PRICE.micros(), NET.micros(), now, id(b'b', number)])?;
    let sql = "INSERT INTO disclosures (sale, lead, buyer, parent, started_at) VALUES (?1, ?2, ?3, ?3, ?4)";
    db.prepare_cached(sql)?.execute(params![sale, lead, BUYER, now])?;
    let sql = "INSERT INTO credit_holds (buyer, held, firm) VALUES (?1, ?2, 0) ON CONFLICT (buyer) DO UPDATE SET held = held + excluded.held";
    db.prepare_cached(sql)?.execute(params![BUYER, PRICE.micros()])?;
    Ok(())
}

fn settle(db: &Connection, number: u32) -> Result<(), Failure> {
    let (sale, lead, now) = (id(b's', number), id(b'l', number), START.micros());
    db.prepare_cached("UPDATE sales SET status = 'sold', ended_at = ?2 WHERE id = ?1")?.execute(params![sale, now])?;
    let sql = "UPDATE leads SET net = net + ?2, status = 'sold', lease_until = NULL, ended_at = ?3 WHERE id = ?1";
    db.prepare_cached(sql)?.execute(params![lead, NET.micros(), now])?;
    db.prepare_cached("UPDATE disclosures SET outcome = 'sold' WHERE sale = ?1")?.execute(params![sale])?;
    db.prepare_cached("UPDATE credit_holds SET held = held - ?2 WHERE buyer = ?1")?.execute(params![BUYER, PRICE.micros()])?;
    db.prepare_cached("INSERT INTO transfers (cause, id, lead, booked_at) VALUES ('sale', ?1, ?2, ?3)")?.execute(params![sale, lead, now])?;
    let accounts = [(format!("buyer/{BUYER}"), -PRICE.micros()), (format!("supplier/{SUPPLIER}"), NET.micros()), ("house".to_owned(), (PRICE - NET).micros())];
    for (account, amount) in &accounts {
        let sql = "INSERT INTO entries (cause, transfer, booked_at, account, amount) VALUES ('sale', ?1, ?2, ?3, ?4)";
        db.prepare_cached(sql)?.execute(params![sale, now, account, amount])?;
    }
    let sql = "INSERT INTO balances (account, slot, amount) VALUES (?1, 0, ?2) ON CONFLICT (account, slot) DO UPDATE SET amount = amount + excluded.amount";
    db.prepare_cached(sql)?.execute(params![accounts[0].0, accounts[0].1])?;
    Ok(())
}
