//! Erase: the keys of leads and of their pings are shredded, and with them all that says whose they were.
//!
//! What stays has no personal data: the tombstones, the ledger, the sales, the journal of disclosures. Suppression lists
//! stay too: they are what keeps the person from being offered again.

use exchange::{
    attribute::PingPart,
    command::{Erase, Outcome, QuotedOffer},
    id::{LeadId, PingId, Subject},
};

use super::super::{
    batch::{Batch, Pending},
    column::{packed, subject_columns},
    db::params,
    failure::Result,
    quote_holds,
};

pub(super) fn erase(batch: &Batch<'_>, erase: &Erase) -> Result<Pending> {
    let found = match erase {
        Erase::Lead(lead) => batch.db.all("SELECT id FROM leads WHERE id = ?1 AND erased_at IS NULL", params![lead.bytes()], |row| row.value::<LeadId>(0))?,
        Erase::Person(person) => {
            let sql = "SELECT leads.id FROM people JOIN leads ON leads.id = people.lead WHERE people.mac = ?1 AND leads.erased_at IS NULL";
            batch.db.all(sql, params![&person.0], |row| row.value::<LeadId>(0))?
        }
    };
    let (mut leads, mut pings) = (0, 0);
    for lead in found {
        pings += erase_lead(batch, lead)?;
        leads += 1;
    }
    if leads > 0 {
        batch.erased();
    }
    Ok(Pending::Ready(Outcome::Erased { leads, pings }))
}

/// Erases a lead, and the ping that it was quoted for. Says how many pings that were.
fn erase_lead(batch: &Batch<'_>, lead: LeadId) -> Result<u64> {
    batch.db.write("DELETE FROM sealed WHERE lead = ?1", params![lead.bytes()])?;
    forget_record(batch, &Subject::Lead(lead))?;
    let (now, nothing) = (batch.now.micros(), PingPart::default());
    let sql = "UPDATE leads SET erased_at = ?2, attributes = ?3, fingerprint = NULL, redirect_url = NULL WHERE id = ?1";
    batch.db.write(sql, params![lead.bytes(), now, packed(&nothing)?])?;
    batch.db.write("DELETE FROM people WHERE lead = ?1", params![lead.bytes()])?;
    // What buyers wrote may name the person.
    let sql = "UPDATE sales SET reference = NULL, why = NULL, redirect_url = NULL, buyer_lead_reference = NULL WHERE lead = ?1";
    batch.db.write(sql, params![lead.bytes()])?;
    batch.db.write("UPDATE returns SET reason = '', note = NULL WHERE sale IN (SELECT id FROM sales WHERE lead = ?1)", params![lead.bytes()])?;
    // A ping that was posted again, after this lead was cut off, is the other lead's.
    let sql = "SELECT quotes.ping FROM leads JOIN quotes ON quotes.ping = leads.ping WHERE leads.id = ?1 AND (quotes.lead IS NULL OR quotes.lead = ?1)";
    let pings = batch.db.all(sql, params![lead.bytes()], |row| row.value::<PingId>(0))?;
    let mut erased = 0;
    for ping in pings {
        forget_record(batch, &Subject::Ping(ping))?;
        quote_holds::release(batch, ping)?;
        let sql = "UPDATE quotes SET erased_at = ?2, attributes = ?3, offers = ?4, wrapped_key = NULL, sealed = NULL, record = NULL
            WHERE ping = ?1 AND erased_at IS NULL";
        let params = params![ping.bytes(), now, packed(&nothing)?, packed(&Vec::<QuotedOffer>::new())?];
        erased += batch.db.change(sql, params)?;
    }
    Ok(erased)
}

fn forget_record(batch: &Batch<'_>, subject: &Subject) -> Result<()> {
    let (kind, id) = subject_columns(subject);
    batch.db.write("DELETE FROM records WHERE kind = ?1 AND id = ?2", params![kind, id])
}
