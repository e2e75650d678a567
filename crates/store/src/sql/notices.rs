//! What a supplier is to be told of a lead, written by the command that changes it and in its transaction.

use exchange::{command::LeadStatus, id::LeadId, money::Money, notice::Change};

use super::{batch::Batch, db::params, failure::Result};

/// Tells the lead's supplier how it stands now, unless there is a notice of it already.
pub(super) fn tell_at_all(batch: &Batch<'_>, lead: LeadId, change: Change) -> Result<()> {
    let is_told = batch.db.exists("SELECT 1 FROM notices WHERE lead = ?1", params![lead.bytes()])?;
    if is_told { Ok(()) } else { tell(batch, lead, change) }
}

/// Tells the lead's supplier how it stands now. Of a lead that runs its run's answer tells.
pub(super) fn tell(batch: &Batch<'_>, lead: LeadId, change: Change) -> Result<()> {
    let sql = "SELECT status, net, (SELECT count(*) FROM notices WHERE notices.lead = leads.id) FROM leads WHERE id = ?1";
    let stands = batch.db.one(sql, params![lead.bytes()], |row| Ok((row.value::<LeadStatus>(0)?, row.value::<Money>(1)?, row.value::<u32>(2)?)))?;
    let Some((status, net, earlier)) = stands else { return Ok(()) };
    let sql = "INSERT INTO notices (lead, number, change, status, net, changed_at, state, tried_since, tries, due_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?6, 0, ?6)";
    batch.db.write(sql, params![lead.bytes(), earlier + 1, change.word(), status.word(), net.micros(), batch.now.micros()])
}
