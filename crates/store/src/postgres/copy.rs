//! An embedded store moves to an empty database: every row, as it stands, in one transaction. No sale that is open is lost, as a
//! sale is nothing but its rows.
//!
//! The file is marked as moved before the database commits: a copy that is cut off in between leaves a file that nobody serves and an
//! empty database, never two exchanges that sell the same leads.

use std::path::Path;

use exchange::seal::MasterKey;
use rusqlite::{Connection, types::ValueRef};

use super::{address::Address, open, session::Session};
use crate::{
    open_error::OpenError,
    sql::{
        audit,
        db::{Db, Param, params},
        failure::{Failure, Result},
    },
    sqlite,
};

/// In an order in which whatever is referred to comes first. `nodes` stays behind: none of them runs on the new store.
const TABLES: [&str; 33] = [
    "markets",
    "drafts",
    "api_keys",
    "idempotency_keys",
    "sealed",
    "records",
    "quotes",
    "leads",
    "people",
    "sales",
    "disclosures",
    "returns",
    "notices",
    "quote_holds",
    "credit_holds",
    "cap_usage",
    "movements",
    "transfers",
    "entries",
    "balances",
    "quarter_figures",
    "quarter_accounts",
    "figures_until",
    "tallies",
    "alerts",
    "alert_watch",
    "alert_messages",
    "suppressed",
    "reveals",
    "console_people",
    "console_links",
    "console_sessions",
    "audit_log",
];

/// Rows sent before their answers are waited for.
const AT_ONCE: u64 = 256;

/// A table, and how many rows it has on either side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedTable {
    pub name: &'static str,
    pub rows: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the database is not empty: {0} has rows; name an empty one")]
    NotEmpty(&'static str),
    #[error("the embedded store does not add up, so it is not moved: {0}")]
    SourceBroken(String),
    #[error("the copy does not add up, so nothing was kept of it: {0}")]
    CopyBroken(String),
    #[error("nothing was moved: {0}")]
    Failed(String),
    /// The file stays marked: whoever knows what the database holds decides.
    #[error("it is not known whether the database has the copy ({0}). Look whether it has leads; if it has none, run the copy again")]
    Unknown(String),
}

impl From<Failure> for CopyError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.to_string())
    }
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A store in a file on its way to a database.
#[derive(Debug)]
pub struct Moving {
    source: Connection,
    target: Session,
    place: String,
}

impl Moving {
    /// Opens both, and makes the database's tables.
    pub fn open(from: &Path, to: &Address, master: &MasterKey) -> std::result::Result<Self, CopyError> {
        let source = sqlite::for_moving(from, master)?;
        // One that has moved may be moved again only where a copy didn't come to its end: to the same place.
        if let Some(place) = sqlite::moved_to(&source)?.filter(|place| *place != to.place()) {
            return Err(OpenError::Moved(place).into());
        }
        // A prepared statement knows that what is 0 or 1 in the file is false or true in the database.
        let to = &Address { prepares: true, ..to.clone() };
        Ok(Self { source, target: open::writer(to, master)?, place: to.place() })
    }

    /// How many rows there are to copy.
    pub fn rows(&self) -> std::result::Result<u64, CopyError> {
        let count = |table: &str| self.source.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
        TABLES.into_iter().try_fold(0, |sum, table| Ok(sum + count(table)?.cast_unsigned()))
    }

    /// Copies everything, checks both sides, marks the file as moved, and commits. `copied` hears of every few rows.
    pub fn run(mut self, mut copied: impl FnMut(u64)) -> std::result::Result<Vec<CopiedTable>, CopyError> {
        // Nobody writes to the file from here on.
        let transaction = self.source.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let source: &dyn Db = &*transaction;
        if let Some(broken) = audit(source)?.differences.first().map(ToString::to_string) {
            return Err(CopyError::SourceBroken(broken));
        }
        self.target.begin_long("");
        let target: &dyn Db = &self.target;
        let mut tables_copied = Vec::new();
        for table in TABLES {
            if target.exists(&format!("SELECT 1 FROM {table} LIMIT 1"), params![])? {
                return Err(CopyError::NotEmpty(table));
            }
            let rows = copy(&transaction, target, table, &mut copied)?;
            let arrived = target.one(&format!("SELECT count(*) FROM {table}"), params![], |row| row.value::<u64>(0))?;
            if arrived != Some(rows) {
                return Err(CopyError::CopyBroken(format!("{table} has {rows} rows, and {arrived:?} arrived")));
            }
            tables_copied.push(CopiedTable { name: table, rows });
        }
        if let Some(broken) = audit(target)?.differences.first().map(ToString::to_string) {
            return Err(CopyError::CopyBroken(broken));
        }
        sqlite::mark_moved(&transaction, Some(&self.place))?;
        transaction.commit()?;
        match self.target.commit() {
            Ok(()) => Ok(tables_copied),
            Err(super::session::Uncommitted::Unknown(failure)) => Err(CopyError::Unknown(failure.to_string())),
            Err(super::session::Uncommitted::Not(failure)) => {
                sqlite::mark_moved(&self.source, None)?;
                Err(failure.into())
            }
        }
    }
}

fn copy(source: &Connection, target: &dyn Db, table: &str, copied: &mut impl FnMut(u64)) -> std::result::Result<u64, CopyError> {
    let columns =
        source.prepare("SELECT name FROM pragma_table_info(?1)")?.query_map([table], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    let insert = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    let mut statement = source.prepare(&format!("SELECT {} FROM {table}", columns.join(", ")))?;
    let mut found = statement.query([])?;
    let mut rows = 0;
    while let Some(row) = found.next()? {
        let values = (0..columns.len()).map(|column| param(row.get_ref(column)?)).collect::<Result<Vec<Param<'_>>>>()?;
        rows += 1;
        if rows % AT_ONCE == 0 {
            target.change(&insert, &values)?;
            copied(AT_ONCE);
        } else {
            target.write(&insert, &values)?;
        }
    }
    copied(rows % AT_ONCE);
    Ok(rows)
}

fn param(value: ValueRef<'_>) -> Result<Param<'_>> {
    match value {
        ValueRef::Null => Ok(Param::Null),
        ValueRef::Integer(number) => Ok(Param::Int(number)),
        ValueRef::Text(text) => std::str::from_utf8(text).map(Param::from).map_err(|_| Failure::Column),
        ValueRef::Blob(bytes) => Ok(Param::from(bytes)),
        ValueRef::Real(_) => Err(Failure::Column),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_copied_but_those_that_belong_to_one_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("exchange.db");
        drop(crate::SqliteEngine::open(&path, &MasterKey::from_bytes([1; 32])).unwrap());
        let db = Connection::open(&path).unwrap();
        let mut statement = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").unwrap();
        let mut there: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        let mut told: Vec<String> = TABLES.into_iter().chain(["meta", "nodes"]).map(str::to_owned).collect();
        there.sort();
        told.sort();
        assert_eq!(there, told);
    }
}
