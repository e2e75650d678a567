//! `/console/supplying/leads/{lead_id}`: one lead of the supplier's, and what it was told of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use exchange::money::{Currency, Money};
use jiff::tz::TimeZone;
use store::{LeadRow, NoticeRow};

use super::supplier_of;
use crate::{
    console::{
        components::{Amount, Moment, Tag},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    node::Node,
};

#[derive(Template)]
#[template(path = "console/supplying/lead.html")]
struct View {
    frame: Frame,
    lead: String,
    ping: String,
    vertical: String,
    status: Tag,
    reason: String,
    duplicate_of: String,
    net: Amount,
    legs: Vec<Amount>,
    accepted: Moment,
    ended: Option<Moment>,
    is_test: bool,
    notices: Vec<Told>,
}

/// What the supplier was, or is to be, told by its `notify_url`.
struct Told {
    state: Tag,
    tries: u32,
    at: Option<Moment>,
    failure: String,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(lead): Path<String>) -> Reply {
    let supplier = supplier_of(&visitor)?;
    let unknown = || Failed::not_found("No lead of yours has this id.");
    let lead = lead.parse().map_err(|_| unknown())?;
    let found = node.page_readers.read(move |reader| {
        let Some(row) = reader.lead(lead)?.filter(|row| row.supplier == supplier) else { return Ok(None) };
        Ok(Some((row, reader.notices_of(lead)?)))
    });
    let (row, notices) = found.await?.ok_or_else(unknown)?;
    reply::page(&view(Frame::of(&visitor, Place::Supplying), &row, &notices, node.currency(), &node.time_zone()))
}

fn view(frame: Frame, row: &LeadRow, notices: &[NoticeRow], currency: Currency, zone: &TimeZone) -> View {
    let told = |notice: &NoticeRow| Told {
        state: Tag::status(notice.state.word()),
        tries: notice.tries,
        at: notice.ended_at.or(notice.due_at).map(|at| Moment::of(at, zone)),
        failure: notice.failure.clone().unwrap_or_default(),
    };
    View {
        frame,
        lead: row.lead.to_string(),
        ping: row.ping.map(|ping| ping.to_string()).unwrap_or_default(),
        vertical: row.vertical.to_string(),
        status: Tag::status(row.status.word()),
        reason: row.reason.clone().unwrap_or_default().replace('_', " "),
        duplicate_of: row.own_duplicate_of.map(|lead| lead.to_string()).unwrap_or_default(),
        net: Amount::with_code(row.net, currency),
        legs: if row.legs.len() > 1 { row.legs.iter().copied().map(|leg: Money| Amount::of(leg)).collect() } else { Vec::new() },
        accepted: Moment::of(row.accepted_at, zone),
        ended: row.ended_at.map(|at| Moment::of(at, zone)),
        is_test: row.test,
        notices: notices.iter().map(told).collect(),
    }
}

#[cfg(test)]
mod tests {
    use exchange::{
        attribute::PingPart,
        command::{Fence, LeadStatus},
        id::{LeadId, PingId, Revision},
        time::Timestamp,
    };

    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let at = |second: i64| Timestamp::from_micros(1_764_288_000_000_000 + second * 1_000_000);
        let row = LeadRow {
            lead: LeadId::from_bytes([1; 16]),
            supplier: "dreamy".parse().unwrap(),
            vertical: "mortgage".parse().unwrap(),
            revision: Revision(1),
            test: false,
            ping: Some(PingId::from_bytes([2; 16])),
            quoted: true,
            status: LeadStatus::Sold,
            net: Money::from_units(60),
            legs: vec![Money::from_units(35), Money::from_units(25)],
            reason: None,
            redirect_url: None,
            duplicate_of: Some(LeadId::from_bytes([9; 16])),
            own_duplicate_of: None,
            attributes: PingPart::default(),
            fence: Fence::FIRST,
            accepted_at: at(0),
            lease_until: None,
            ended_at: Some(at(2)),
            erased_at: None,
        };
        let page = view(frame::sample("supplier:dreamy", Place::Supplying), &row, &[], Currency::USD, &TimeZone::UTC).render().unwrap();
        assert!(!page.contains(&LeadId::from_bytes([9; 16]).to_string()), "nobody else's lead");
        insta::assert_snapshot!(frame::inside(&page));
    }
}
