//! `/console/audit`: who changed what, and when.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use exchange::{id::AuditId, permission::Permission, time::Timestamp};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::AuditRow;

use super::{
    components::{Moment, Pager},
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    visitor::Visitor,
};
use crate::node::Node;

const MOST: usize = 100;

#[derive(Template)]
#[template(path = "console/audit.html")]
struct View {
    frame: Frame,
    lines: Vec<Line>,
    pager: Pager,
}

struct Line {
    at: Moment,
    who: String,
    what: String,
    subject: String,
    /// The page that shows it, where there is one.
    link: Option<String>,
    note: String,
}

/// After which entry to go on: its time in microseconds, and its id.
#[derive(Deserialize)]
pub struct After {
    at: Option<i64>,
    id: Option<String>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Query(after): Query<After>) -> Reply {
    let before = after.at.zip(after.id.and_then(|id| id.parse::<AuditId>().ok())).map(|(at, id)| (Timestamp::from_micros(at), id));
    let rows = node.page_readers.read(move |reader| reader.audit_log(before, u32::try_from(MOST + 1).unwrap_or(u32::MAX))).await?;
    let view = view(Frame::of(&visitor, Place::Audit), &rows, before.is_some(), visitor.may(Permission::ManagePeople), &node.time_zone());
    reply::page(&view)
}

fn view(frame: Frame, rows: &[AuditRow], is_later_page: bool, links_people: bool, zone: &TimeZone) -> View {
    let shown = &rows[..rows.len().min(MOST)];
    let older = shown.last().filter(|_| rows.len() > MOST).map(|row| format!("{}?at={}&id={}", Place::Audit.path(), row.at.micros(), row.id));
    View {
        frame,
        lines: shown.iter().map(|row| Line::of(row, links_people, zone)).collect(),
        pager: Pager::newest_first(is_later_page.then(|| Place::Audit.path().to_owned()), older),
    }
}

impl Line {
    fn of(row: &AuditRow, links_people: bool, zone: &TimeZone) -> Self {
        let link = match row.what.split(' ').next_back() {
            Some("person" | "role") if links_people => Some(format!("/console/people/{}", row.subject)),
            _ => None,
        };
        Self { at: Moment::of(row.at, zone), who: row.who.clone(), what: row.what.clone(), subject: row.subject.clone(), link, note: row.note.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    fn row(number: u8, what: &str, subject: &str) -> AuditRow {
        let at = Timestamp::from_micros(1_764_288_000_000_000 - i64::from(number) * 60_000_000);
        AuditRow { id: AuditId::from_bytes([number; 16]), at, who: "maria".into(), what: what.into(), subject: subject.into(), note: "finance".into() }
    }

    #[test]
    fn render() {
        let rows = [row(1, "add person", "ben"), row(2, "apply market", "revision 4")];
        insta::assert_snapshot!(frame::inside(&view(frame::sample("owner", Place::Audit), &rows, true, true, &TimeZone::UTC).render().unwrap()));
    }

    #[test]
    fn nothing_yet() {
        let page = view(frame::sample("owner", Place::Audit), &[], false, false, &TimeZone::UTC).render().unwrap();
        assert!(page.contains(r#"<div class="empty">"#));
    }

    #[test]
    fn a_full_page_leads_to_the_next() {
        let rows: Vec<_> = (0..=u8::try_from(MOST).unwrap()).map(|number| row(number, "add person", "ben")).collect();
        let view = view(frame::sample("owner", Place::Audit), &rows, false, true, &TimeZone::UTC);
        let last = &rows[MOST - 1];
        assert_eq!(view.lines.len(), MOST);
        assert_eq!(view.pager, Pager::newest_first(None, Some(format!("/console/audit?at={}&id={}", last.at.micros(), last.id))));
    }
}
