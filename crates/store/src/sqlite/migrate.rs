//! Brings a store's tables to the present form: numbered files, each applied once, in one transaction.

use rusqlite::{Connection, TransactionBehavior};

use crate::open_error::OpenError;

/// The migrations in their order: the first makes version 1.
pub(crate) const MIGRATIONS: [&str; 14] = [
    include_str!("../../migrations/sqlite/0001_exchange.sql"),
    include_str!("../../migrations/sqlite/0002_notices.sql"),
    include_str!("../../migrations/sqlite/0003_movements.sql"),
    include_str!("../../migrations/sqlite/0004_search.sql"),
    include_str!("../../migrations/sqlite/0005_figures.sql"),
    include_str!("../../migrations/sqlite/0006_alerts.sql"),
    include_str!("../../migrations/sqlite/0007_quotes_in_one_row.sql"),
    include_str!("../../migrations/sqlite/0008_console.sql"),
    include_str!("../../migrations/sqlite/0009_history.sql"),
    include_str!("../../migrations/sqlite/0010_drafts.sql"),
    include_str!("../../migrations/sqlite/0011_accounts.sql"),
    include_str!("../../migrations/sqlite/0012_buyer_pings.sql"),
    include_str!("../../migrations/sqlite/0013_quote_records.sql"),
    include_str!("../../migrations/sqlite/0014_entries_by_time.sql"),
];

pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

pub(super) fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    // A table that is made anew, row by row, takes the name of one that others refer to.
    db.pragma_update(None, "foreign_keys", false)?;
    let migrated = apply_missing(db);
    db.pragma_update(None, "foreign_keys", true)?;
    migrated
}

fn apply_missing(db: &mut Connection) -> Result<(), OpenError> {
    // The write lock first: of two processes that find an old store, one migrates it and the other finds it done.
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    if found < NEWEST {
        transaction.pragma_update(None, "user_version", NEWEST)?;
    }
    Ok(transaction.commit()?)
}

/// The version that a store is at: 0 before its first migration. A newer one than this program knows is refused.
pub(super) fn version(db: &Connection) -> Result<i64, OpenError> {
    let found = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if (0..=NEWEST).contains(&found) { Ok(found) } else { Err(OpenError::Newer { found, known: NEWEST }) }
}
