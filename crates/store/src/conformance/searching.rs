//! Leads are found by whatever is known of them, newest first.

use std::time::Duration;

use exchange::{
    command::{Accept, Command, Fence, LeadStatus, ReserveRequest, Settle},
    id::{BuyerPingId, LeadId},
};

use super::{Bench, world::*};
use crate::{
    reader::Reader,
    search::{LeadFilter, Named},
};

const HOUR: Duration = Duration::from_secs(3600);

/// An id as a node makes it: by the time.
fn timed<B: Bench>(world: &World<B>, number: u32) -> LeadId {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&u64::try_from(world.now.micros() / 1000).unwrap().to_be_bytes()[2..]);
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    LeadId::from_bytes(bytes)
}

/// Lead 1 is sold to acme/west, an hour later 2 of another supplier and vertical is not, an hour later 3 is posted to acme/east and 4, a
/// test, is under way.
fn told<B: Bench>(bench: B) -> (World<B>, [LeadId; 4]) {
    let mut world = World::new(bench);
    let sold = timed(&world, 1);
    let fence = world.accepted(Accept { lead: sold, idempotency: key("kept of acme-17", 1), ..accept(1) });
    let reserved = ReserveRequest { lead: sold, reference: Some("bid-1".into()), ..request(1, 1, fence, "acme/west") };
    assert_eq!(world.reserve(reserved, terms("acme/west")), "Reserved");
    assert_eq!(world.say(Command::Settle(Settle { buyer_lead_reference: Some("A-1".into()), ..settle(1) })), "Done");
    world.pass(HOUR);
    let unsold = timed(&world, 2);
    let others = Accept { lead: unsold, supplier: "other".parse().unwrap(), vertical: "auto".parse().unwrap(), ..accept(2) };
    let fence = world.accepted(others);
    let ended = Command::End(exchange::command::End { lead: unsold, fence, status: LeadStatus::Unsold, reason: Some("no_bid".into()) });
    assert_eq!(world.say(ended), "Done");
    world.pass(HOUR);
    let posted = timed(&world, 3);
    let fence = world.accepted(Accept { lead: posted, ..accept(3) });
    let reserved = ReserveRequest { lead: posted, ..request(3, 3, fence, "acme/east") };
    assert_eq!(world.reserve(reserved, terms("acme/east")), "Reserved");
    let test = timed(&world, 4);
    world.accepted(Accept { lead: test, test: true, ..accept(4) });
    (world, [sold, unsold, posted, test])
}

