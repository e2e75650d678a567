//! Accept: taken on, or what stands already.

use std::time::Duration;

use exchange::{
    cap::Period,
    command::{Accept, Command, Erase, Fence, LeadStatus, Operation, Outcome, ReserveRequest, Terms, VoidCause},
    contract::SaleKind,
    id::{ContractIndex, Subject},
};

use super::{Bench, world::*};
use crate::reader::Reader;

pub(super) fn a_lead_is_taken_on<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert_eq!(world.accepted(accept(1)), Fence(1));
    assert_eq!(world.accepted(accept(2)), Fence(1), "each lead has fences of its own");
    let row = world.reader.lead(lead(1)).unwrap().unwrap();
    assert_eq!((row.status, row.lease_until, row.ended_at), (LeadStatus::Open, Some(world.now.plus(LEASE)), None));
    assert_eq!(row.attributes, attributes());
    assert_eq!(world.reader.contact_parts(lead(1), None).unwrap(), [accept(1).sealed]);
}

pub(super) fn the_same_accept_again<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let keyed = Accept { idempotency: key("k", 1), ..accept(1) };
    assert_eq!(world.accepted(keyed.clone()), Fence(1));
    assert_eq!(world.accepted(keyed.clone()), Fence(1), "its answer got lost, and it is the same");
    world.say(end(1, Fence(1), LeadStatus::Unsold));
    assert_eq!(world.accept(keyed), format!("NotAccepted(Repeat({}))", lead(1)));
    let twin = Accept { people: vec![person(1)], ..accept(3) };
    world.sold(2, "acme/west");
    let twin = Accept { people: vec![person(2)], ..twin };
    let duplicate = world.accept(twin.clone());
    assert_eq!(world.accept(twin), duplicate);
}

pub(super) fn a_key_answers_for_its_request<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let keyed = |number, payload| Accept { idempotency: key("k", payload), people: Vec::new(), ..accept(number) };
    let fence = world.accepted(keyed(1, 1));
    for (number, payload, says) in [(2, 1, format!("NotAccepted(InFlight({}))", lead(1))), (3, 2, "NotAccepted(KeyReused)".into())] {
        assert_eq!(world.accept(keyed(number, payload)), says);
    }
    world.say(end(1, fence, LeadStatus::Unsold));
    assert_eq!(world.accept(keyed(4, 1)), format!("NotAccepted(Repeat({}))", lead(1)));
    assert_eq!(world.claim(9, "k", 1), "KeyReused", "a key of a lead is none of a ping");
    assert_eq!(world.claim(9, "p", 1), "Claimed");
    assert_eq!(world.accept(Accept { idempotency: key("p", 1), ..accept(5) }), "NotAccepted(KeyReused)");
    let other = Accept { supplier: "other".parse().unwrap(), idempotency: key("k", 3), ..accept(6) };
    assert_eq!(world.accept(other), "Accepted", "every supplier has its own keys");
    assert!(world.reader.lead(lead(3)).unwrap().is_none(), "a refusal leaves nothing behind");
}

pub(super) fn a_key_is_free_after_seven_days<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let keyed = |number| Accept { idempotency: key("k", number as u8), ..accept(number) };
    world.accepted(keyed(1));
    world.pass(DAY * 7 - Duration::from_micros(1));
    assert_eq!(world.accept(keyed(2)), "NotAccepted(KeyReused)");
    world.pass(Duration::from_micros(1));
    assert_eq!(world.accept(keyed(2)), "Accepted");
}

fn post_of(number: u32, of: u32, payload: u8) -> Accept {
    Accept { ping: Some(ping(of)), fingerprint: fingerprint(payload), people: Vec::new(), ..accept(number) }
}

