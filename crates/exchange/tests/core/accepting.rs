//! The store takes a lead on, or says what stands already; tests book nothing.

use exchange::{
    command::{Accept, Idempotency, LeadStatus},
    id::{LeadId, PingId},
    seal::{Fingerprint, PersonMac},
};

use crate::support::*;

fn keyed(accept: Accept, key: &str, payload: u8, person: u8) -> Accept {
    let fingerprint = Fingerprint([payload; 16]);
    Accept { idempotency: Some(Idempotency { key: key.into(), fingerprint }), fingerprint, people: vec![PersonMac([person; 16])], ..accept }
}

#[test]
fn a_repeat_is_answered_by_what_stands_and_never_sold_again() {
    let mut exchange = World::competing([bids("a", "9")]).open();
    let first = keyed(exchange.accept(None), "k", 1, 1);
    let lead = first.lead;
    assert_eq!(exchange.take(first).ending(), "sold 9.00 to a");
    let again = keyed(exchange.accept(None), "k", 1, 1);
    assert_eq!(exchange.take(again).story(), format!("not accepted Repeat({lead})"));
    let other = keyed(exchange.accept(None), "k", 2, 2);
    assert_eq!(exchange.take(other).story(), "not accepted KeyReused");
    exchange.store.leads.get_mut(&lead).unwrap().is_over = false;
    let meanwhile = keyed(exchange.accept(None), "k", 1, 1);
    assert_eq!(exchange.take(meanwhile).story(), format!("not accepted InFlight({lead})"));
    assert_eq!(exchange.store.sales.len(), 1);
}

#[test]
fn a_post_of_a_ping_is_taken_once() {
    let mut exchange = World::competing([bids("a", "9")]).open();
    exchange.ping();
    let lead = exchange.accept(exchange.last_ping).lead;
    assert_eq!(exchange.post().ending(), "sold 9.00 to a");
    assert_eq!(exchange.post().story(), format!("not accepted Repeat({lead})"));
    let mut otherwise = exchange.accept(exchange.last_ping);
    otherwise.fingerprint = Fingerprint([2; 16]);
    assert_eq!(exchange.take(otherwise).story(), format!("not accepted PostedOtherwise({lead})"));
    let unknown = exchange.accept(Some(PingId::from_bytes([1; 16])));
    assert_eq!(exchange.take(unknown).story(), "not accepted QuoteUnknown");
}

#[test]
fn a_duplicate_is_named_and_recorded_and_nobody_is_asked() {
    let mut exchange = World::competing([bids("a", "9")]).open();
    let first: LeadId = exchange.accept(None).lead;
    exchange.lead();
    let second = exchange.lead();
    assert_eq!(second.story(), "duplicate");
    let reply = second.lead_reply();
    assert_eq!((reply.status, reply.duplicate_of), (LeadStatus::Duplicate, Some(first)));
    assert_eq!(second.commands(), ["accept", "record"]);
}

/// An unsold lead that nobody has seen keeps nobody from sending it again.
#[test]
fn an_unsold_lead_may_come_again() {
    let mut exchange = World::competing([bids("a", "9").says_no()]).open();
    assert_eq!(exchange.lead().ending(), "unsold no_bid");
    assert_eq!(exchange.lead().ending(), "unsold no_bid");
}

#[test]
fn a_test_touches_neither_caps_nor_credit_and_needs_test_endpoints() {
    let mut capped = bids("a", "9").count_cap(0);
    capped.credit = usd("0");
    let mut untested = bids("b", "8");
    untested.takes_tests = false;
    let world = World::competing([capped, untested]);
    assert_eq!(world.clone().lead().story(), "ask b, post b, sold 8.00 to b");
    let played = world.test_lead().lead();
    assert_eq!(played.outcomes("a").len(), 1, "asked in spite of its cap");
    assert_eq!(played.asked_at_ms("b"), None);
    assert!(played.record.test);
}
