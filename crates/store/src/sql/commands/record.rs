//! Record: what a run saw and decided, for the trace. A later record of the same run takes the earlier one's place.

use exchange::{id::Subject, record::RunRecord};

use super::super::{
    batch::{Batch, Pending},
    column::{packed, subject_columns},
    db::params,
    failure::Result,
};

/// What was erased meanwhile is not remembered again.
pub(super) fn record(batch: &Batch<'_>, subject: &Subject, record: &RunRecord) -> Result<Pending> {
    let erased = match subject {
        Subject::Ping(ping) => batch.db.exists("SELECT 1 FROM quotes WHERE ping = ?1 AND erased_at IS NOT NULL", params![ping.bytes()])?,
        Subject::Lead(lead) => batch.db.exists("SELECT 1 FROM leads WHERE id = ?1 AND erased_at IS NOT NULL", params![lead.bytes()])?,
    };
    if !erased {
        keep(batch, subject, record)?;
    }
    Ok(Pending::done())
}

pub(super) fn keep(batch: &Batch<'_>, subject: &Subject, record: &RunRecord) -> Result<()> {
    let (kind, id) = subject_columns(subject);
    let sql = "INSERT INTO records (kind, id, record, recorded_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (kind, id) DO UPDATE SET record = excluded.record, recorded_at = excluded.recorded_at";
    batch.db.write(sql, params![kind, id, packed(record)?, batch.now.micros()])?;
    Ok(())
}
