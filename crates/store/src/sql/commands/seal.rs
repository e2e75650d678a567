//! Sealed values are written once, with the lead or quote that they belong to.

use exchange::seal::ContactPart;

use super::super::{
    batch::Batch,
    column::{packed, subject_columns},
    db::params,
    failure::Result,
};

pub(super) fn keep(batch: &Batch<'_>, part: &ContactPart) -> Result<()> {
    let (kind, id) = subject_columns(&part.subject);
    let sql = "INSERT INTO sealed (kind, id, wrapped_key, fields) VALUES (?1, ?2, ?3, ?4)";
    batch.db.write(sql, params![kind, id, packed(&part.key)?, packed(&part.fields)?])?;
    Ok(())
}
