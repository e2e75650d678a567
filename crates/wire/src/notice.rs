//! The body of a notice to a supplier: a webhook's `type`, `timestamp` and `data`.

use exchange::{
    money::Currency,
    notice::{Change, Notice},
};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    lead_id: String,
    status: &'static str,
    price: String,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
    test: bool,
    accepted_at: String,
    changed_at: String,
}

/// The same text for the same notice, as long as its lead isn't erased.
#[must_use]
pub fn notice_body(notice: &Notice, currency: Currency) -> Vec<u8> {
    let r#type = match notice.change {
        Change::Decided => "lead.decided",
        Change::Returned => "lead.returned",
    };
    let data = Data {
        lead_id: notice.id.lead.to_string(),
        status: notice.status.word(),
        price: notice.net.to_string(),
        currency: currency.code(),
        redirect_url: notice.redirect_url.as_deref(),
        test: notice.test,
        accepted_at: notice.accepted_at.to_string(),
        changed_at: notice.changed_at.to_string(),
    };
    // Texts and booleans always have a form in JSON.
    serde_json::to_vec(&Body { r#type, timestamp: notice.changed_at.to_string(), data }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use exchange::{command::LeadStatus, id::LeadId, money::Money, notice::NoticeId, time::Timestamp};

    use super::*;

    #[test]
    fn a_notice_says_how_the_lead_stands() {
        let notice = Notice {
            id: NoticeId { lead: LeadId::from_bytes([1; 16]), number: 2 },
            change: Change::Returned,
            test: false,
            status: LeadStatus::Returned,
            net: Money::ZERO,
            redirect_url: None,
            accepted_at: Timestamp::from_micros(1_700_000_000_000_000),
            changed_at: Timestamp::from_micros(1_700_000_100_000_000),
        };
        let sold = Notice { change: Change::Decided, status: LeadStatus::Sold, redirect_url: Some("https://a.example/?x=\"1\"".into()), ..notice.clone() };
        let text = |notice: &Notice| String::from_utf8(notice_body(notice, Currency::USD)).unwrap();
        insta::assert_snapshot!(format!("{}\n{}", text(&notice), text(&sold)), @r#"
        {"type":"lead.returned","timestamp":"2023-11-14T22:15:00.000Z","data":{"lead_id":"lead_01040g2081040g2081040g2081","status":"returned","price":"0.00","currency":"USD","test":false,"accepted_at":"2023-11-14T22:13:20.000Z","changed_at":"2023-11-14T22:15:00.000Z"}}
        {"type":"lead.decided","timestamp":"2023-11-14T22:15:00.000Z","data":{"lead_id":"lead_01040g2081040g2081040g2081","status":"sold","price":"0.00","currency":"USD","redirect_url":"https://a.example/?x=\"1\"","test":false,"accepted_at":"2023-11-14T22:13:20.000Z","changed_at":"2023-11-14T22:15:00.000Z"}}
        "#);
    }
}
