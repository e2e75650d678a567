//! Claim, Quote, AddOffers: what is promised before there is a lead.

use std::time::Duration;

use exchange::{
    cap::Period,
    command::{Accept, Command, Fence, LeadStatus, Quote, ReserveRequest, Terms},
    contract::SaleKind,
    id::{ParentName, Subject},
    record::RunKind,
};

use super::{Bench, world::*};
use crate::{
    policy::{CLAIM_KEPT, FIRM_QUOTES_PER_SUPPLIER},
    reader::Reader,
    rows::PingAnswer,
};

const FIRM: &str = "Quoted(firm)";
const NOT_FIRM: &str = "Quoted";

fn one(price: i64) -> Vec<exchange::command::QuotedOffer> {
    vec![offer(0, SaleKind::Exclusive, price)]
}

pub(super) fn a_claim_takes_a_key<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    for (number, text, payload, says) in [
        (1, "k", 1, "Claimed".to_owned()),
        (1, "k", 1, "Claimed".into()),
        (2, "k", 1, format!("AlreadyPinged({})", ping(1))),
        (3, "k", 2, "KeyReused".into()),
        (4, "other", 2, "Claimed".into()),
    ] {
        assert_eq!(world.claim(number, text, payload), says, "{number} {text} {payload}");
    }
    world.quote(one(10), Vec::new(), 1);
    world.pass(DAY * 7);
    assert_eq!(world.claim(5, "k", 2), "Claimed", "kept for seven days");
    world.accepted(Accept { idempotency: key("lead", 1), ..accept(1) });
    assert_eq!(world.claim(6, "lead", 1), "KeyReused");
}

pub(super) fn a_claim_whose_auction_was_cut_off<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    for number in 1..=3 {
        world.claim(number, &format!("k{number}"), 1);
    }
    world.quote(one(10), Vec::new(), 1);
    world.say(Command::Record { subject: Subject::Ping(ping(2)), record: record(RunKind::Ping) });
    world.pass(CLAIM_KEPT);
    assert_eq!(world.claim(11, "k1", 1), format!("AlreadyPinged({})", ping(1)));
    assert_eq!(world.claim(12, "k2", 1), format!("AlreadyPinged({})", ping(2)));
    assert_eq!(world.claim(13, "k3", 1), "Claimed", "nothing answers for it, so it is auctioned again");
    assert!(matches!(world.reader.ping_answer(ping(1)).unwrap(), Some(PingAnswer::Quoted(_))));
    assert!(matches!(world.reader.ping_answer(ping(2)).unwrap(), Some(PingAnswer::Unmatched(_))));
    assert_eq!(world.reader.ping_answer(ping(3)).unwrap(), None);
}

pub(super) fn a_quote_reads_back<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    assert_eq!(world.quote(one(10), Vec::new(), 1), NOT_FIRM);
    assert_eq!(world.quote(one(10), Vec::new(), 1), NOT_FIRM);
    let late = offer(1, SaleKind::Shared, 7);
    let add = || Command::AddOffers { ping: ping(1), offers: vec![late.clone()] };
    assert_eq!((world.say(add()), world.say(add())), ("Done".into(), "Done".into()));
    let row = world.reader.quote(ping(1)).unwrap().unwrap();
    assert_eq!(row.offers, [offer(0, SaleKind::Exclusive, 10), late.clone()], "added once");
    assert_eq!((row.net, row.firm, row.sealed_fields, row.attributes), (units(9), false, vec!["income".to_owned()], attributes()));
    assert_eq!(world.reader.record(Subject::Ping(ping(1))).unwrap(), Some((*record(RunKind::Ping)).clone()));
    world.pass(Duration::from_secs(120));
    world.say(Command::AddOffers { ping: ping(1), offers: vec![offer(2, SaleKind::Shared, 7)] });
    assert_eq!(world.reader.quote(ping(1)).unwrap().unwrap().offers.len(), 2, "too late");
    assert_eq!(world.say(Command::AddOffers { ping: ping(9), offers: Vec::new() }), "Done");
}

/// 20 percent of what is left to everybody: of 10 a day, 2; once 5 are sold, 1 of the 5 that are left.
pub(super) fn firm_holds_stay_within_their_share<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let limited = || Terms { caps: vec![count(10, Period::Day)], ..terms("acme/west") };
    for (number, says) in [(1, FIRM), (2, FIRM), (3, NOT_FIRM)] {
        assert_eq!(world.quote(one(10), vec![limited()], number), says, "{number}");
    }
    assert_eq!(world.used(&limited()), [2]);
    assert_eq!(world.money("acme"), "0.00 held 20.00");
    world.pass(Duration::from_secs(120));
    for number in 1..=5 {
        let fence = world.accepted(accept(number));
        assert_eq!(world.reserve(request(number, number, fence, "acme/west"), limited()), "Reserved");
    }
    assert_eq!(world.used(&limited()), [5], "the expired quotes gave back what they held");
    for (number, says) in [(11, FIRM), (12, NOT_FIRM)] {
        assert_eq!(world.quote(one(10), vec![limited()], number), says, "{number}");
    }
    world.agrees();
}

