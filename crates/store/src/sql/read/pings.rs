//! Quotes, what answers a repeated ping, records, and the sealed parts.

use std::collections::BTreeSet;

use exchange::{
    id::{LeadId, PingId, Subject},
    record::RunRecord,
    seal::ContactPart,
};

use super::super::{
    column::subject_columns,
    db::{Db, Row, params},
    failure::Result,
    quote_record,
};
use crate::rows::{PingAnswer, QuoteRow, RevealRow};

pub(in crate::sql) fn quote(db: &dyn Db, ping: PingId) -> Result<Option<QuoteRow>> {
    let sql = "SELECT supplier, vertical, revision, test, attributes, offers, net, firm, quoted_at, expires_at, lead, erased_at, sealed
        FROM quotes WHERE ping = ?1";
    db.one(sql, params![ping.bytes()], |row| {
        let is_sealed = row.value::<Option<Vec<u8>>>(12)?.is_some();
        let sealed_fields = if is_sealed { row.sealed_values(12)?.names().map(str::to_owned).collect() } else { Vec::new() };
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
    if let Subject::Ping(ping) = subject {
        let sql = format!("SELECT {} FROM quotes WHERE ping = ?1 AND record IS NOT NULL", quote_record::COLUMNS);
        if let Some(record) = db.one(&sql, params![ping.bytes()], Row::quote_record)? {
            return Ok(Some(record));
        }
    }
    let (kind, id) = subject_columns(subject);
    db.one("SELECT record FROM records WHERE kind = ?1 AND id = ?2", params![kind, id], |row| row.packed(0))
}

/// The newest runs that have a record, by the time in their ids, which are lower than `before`.
pub(in crate::sql) fn recent_runs(db: &dyn Db, before: Option<[u8; 16]>, most: u32) -> Result<Vec<(Subject, RunRecord)>> {
    let before = before.unwrap_or([u8::MAX; 16]);
    let of_quotes = "SELECT ping FROM quotes WHERE ping < ?1 AND record IS NOT NULL ORDER BY ping DESC LIMIT ?2";
    let of_kind = |kind: u8| format!("SELECT id FROM records WHERE kind = {kind} AND id < ?1 ORDER BY id DESC LIMIT ?2");
    let mut ids: BTreeSet<([u8; 16], Subject)> = BTreeSet::new();
    for sql in [of_quotes, &of_kind(0)] {
        ids.extend(db.all(sql, params![&before, most], |row| row.value::<PingId>(0))?.into_iter().map(|ping| (*ping.bytes(), Subject::Ping(ping))));
    }
    ids.extend(db.all(&of_kind(1), params![&before, most], |row| row.value::<LeadId>(0))?.into_iter().map(|lead| (*lead.bytes(), Subject::Lead(lead))));
    let mut runs = Vec::new();
    for (_, subject) in ids.into_iter().rev().take(most as usize) {
        runs.extend(record(db, &subject)?.map(|record| (subject, record)));
    }
    Ok(runs)
}

pub(in crate::sql) fn contact_parts(db: &dyn Db, lead: LeadId, ping: Option<PingId>) -> Result<Vec<ContactPart>> {
    let part =
        |subject, sql: &str, id: &[u8; 16]| db.one(sql, params![id], |row| Ok(ContactPart { subject, key: row.packed(0)?, values: row.sealed_values(1)? }));
    let of_lead = part(Subject::Lead(lead), "SELECT wrapped_key, fields FROM sealed WHERE lead = ?1", lead.bytes())?;
    let of_ping = ping.map(|ping| part(Subject::Ping(ping), "SELECT wrapped_key, sealed FROM quotes WHERE ping = ?1 AND sealed IS NOT NULL", ping.bytes()));
    Ok(of_lead.into_iter().chain(of_ping.transpose()?.flatten()).collect())
}

pub(in crate::sql) fn reveals(db: &dyn Db, subject: &Subject) -> Result<Vec<RevealRow>> {
    let (kind, id) = subject_columns(subject);
    let sql = "SELECT who, why, revealed_at FROM reveals WHERE kind = ?1 AND subject = ?2 ORDER BY number";
    db.all(sql, params![kind, id], |row| Ok(RevealRow { who: row.value(0)?, why: row.value(1)?, revealed_at: row.value(2)? }))
}