pub(super) fn a_ping_is_posted_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.quote(vec![offer(0, SaleKind::Exclusive, 10)], Vec::new(), 1);
    match world.apply(Command::Accept(post_of(1, 1, 1))) {
        Outcome::Accepted { quote: Some(quote), .. } => {
            assert_eq!((quote.ping, quote.net, quote.firm), (ping(1), units(9), false));
            assert_eq!((quote.offers, quote.asked), (vec![offer(0, SaleKind::Exclusive, 10)], vec![(0, ContractIndex(0))]));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.accept(post_of(2, 1, 1)), format!("NotAccepted(InFlight({}))", lead(1)));
    assert_eq!(world.accept(post_of(3, 1, 2)), format!("NotAccepted(PostedOtherwise({}))", lead(1)));
    world.say(end(1, Fence(1), LeadStatus::Unsold));
    assert_eq!(world.accept(post_of(4, 1, 1)), format!("NotAccepted(Repeat({}))", lead(1)));
    assert_eq!(world.reader.lead_of_ping(ping(1)).unwrap(), Some(lead(1)));
    let parts = world.reader.contact_parts(lead(1), Some(ping(1))).unwrap();
    assert_eq!(parts.iter().map(|part| part.subject).collect::<Vec<_>>(), [Subject::Lead(lead(1)), Subject::Ping(ping(1))]);
}

pub(super) fn a_quote_that_is_unknown_or_over<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.quote(vec![offer(0, SaleKind::Exclusive, 10)], Vec::new(), 1);
    let others = Accept { supplier: "other".parse().unwrap(), ..post_of(1, 1, 1) };
    let elsewhere = Accept { vertical: "auto".parse().unwrap(), ..post_of(1, 1, 1) };
    let test = Accept { test: true, ..post_of(1, 1, 1) };
    for wrong in [post_of(1, 7, 1), others, elsewhere, test] {
        assert_eq!(world.accept(wrong), "NotAccepted(QuoteUnknown)");
    }
    world.pass(Duration::from_secs(120));
    assert_eq!(world.accept(post_of(1, 1, 1)), "NotAccepted(QuoteExpired)");
    let again = |number| Accept { requote: true, ..post_of(number, 1, 1) };
    assert_eq!(world.accept(again(1)), "Accepted", "without the old price");
    assert_eq!(world.accept(again(1)), "Accepted", "and so again");
    assert_eq!(world.accept(again(2)), format!("NotAccepted(InFlight({}))", lead(1)));
    world.pass(LEASE);
    assert_eq!(world.accept(again(2)), "Accepted", "nor does whoever takes it over get it");
}

pub(super) fn a_cut_off_run_is_taken_over<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let limited = Terms { caps: vec![count(5, Period::Day)], ..terms("acme/west") };
    assert_eq!(world.quote(vec![offer(0, SaleKind::Exclusive, 10)], vec![limited.clone()], 1), "Quoted(firm)");
    let post = |number| Accept { idempotency: key("k", 1), ..post_of(number, 1, 1) };
    let first = world.accepted(post(1));
    let reserved = ReserveRequest { start_post: false, ..request(1, 1, first, "other/one") };
    assert_eq!(world.reserve(reserved, terms("other/one")), "Reserved");
    world.pass(LEASE - Duration::from_micros(1));
    assert_eq!(world.accept(post(2)), format!("NotAccepted(InFlight({}))", lead(1)));
    world.pass(Duration::from_micros(1));
    assert_eq!(world.accept(post(2)), "Accepted(quoted)");
    assert_eq!((world.status(1).as_str(), world.sale_status(1)), ("unsold 0.00 interrupted", "void"));
    assert_eq!((world.money("acme").as_str(), world.money("other").as_str()), ("0.00 held 10.00", "0.00 held 0.00"), "the quote's hold is the new lead's");
    assert_eq!(world.reserve(request(3, 1, first, "acme/west"), limited), "Refused(Fenced)", "whoever was cut off comes too late");
    assert_eq!(world.reader.lead_of_ping(ping(1)).unwrap(), Some(lead(2)));
    assert_eq!(world.say(end(2, Fence(1), LeadStatus::Unsold)), "Done");
    assert_eq!(world.money("acme"), "0.00 held 0.00");
    world.agrees();
}

pub(super) fn what_was_sent_is_not_taken_over<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let keyed = |number| Accept { idempotency: key("k", 1), ..accept(number) };
    let fence = world.accepted(keyed(1));
    world.reserve(request(1, 1, fence, "acme/west"), terms("acme/west"));
    world.pass(LEASE * 2);
    assert_eq!(world.accept(keyed(2)), format!("NotAccepted(InFlight({}))", lead(1)), "recovery has yet to say");
    world.say(Command::MarkUnknown { sale: sale(1), why: "cut off".into() });
    world.say(end(1, fence, LeadStatus::Pending));
    assert_eq!(world.accept(keyed(2)), format!("NotAccepted(Repeat({}))", lead(1)));
}

