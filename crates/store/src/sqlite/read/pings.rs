//! Quotes, what answers a repeated ping, records, and the sealed parts.

use exchange::{
    id::{LeadId, PingId, Subject},
    record::RunRecord,
    seal::{ContactPart, SealedField},
};
use rusqlite::{Connection, params};

use super::super::{
    column::{Columns, subject_columns},
    failure::Result,
    query::Query,
};
use crate::rows::{PingAnswer, QuoteRow, RevealRow};

pub(in crate::sqlite) fn quote(db: &Connection, ping: PingId) -> Result<Option<QuoteRow>> {
    let sealed = db.one("SELECT fields FROM sealed WHERE kind = 0 AND id = ?1", [ping.bytes()], |row| row.packed::<Vec<SealedField>>(0))?;
    let sealed_fields: Vec<String> = sealed.into_iter().flatten().map(|field| field.name).collect();
    let sql = "SELECT supplier, vertical, revision, test, attributes, offers, net, firm, quoted_at, expires_at, lead, erased_at FROM quotes WHERE ping = ?1";
    db.one(sql, [ping.bytes()], |row| {
        Ok(QuoteRow {
            ping,
            supplier: row.value("supplier")?,
            vertical: row.value("vertical")?,
            revision: row.value("revision")?,
            test: row.get("test")?,
            attributes: row.packed("attributes")?,
            sealed_fields,
            offers: row.packed("offers")?,
            net: row.value("net")?,
            firm: row.get("firm")?,
            quoted_at: row.value("quoted_at")?,
            expires_at: row.value("expires_at")?,
            lead: row.optional("lead")?,
            erased_at: row.optional("erased_at")?,
        })
    })
}

pub(in crate::sqlite) fn ping_answer(db: &Connection, ping: PingId) -> Result<Option<PingAnswer>> {
    if let Some(quote) = quote(db, ping)? {
        return Ok(Some(PingAnswer::Quoted(Box::new(quote))));
    }
    Ok(record(db, &Subject::Ping(ping))?.map(|record| PingAnswer::Unmatched(Box::new(record))))
}

pub(in crate::sqlite) fn record(db: &Connection, subject: &Subject) -> Result<Option<RunRecord>> {
    let (kind, id) = subject_columns(subject);
    db.one("SELECT record FROM records WHERE kind = ?1 AND id = ?2", params![kind, id], |row| row.packed(0))
}

pub(in crate::sqlite) fn contact_parts(db: &Connection, lead: LeadId, ping: Option<PingId>) -> Result<Vec<ContactPart>> {
    let mut parts = Vec::new();
    for subject in [Some(Subject::Lead(lead)), ping.map(Subject::Ping)].into_iter().flatten() {
        let (kind, id) = subject_columns(&subject);
        let sql = "SELECT wrapped_key, fields FROM sealed WHERE kind = ?1 AND id = ?2";
        parts.extend(db.one(sql, params![kind, id], |row| Ok(ContactPart { subject, key: row.packed(0)?, fields: row.packed(1)? }))?);
    }
    Ok(parts)
}

pub(in crate::sqlite) fn reveals(db: &Connection, subject: &Subject) -> Result<Vec<RevealRow>> {
    let (kind, id) = subject_columns(subject);
    let sql = "SELECT who, why, revealed_at FROM reveals WHERE kind = ?1 AND subject = ?2 ORDER BY id";
    db.all(sql, params![kind, id], |row| Ok(RevealRow { who: row.get(0)?, why: row.get(1)?, revealed_at: row.value(2)? }))
}
