use exchange::{
    call::PostReply,
    contract::UnknownEnd,
    id::SaleId,
    raw::{RawFields, RawValue},
    returns::ReturnReason,
};

use super::*;
use crate::body;

fn fields(json: &str) -> RawFields {
    body::read(Some("application/json"), json.as_bytes()).unwrap().fields
}

fn codes<T>(read: Result<T, Vec<exchange::lead::FieldError>>) -> Vec<(String, &'static str)> {
    read.err().unwrap_or_default().into_iter().map(|error| (error.field, error.code.word())).collect()
}

fn wrong(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn an_outcome_is_accepted_or_rejected() {
    let accepted = |redirect_url: Option<&str>, lead_reference: Option<&str>| PostReply::Accepted {
        redirect_url: redirect_url.map(str::to_owned),
        lead_reference: lead_reference.map(str::to_owned),
    };
    for (json, report) in [
        (r#"{"status": "accepted"}"#, accepted(None, None)),
        (r#"{"status": "accepted", "reason": "ignored here", "lead_ref": 4711, "more": [1]}"#, accepted(None, Some("4711"))),
        (r#"{"status": "accepted", "redirect_url": "https://buyer.example/go?a=b", "lead_ref": " "}"#, accepted(Some("https://buyer.example/go?a=b"), None)),
        (r#"{"status": "rejected"}"#, PostReply::Rejected { reason: None }),
        (r#"{"status": "rejected", "reason": " no licence "}"#, PostReply::Rejected { reason: Some("no licence".into()) }),
    ] {
        assert_eq!(read_outcome(&fields(json)), Ok(report), "{json}");
    }
    for (json, field, code) in [
        ("{}", "status", "required"),
        (r#"{"status": "unknown"}"#, "status", "not_in_values"),
        (r#"{"status": true}"#, "status", "wrong_type"),
        (r#"{"status": "accepted", "status": "rejected"}"#, "status", "given_twice"),
        (r#"{"status": "accepted", "redirect_url": "javascript:alert(1)"}"#, "redirect_url", "invalid"),
        (r#"{"status": "accepted", "lead_ref": "a\u0000b"}"#, "lead_ref", "invalid"),
        (r#"{"status": "rejected", "reason": "two\nlines"}"#, "reason", "invalid"),
    ] {
        assert_eq!(codes(read_outcome(&fields(json))), wrong(field, code), "{json}");
    }
    let long = format!(r#"{{"status": "rejected", "reason": "{}", "lead_ref": ["x"]}}"#, "x".repeat(201));
    assert_eq!(codes(read_outcome(&fields(&long))), [wrong("reason", "too_long"), wrong("lead_ref", "wrong_type")].concat(), "all at once");
}

#[test]
fn a_return_has_a_reason_of_a_fixed_set_and_never_prints_its_note() {
    let text = read_return(&fields(r#"{"reason": "wrong_person", "note": "rang twice,\nnobody there"}"#)).unwrap();
    assert_eq!((text.reason, text.note.as_ref().map(|note| note.as_str())), (ReturnReason::WrongPerson, Some("rang twice,\nnobody there")));
    assert_eq!(format!("{text:?}"), "ReturnText(wrong_person)");
    assert_eq!(codes(read_return(&fields(r#"{"note": "x"}"#))), wrong("reason", "required"));
    assert_eq!(codes(read_return(&fields(r#"{"reason": "nobody answers 646-555-0142"}"#))), wrong("reason", "not_in_values"));
    assert_eq!(codes(read_return(&fields(r#"{"reason": "other", "note": "\u001b[2J"}"#))), wrong("note", "invalid"));
    let note = |length: usize| vec![("reason".to_owned(), RawValue::of_text("fraud")), ("note".to_owned(), RawValue::of_text("é".repeat(length)))];
    assert!(read_return(&note(1000)).is_ok());
    assert_eq!(codes(read_return(&note(1001))), wrong("note", "too_long"));
}

#[test]
fn an_operator_rules_in_a_word() {
    assert_eq!(read_resolution(&fields(r#"{"as": "sold"}"#)), Ok(UnknownEnd::Sold));
    assert_eq!(read_resolution(&fields(r#"{"as": "void"}"#)), Ok(UnknownEnd::Void));
    assert_eq!(codes(read_resolution(&fields(r#"{"as": "Sold"}"#))), wrong("as", "not_in_values"));
    assert_eq!(read_decision(&fields(r#"{"decision": "accept"}"#)), Ok(true));
    assert_eq!(read_decision(&fields(r#"{"decision": "refuse"}"#)), Ok(false));
    assert_eq!(codes(read_decision(&fields("{}"))), wrong("decision", "required"));
}

#[test]
fn a_page_starts_before_an_id_and_has_a_limit() {
    let page = |query: &str| read_page::<SaleId>(Some(query));
    assert_eq!(read_page::<SaleId>(None), Ok(Page { before: None, limit: 50 }));
    let id = SaleId::from_bytes([7; 16]);
    assert_eq!(page(&format!("before={id}&limit=200&other=1")), Ok(Page { before: Some(id), limit: 200 }));
    assert_eq!(page("before=&limit="), Ok(Page { before: None, limit: 50 }));
    for (query, field, code) in [
        ("before=lead_1", "before", "invalid"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("limit=ten", "limit", "out_of_range"),
        ("limit=1&limit=2", "limit", "given_twice"),
        ("limit=%ff", "query", "invalid"),
    ] {
        assert_eq!(codes(page(query)), wrong(field, code), "{query}");
    }
}

fn search(json: &str) -> Result<LeadSearch, Vec<exchange::lead::FieldError>> {
    read_search(&fields(json), &jiff::tz::TimeZone::get("America/New_York").unwrap())
}

#[test]
fn a_search_is_read_whole_and_its_text_is_never_printed() {
    let said = search(
        r#"{"text": " +1 646 555 0142 ", "status": "sold", "supplier": "dreamy-leads", "vertical": "mortgage", "buyer": "harbor", "contract": "harbor/west", "test": false, "limit": 7}"#,
    );
    assert_eq!(codes(said), wrong("test", "wrong_type"), "a text, as a query has it");
    let said = search(
        r#"{"text": " +1 646 555 0142 ", "status": "sold", "supplier": "dreamy-leads", "vertical": "mortgage", "buyer": "harbor", "contract": "harbor/west", "test": "false", "limit": 7}"#,
    )
    .unwrap();
    assert_eq!(said.text.as_ref().unwrap().as_str(), "+1 646 555 0142");
    assert_eq!(
        (said.status.unwrap().word(), said.supplier.as_ref().unwrap().as_str(), said.contract.as_ref().unwrap().to_string()),
        ("sold", "dreamy-leads", "harbor/west".into())
    );
    assert_eq!((said.test, said.page.limit), (Some(false), 7));
    assert!(!format!("{said:?}").contains("0142"));
    let nothing = search("{}").unwrap();
    assert_eq!((nothing.text, nothing.from, nothing.page.limit), (None, None, 50));
    let all = search(r#"{"status": "won", "supplier": "a b", "contract": "west", "from": "yesterday", "limit": 0}"#);
    assert_eq!(codes(all).into_iter().map(|(field, _)| field).collect::<Vec<_>>(), ["status", "supplier", "contract", "from", "limit"]);
    let long = format!(r#"{{"text": "{}"}}"#, "x".repeat(256));
    assert_eq!(codes(search(&long)), wrong("text", "too_long"));
}

#[test]
fn a_date_is_a_whole_day_of_the_exchanges_zone() {
    for (from, until, says) in [
        ("2026-06-01", "2026-06-01", "2026-06-01T04:00:00.000Z 2026-06-02T04:00:00.000Z"),
        ("2026-11-01", "2026-11-01", "2026-11-01T04:00:00.000Z 2026-11-02T05:00:00.000Z"),
        ("2026-06-01T16:00:00Z", "2026-06-01T12:30", "2026-06-01T16:00:00.000Z 2026-06-01T16:30:00.000Z"),
    ] {
        let said = search(&format!(r#"{{"from": "{from}", "until": "{until}"}}"#)).unwrap();
        assert_eq!(format!("{} {}", said.from.unwrap(), said.until.unwrap()), says);
    }
}

#[test]
fn an_address_takes_no_text_to_search_for() {
    let zone = jiff::tz::TimeZone::UTC;
    assert_eq!(codes(read_search_query(Some("text=jane%40example.com&status=sold"), &zone)), wrong("text", "invalid"));
    assert_eq!(read_search_query(Some("status=sold&buyer=acme&text="), &zone).unwrap().buyer.unwrap().as_str(), "acme");
}

#[test]
fn a_buyers_wish_names_what_is_to_be_otherwise() {
    use exchange::{
        money::{Currency, Money},
        self_service::{PriceKey, Wish},
    };
    let read = |json: &str| read_own_terms(&fields(json), Currency::USD);
    let terms = read(r#"{"paused": true, "price": "12.50", "max_bid": 80, "shared_price": "", "version": "a1", "more": 1}"#).unwrap();
    let prices = [(PriceKey::Price, Money::from_micros(12_500_000)), (PriceKey::MaxBid, Money::from_units(80))].into();
    assert_eq!(terms, OwnTerms { wish: Wish { paused: Some(true), prices }, version: Some("a1".into()) });
    assert_eq!(read(r#"{"paused": "false"}"#).unwrap().wish.paused, Some(false), "as forms say it");
    for (json, field, code) in [
        ("{}", "paused", "required"),
        (r#"{"version": "a1", "price": " "}"#, "paused", "required"),
        (r#"{"paused": "perhaps"}"#, "paused", "not_in_values"),
        (r#"{"paused": [true]}"#, "paused", "wrong_type"),
        (r#"{"price": "0"}"#, "price", "invalid"),
        (r#"{"price": "-1.00"}"#, "price", "invalid"),
        (r#"{"price": "1.005"}"#, "price", "invalid"),
        (r#"{"price": "1", "price": "2"}"#, "price", "given_twice"),
    ] {
        assert_eq!(codes(read(json)), wrong(field, code), "{json}");
    }
}
