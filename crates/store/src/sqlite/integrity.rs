//! What SQLite itself finds wrong with a file: pages, indexes, checks of columns, rows that refer to nothing.

use rusqlite::{Connection, types::Value};

use crate::rows::Difference;

const MEND: &str = "the file is damaged: end every node, keep it for inquiry, look at the disk, and restore the newest backup that passes";

pub(super) fn damaged(db: &Connection) -> rusqlite::Result<Vec<Difference>> {
    let mut found = Vec::new();
    let mut pages = db.prepare("PRAGMA integrity_check(50)")?;
    for line in pages.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            found.push(difference("SQLite's own check fails", line, "damaged"));
        }
    }
    let mut references = db.prepare("PRAGMA foreign_key_check")?;
    let rows = references.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Value>(1)?, row.get::<_, String>(2)?)))?;
    for row in rows {
        let (table, number, parent) = row?;
        let number = if let Value::Integer(number) = number { format!(" {number}") } else { String::new() };
        found.push(difference("a row refers to one that isn't there", format!("{table}{number}"), &format!("no row of {parent}")));
    }
    Ok(found)
}

fn difference(what: &'static str, row: String, counted: &str) -> Difference {
    Difference { what, row, kept: "a row".into(), counted: counted.into(), mend: MEND.into() }
}
