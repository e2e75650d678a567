//! Record: what a run saw and decided, for the trace. A later record of the same run takes the earlier one's place. That of a ping
//! with a quote is in the quote's row.

use exchange::{
    id::{PingId, Subject},
    record::RunRecord,
};

use super::super::{
    batch::{Batch, Pending},
    column::{packed, subject_columns},
    db::params,
    failure::Result,
};

/// What was erased meanwhile is not remembered again.
pub(super) fn record(batch: &Batch<'_>, subject: &Subject, record: &RunRecord) -> Result<Pending> {
    let is_done = match subject {
        Subject::Ping(ping) => is_quotes(batch, *ping, record)?,
        Subject::Lead(lead) => batch.db.exists("SELECT 1 FROM leads WHERE id = ?1 AND erased_at IS NOT NULL", params![lead.bytes()])?,
    };
    if !is_done {
        keep(batch, subject, record)?;
    }
    Ok(Pending::done())
}

/// Whether the ping has a quote, which then has the record, unless it was erased.
fn is_quotes(batch: &Batch<'_>, ping: PingId, record: &RunRecord) -> Result<bool> {
    let sql = "UPDATE quotes SET record = ?2 WHERE ping = ?1 AND erased_at IS NULL";
    if batch.db.change(sql, params![ping.bytes(), packed(record)?])? > 0 {
        return Ok(true);
    }
    batch.db.exists("SELECT 1 FROM quotes WHERE ping = ?1", params![ping.bytes()])
}

fn keep(batch: &Batch<'_>, subject: &Subject, record: &RunRecord) -> Result<()> {
    let (kind, id) = subject_columns(subject);
    let sql = "INSERT INTO records (kind, id, record, recorded_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (kind, id) DO UPDATE SET record = excluded.record, recorded_at = excluded.recorded_at";
    batch.db.write(sql, params![kind, id, packed(record)?, batch.now.micros()])
}