/// What an earlier lead of the same person came to, and whether a later one is its duplicate.
pub(super) fn duplicates<B: Bench>(_: B) {
    fn posted<B: Bench>(world: &mut World<B>) {
        assert_eq!(world.reserve(request(1, 1, Fence(1), "acme/west"), terms("acme/west")), "Reserved");
    }
    fn ended<B: Bench>(world: &mut World<B>, status: LeadStatus) {
        assert_eq!(world.say(end(1, Fence(1), status)), "Done");
    }
    fn voided<B: Bench>(world: &mut World<B>, cause: VoidCause) {
        posted(world);
        world.say(void(1, cause));
        ended(world, LeadStatus::Unsold);
    }
    type Story<B> = fn(&mut World<B>);
    let stories: [(&str, bool, Story<B>); 11] = [
        ("in flight", true, |_| ()),
        ("cut off", false, |world| world.pass(LEASE)),
        ("sold", true, |world| {
            posted(world);
            world.say(Command::Settle(settle(1)));
        }),
        ("pending", true, |world| {
            posted(world);
            world.say(Command::MarkUnknown { sale: sale(1), why: String::new() });
            ended(world, LeadStatus::Pending);
        }),
        ("cut off after it was sent", true, |world| {
            posted(world);
            world.pass(LEASE);
        }),
        ("unsold", false, |world| ended(world, LeadStatus::Unsold)),
        ("unsold and provably unsent", false, |world| voided(world, VoidCause::Unsent)),
        ("unsold and rejected", true, |world| voided(world, VoidCause::Rejected)),
        ("erased", false, |world| drop(world.say(Command::Operate(Operation::Erase(Erase::Lead(lead(1))))))),
        ("30 days ago", false, |world| {
            posted(world);
            world.pass(DAY * 30);
        }),
        ("just not 30 days ago", true, |world| {
            posted(world);
            world.pass(DAY * 30 - Duration::from_micros(1));
        }),
    ];
    for (story, is_duplicate, happens) in stories {
        let mut world = World::new(B::fresh().unwrap());
        assert_eq!(world.accepted(accept(1)), Fence(1));
        happens(&mut world);
        let again = |number| Accept { people: vec![person(7), person(1)], ..accept(number) };
        assert_eq!(world.accept(Accept { vertical: "auto".parse().unwrap(), ..again(2) }), "Accepted", "{story}, of another vertical");
        assert_eq!(world.accept(Accept { test: true, ..again(3) }), "Accepted", "{story}, a test");
        let duplicate = format!("NotAccepted(Duplicate {{ own: Some({}) }})", lead(1));
        assert_eq!(world.accept(again(4)), if is_duplicate { duplicate } else { "Accepted".into() }, "{story}");
        assert_eq!(world.status(4), if is_duplicate { "duplicate 0.00" } else { "open 0.00" }, "{story}");
        world.agrees();
    }
}

pub(super) fn a_duplicate_names_only_its_own_first_lead<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let others = Accept { supplier: "other".parse().unwrap(), people: vec![person(1), person(2)], ..accept(1) };
    assert_eq!(world.accept(others), "Accepted");
    assert_eq!(world.accept(Accept { people: vec![person(2)], ..accept(2) }), "NotAccepted(Duplicate { own: None })");
    let row = world.reader.lead(lead(2)).unwrap().unwrap();
    assert_eq!((row.duplicate_of, row.own_duplicate_of), (Some(lead(1)), None));
    assert_eq!(world.reader.contact_parts(lead(2), None).unwrap().len(), 1, "a duplicate is kept, sealed");
}

pub(super) fn a_duplicate_gives_its_quote_back<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    assert_eq!(world.quote(vec![offer(0, SaleKind::Exclusive, 10)], vec![terms("other/one")], 1), "Quoted(firm)");
    assert_eq!(world.money("other"), "0.00 held 10.00");
    let twin = Accept { people: vec![person(1)], ..post_of(2, 1, 1) };
    assert!(world.accept(twin).contains("Duplicate"));
    assert_eq!(world.money("other"), "0.00 held 0.00");
}
