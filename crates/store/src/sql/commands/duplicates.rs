//! Duplicates at the exchange: an earlier lead of the same person that was sold, may have been, or is being offered.

use exchange::{
    command::Accept,
    id::{LeadId, SupplierName},
    time::Timestamp,
};

use super::super::{batch::Batch, db::params, failure::Result};

pub(super) struct First {
    /// The earliest, anybody's.
    pub lead: LeadId,
    /// The supplier's own earliest.
    pub own: Option<LeadId>,
}

/// The earlier leads that make this one a duplicate. One that found no buyer and was disclosed to nobody doesn't, and neither does the
/// cut-off lead that this one takes the place of.
pub(super) fn first(batch: &Batch<'_>, accept: &Accept, replaced: Option<LeadId>) -> Result<Option<First>> {
    if accept.test {
        return Ok(None);
    }
    // From the person to the leads: SQLite takes the tables of a cross join in their order, and left to itself it begins with all leads.
    let sql = "SELECT leads.id, leads.supplier, leads.accepted_at FROM people CROSS JOIN leads
        WHERE people.mac = ?1 AND leads.id = people.lead AND leads.vertical = ?2 AND NOT leads.test AND leads.accepted_at > ?3
        AND leads.id IS DISTINCT FROM ?5
        AND (leads.status IN ('sold', 'pending', 'returned') OR leads.lease_until > ?4
            OR EXISTS (SELECT 1 FROM disclosures WHERE disclosures.lead = leads.id AND disclosures.outcome IS DISTINCT FROM 'unsent'))";
    let since = batch.now.minus(accept.duplicates_window).micros();
    let mut found: Vec<(Timestamp, LeadId, SupplierName)> = Vec::new();
    for person in &accept.people {
        found.extend(batch.db.all(
            sql,
            params![&person.0, accept.vertical.as_str(), since, batch.now.micros(), replaced.as_ref().map(LeadId::bytes)],
            |row| Ok((row.value(2)?, row.value(0)?, row.value(1)?)),
        )?);
    }
    found.sort_unstable();
    let own = found.iter().find(|(_, _, supplier)| *supplier == accept.supplier).map(|(_, lead, _)| *lead);
    Ok(found.first().map(|(_, lead, _)| First { lead: *lead, own }))
}