pub(super) fn firm_holds_of_credit_stay_within_their_share<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let prepaid = || Terms { credit: units(0), caps: vec![spend(1000, Period::Month)], ..terms("acme/west") };
    world.prepay("acme", 100);
    assert_eq!(world.quote(one(21), vec![prepaid()], 1), NOT_FIRM, "of 100 only 20 may be held firmly");
    assert_eq!(world.quote(one(10), vec![prepaid()], 2), FIRM);
    assert_eq!(world.quote(one(10), vec![prepaid()], 3), FIRM, "what others hold firmly is counted once");
    assert_eq!(world.quote(one(1), vec![prepaid()], 4), NOT_FIRM);
    assert_eq!(world.money("acme"), "100.00 held 20.00");
    world.agrees();
}

pub(super) fn all_promised_offers_are_held_or_none<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let legs = || vec![offer(0, SaleKind::Shared, 5), offer(1, SaleKind::Shared, 6)];
    let poor = || Terms { credit: units(0), ..terms("poor/one") };
    assert_eq!(world.quote(legs(), vec![terms("acme/west"), poor()], 1), NOT_FIRM);
    assert_eq!((world.money("acme").as_str(), world.money("poor").as_str()), ("nothing", "nothing"));
    assert_eq!(world.quote(legs(), vec![terms("acme/west")], 2), NOT_FIRM, "one of them can't be promised any more");
    assert_eq!(world.quote(legs(), vec![terms("acme/west"), terms("rich/one")], 3), FIRM);
    assert_eq!((world.money("acme").as_str(), world.money("rich").as_str()), ("0.00 held 5.00", "0.00 held 6.00"));
    assert_eq!(world.quote(legs(), vec![terms("acme/west"), terms("rich/one")], 3), FIRM, "and once only");
    assert_eq!(world.money("acme"), "0.00 held 5.00");
    world.agrees();
}

pub(super) fn a_supplier_has_so_many_firm_quotes<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let most = u32::try_from(FIRM_QUOTES_PER_SUPPLIER).unwrap();
    let batch: Vec<Command> = (0..most).map(|number| Command::Quote(quote(number, one(1), vec![terms("acme/west")]))).collect();
    exchange::command::Engine::apply(&mut world.engine, world.now, &batch).unwrap();
    assert_eq!(world.quote(one(1), vec![terms("acme/west")], most), NOT_FIRM);
    let others = Quote { supplier: "other".parse().unwrap(), ..quote(most + 1, one(1), vec![terms("acme/west")]) };
    assert_eq!(world.say(Command::Quote(others)), FIRM);
    world.accepted(Accept { ping: Some(ping(0)), ..accept(1) });
    assert_eq!(world.quote(one(1), vec![terms("acme/west")], most + 2), FIRM, "one of them was posted");
}

pub(super) fn expired_quotes_are_swept<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let limited = || Terms { caps: vec![count(10, Period::Day)], ..terms("acme/west") };
    for number in 1..=2 {
        world.quote(one(10), vec![limited()], number);
    }
    world.accepted(Accept { ping: Some(ping(1)), ..accept(1) });
    world.pass(Duration::from_secs(120) - Duration::from_micros(1));
    world.say(Command::Sweep);
    assert_eq!(world.money("acme"), "0.00 held 20.00");
    world.pass(Duration::from_micros(1));
    world.say(Command::Sweep);
    assert_eq!((world.money("acme").as_str(), world.used(&limited())), ("0.00 held 10.00", vec![1]), "one that was posted waits for its run");
    world.say(end(1, Fence(1), LeadStatus::Unsold));
    assert_eq!((world.money("acme").as_str(), world.used(&limited())), ("0.00 held 0.00", vec![0]));
    world.agrees();
}

pub(super) fn a_sale_takes_a_hold_over<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let limited = || Terms { caps: vec![count(5, Period::Day)], ..terms("acme/west") };
    assert_eq!(world.quote(one(10), vec![limited()], 1), FIRM);
    let fence = world.accepted(Accept { ping: Some(ping(1)), ..accept(1) });
    // What is left goes to others meanwhile, and then the contract even lowers its cap and loses its credit.
    for number in 2..=5 {
        let fence = world.accepted(accept(number));
        assert_eq!(world.reserve(request(number, number, fence, "acme/west"), limited()), "Reserved");
    }
    let tighter = || Terms { caps: vec![count(2, Period::Day)], credit: units(0), ..terms("acme/west") };
    let other = world.accepted(accept(6));
    assert!(world.reserve(ReserveRequest { quoted_by: Some(ping(1)), ..request(6, 6, other, "acme/west") }, tighter()).contains("Cap"), "another lead's");
    let quoted = |number| ReserveRequest { quoted_by: Some(ping(1)), ..request(number, 1, fence, "acme/west") };
    assert_eq!(world.reserve(quoted(1), tighter()), "Reserved");
    assert_eq!((world.money("acme").as_str(), world.used(&limited())), ("0.00 held 50.00", vec![5]));
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    assert_eq!((world.money("acme").as_str(), world.used(&limited())), ("-10.00 held 40.00", vec![5]));
    world.agrees();
}

pub(super) fn a_test_quote_holds_nothing<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let parent = ParentName::of_company("acme").unwrap();
    let test = Quote { test: true, ..quote(1, one(10), vec![Terms { parent, ..terms("acme/west") }]) };
    assert_eq!(world.say(Command::Quote(test)), NOT_FIRM);
    assert_eq!(world.money("acme"), "nothing");
}