pub(super) fn leads_are_found_by_what_is_said_of_them<B: Bench>(bench: B) {
    let (mut world, [sold, unsold, posted, test]) = told(bench);
    let start = at("2026-06-01T16:00:00Z");
    let any = LeadFilter::default;
    let cases = [
        (any(), vec![test, posted, unsold, sold]),
        (LeadFilter { status: Some(LeadStatus::Sold), ..any() }, vec![sold]),
        (LeadFilter { status: Some(LeadStatus::Open), ..any() }, vec![test, posted]),
        (LeadFilter { status: Some(LeadStatus::Returned), ..any() }, vec![]),
        (LeadFilter { supplier: "dreamy".parse().ok(), ..any() }, vec![test, posted, sold]),
        (LeadFilter { vertical: "auto".parse().ok(), ..any() }, vec![unsold]),
        (LeadFilter { buyer: "acme".parse().ok(), ..any() }, vec![posted, sold]),
        (LeadFilter { contract: "acme/east".parse().ok(), ..any() }, vec![posted]),
        (LeadFilter { buyer: "nobody".parse().ok(), ..any() }, vec![]),
        (LeadFilter { test: Some(false), supplier: "dreamy".parse().ok(), ..any() }, vec![posted, sold]),
        (LeadFilter { from: Some(start.plus(HOUR)), ..any() }, vec![test, posted, unsold]),
        (LeadFilter { until: Some(start.plus(HOUR)), ..any() }, vec![sold]),
        (LeadFilter { from: Some(start.plus(HOUR)), buyer: "acme".parse().ok(), ..any() }, vec![posted]),
        (LeadFilter { status: Some(LeadStatus::Sold), buyer: "acme".parse().ok(), vertical: "mortgage".parse().ok(), ..any() }, vec![sold]),
    ];
    for (filter, expected) in cases {
        let found: Vec<LeadId> = world.reader.find_leads(&filter, None, 9).unwrap().into_iter().map(|lead| lead.lead).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let listed = world.reader.find_leads(&LeadFilter { status: Some(LeadStatus::Sold), ..any() }, None, 9).unwrap().remove(0);
    assert_eq!((listed.supplier.as_str(), listed.net, listed.accepted_at), ("dreamy", units(8), start));
    assert_eq!((listed.sales[0].contract.to_string(), listed.sales[0].price), ("acme/west".into(), units(10)));
}

pub(super) fn pages_follow_each_other<B: Bench>(bench: B) {
    let (mut world, leads) = told(bench);
    for filter in [LeadFilter::default(), LeadFilter { named: None, buyer: "acme".parse().ok(), ..LeadFilter::default() }] {
        let all: Vec<LeadId> = world.reader.find_leads(&filter, None, 9).unwrap().into_iter().map(|lead| lead.lead).collect();
        let (mut paged, mut before) = (Vec::new(), None);
        while let [lead] = &world.reader.find_leads(&filter, before, 1).unwrap()[..] {
            paged.push(lead.lead);
            before = Some(lead.lead);
        }
        assert_eq!(paged, all);
        assert!(paged.len() >= 2 && paged.len() <= leads.len());
    }
}

pub(super) fn a_person_or_reference_finds_its_leads<B: Bench>(bench: B) {
    let (mut world, [sold, unsold, posted, _]) = told(bench);
    let reference = |text: &str| Named::Reference { text: text.into(), kept_key: format!("kept of {text}") };
    let cases = [
        (Named::Lead(unsold), vec![unsold]),
        (Named::Lead(lead(9)), vec![]),
        (Named::BuyerPing(request(1, 1, Fence::FIRST, "acme/west").buyer_ping), vec![sold]),
        (Named::BuyerPing(BuyerPingId::from_bytes([9; 16])), vec![]),
        (Named::Person(person(2)), vec![unsold]),
        (Named::Person(person(9)), vec![]),
        (reference("bid-1"), vec![sold]),
        (reference("A-1"), vec![sold]),
        (reference("acme-17"), vec![sold]),
        (reference("kept of acme-17"), vec![]),
        (reference("bid-2"), vec![]),
    ];
    for (named, expected) in cases {
        let filter = LeadFilter { named: Some(named), ..LeadFilter::default() };
        let found: Vec<LeadId> = world.reader.find_leads(&filter, None, 9).unwrap().into_iter().map(|lead| lead.lead).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    // The same person once more is a lead of its own, and both are found; a filter narrows them.
    world.pass(DAY * 40);
    let again = timed(&world, 5);
    world.accepted(Accept { lead: again, people: vec![person(3)], ..accept(5) });
    let mut of_person = |filter: LeadFilter, before| {
        let filter = LeadFilter { named: Some(Named::Person(person(3))), ..filter };
        world.reader.find_leads(&filter, before, 9).unwrap().into_iter().map(|lead| lead.lead).collect::<Vec<_>>()
    };
    assert_eq!(of_person(LeadFilter::default(), None), [again, posted]);
    assert_eq!(of_person(LeadFilter::default(), Some(again)), [posted]);
    assert_eq!(of_person(LeadFilter { buyer: "acme".parse().ok(), ..LeadFilter::default() }, None), [posted]);
    assert_eq!(of_person(LeadFilter { status: Some(LeadStatus::Sold), ..LeadFilter::default() }, None), []);
}
