//! Notices: those that are due, those that somebody should look at, those of a lead.

use exchange::{
    command::LeadStatus,
    id::LeadId,
    notice::{Notice, NoticeId},
    time::Timestamp,
};

use super::super::{
    db::{Db, Param, Row, params},
    failure::Result,
};
use crate::rows::NoticeRow;

const SELECT: &str = "SELECT notices.lead, notices.number, notices.change, leads.test, notices.status, notices.net, leads.redirect_url, leads.accepted_at,
    notices.changed_at, leads.supplier, notices.state, notices.tries, notices.due_at, notices.failure, notices.ended_at
    FROM notices JOIN leads ON leads.id = notices.lead";

/// So many of each supplier: a pile of one's hides no other's.
pub(in crate::sql) fn due(db: &dyn Db, now: Timestamp, most: u32) -> Result<Vec<NoticeRow>> {
    // Most often there is none, and nothing is ranked.
    if !db.exists("SELECT 1 FROM notices WHERE state = 'waiting' AND due_at <= ?1 LIMIT 1", params![now.micros()])? {
        return Ok(Vec::new());
    }
    let which = "JOIN (SELECT notices.lead, notices.number, row_number() OVER (PARTITION BY leads.supplier ORDER BY notices.due_at, notices.lead, notices.number) AS place
        FROM notices JOIN leads ON leads.id = notices.lead WHERE notices.state = 'waiting' AND notices.due_at <= ?1) AS due
        ON due.lead = notices.lead AND due.number = notices.number WHERE due.place <= ?2 ORDER BY notices.due_at, notices.lead, notices.number";
    select(db, which, params![now.micros(), most])
}

/// Waiting or given up, oldest change first.
pub(in crate::sql) fn undelivered(db: &dyn Db, most: u32) -> Result<Vec<NoticeRow>> {
    let which = "WHERE notices.state IN ('waiting', 'given_up') ORDER BY notices.changed_at, notices.lead, notices.number LIMIT ?1";
    select(db, which, params![most])
}

pub(in crate::sql) fn of_lead(db: &dyn Db, lead: LeadId) -> Result<Vec<NoticeRow>> {
    select(db, "WHERE notices.lead = ?1 ORDER BY notices.number", params![lead.bytes()])
}

fn select(db: &dyn Db, which: &str, params: &[Param<'_>]) -> Result<Vec<NoticeRow>> {
    db.all(&format!("{SELECT} {which}"), params, notice_row)
}

fn notice_row(row: &Row) -> Result<NoticeRow> {
    let status = row.value(4)?;
    Ok(NoticeRow {
        notice: Notice {
            id: NoticeId { lead: row.value(0)?, number: row.value(1)? },
            change: row.value(2)?,
            test: row.value(3)?,
            status,
            net: row.value(5)?,
            redirect_url: row.value::<Option<String>>(6)?.filter(|_| status == LeadStatus::Sold),
            accepted_at: row.value(7)?,
            changed_at: row.value(8)?,
        },
        supplier: row.value(9)?,
        state: row.value(10)?,
        tries: row.value(11)?,
        due_at: row.value(12)?,
        failure: row.value(13)?,
        ended_at: row.value(14)?,
    })
}
