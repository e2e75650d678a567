//! Sealed values of a lead are written once, with it.

use exchange::{id::Subject, seal::ContactPart};

use super::super::{
    batch::Batch,
    column::packed,
    db::params,
    failure::{Failure, Result},
    sealed,
};

pub(super) fn keep(batch: &Batch<'_>, part: &ContactPart) -> Result<()> {
    let Subject::Lead(lead) = part.subject else { return Err(Failure::Broken("what is sealed of a lead is a ping's")) };
    let sql = "INSERT INTO sealed (lead, wrapped_key, fields) VALUES (?1, ?2, ?3)";
    batch.db.write(sql, params![lead.bytes(), packed(&part.key)?, sealed::values(&part.values)?])
}
