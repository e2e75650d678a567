//! Quotes, what answers a repeated ping, records, and the sealed parts.

use exchange::{
    id::{LeadId, PingId, Subject},
    record::RunRecord,
    seal::{ContactPart, SealedField},
};

use super::super::{
    column::subject_columns,
    db::{Db, params},
    failure::Result,
};
use crate::rows::{PingAnswer, QuoteRow, RevealRow};

pub(in crate::sql) fn quote(db: &dyn Db, ping: PingId) -> Result<Option<QuoteRow>> {
    let sealed = db.one("SELECT fields FROM sealed WHERE kind = 0 AND id = ?1", params![ping.bytes()], |row| row.packed::<Vec<SealedField>>(0))?;
    let sealed_fields: Vec<String> = sealed.into_iter().flatten().map(|field| field.name).collect();
    let sql = "SELECT supplier, vertical, revision, test, attributes, offers, net, firm, quoted_at, expires_at, lead, erased_at FROM quotes WHERE ping = ?1";
    db.one(sql, params![ping.bytes()], |row| {
        Ok(QuoteRow {
            ping,
            supplier: row.value(0)?,
            vertical: row.value(1)?,
            revision: row.value(2)?,
            test: row.value(3)?,
            attributes: row.packed(4)?,
            sealed_fields,
            offers: row.packed(5)?,
            net: row.value(6)?,
            firm: row.value(7)?,
            quoted_at: row.value(8)?,
            expires_at: row.value(9)?,
            lead: row.value(10)?,
            erased_at: row.value(11)?,
        })
    })
}

pub(in crate::sql) fn ping_answer(db: &dyn Db, ping: PingId) -> Result<Option<PingAnswer>> {
    if let Some(quote) = quote(db, ping)? {
        return Ok(Some(PingAnswer::Quoted(Box::new(quote))));
    }
    Ok(record(db, &Subject::Ping(ping))?.map(|record| PingAnswer::Unmatched(Box::new(record))))
}

pub(in crate::sql) fn record(db: &dyn Db, subject: &Subject) -> Result<Option<RunRecord>> {
    let (kind, id) = subject_columns(subject);
    db.one("SELECT record FROM records WHERE kind = ?1 AND id = ?2", params![kind, id], |row| row.packed(0))
}

pub(in crate::sql) fn contact_parts(db: &dyn Db, lead: LeadId, ping: Option<PingId>) -> Result<Vec<ContactPart>> {
    let mut parts = Vec::new();
    for subject in [Some(Subject::Lead(lead)), ping.map(Subject::Ping)].into_iter().flatten() {
        let (kind, id) = subject_columns(&subject);
        let sql = "SELECT wrapped_key, fields FROM sealed WHERE kind = ?1 AND id = ?2";
        parts.extend(db.one(sql, params![kind, id], |row| Ok(ContactPart { subject, key: row.packed(0)?, fields: row.packed(1)? }))?);
    }
    Ok(parts)
}

pub(in crate::sql) fn reveals(db: &dyn Db, subject: &Subject) -> Result<Vec<RevealRow>> {
    let (kind, id) = subject_columns(subject);
    let sql = "SELECT who, why, revealed_at FROM reveals WHERE kind = ?1 AND subject = ?2 ORDER BY number";
    db.all(sql, params![kind, id], |row| Ok(RevealRow { who: row.value(0)?, why: row.value(1)?, revealed_at: row.value(2)? }))
}
