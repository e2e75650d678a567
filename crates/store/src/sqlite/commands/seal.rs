//! Sealed values are written once, with the lead or quote that they belong to.

use exchange::seal::ContactPart;
use rusqlite::params;

use super::super::{
    batch::Batch,
    column::{Packed, subject_columns},
    failure::Result,
    query::Query,
};

pub(super) fn keep(batch: &Batch<'_>, part: &ContactPart) -> Result<()> {
    let (kind, id) = subject_columns(&part.subject);
    let sql = "INSERT INTO sealed (kind, id, wrapped_key, fields) VALUES (?1, ?2, ?3, ?4)";
    batch.db.change(sql, params![kind, id, Packed(&part.key), Packed(&part.fields)])?;
    Ok(())
}
