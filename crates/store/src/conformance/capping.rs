//! Caps and credit: the last slot, the last cent, and the window that a sale belongs to.

use std::time::Duration;

use exchange::{
    cap::{Cap, Period},
    command::{Command, Operation, ReserveRequest, Terms, VoidCause},
    id::ContractIndex,
    money::Money,
};

use super::{Bench, world::*};
use crate::reader::Reader;

/// One more lead that the contract is to buy.
fn one_more<B: Bench>(world: &mut World<B>, number: u32, price: Money, terms: &Terms) -> String {
    let fence = world.accepted(accept(number));
    world.reserve(ReserveRequest { price, net: price, ..request(number, number, fence, "acme/west") }, terms.clone())
}

fn capped(caps: Vec<Cap>) -> Terms {
    Terms { caps, ..terms("acme/west") }
}

pub(super) fn the_last_slot<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let terms = capped(vec![count(2, Period::Day), count(9, Period::Total)]);
    for (number, says) in [(1, "Reserved"), (2, "Reserved"), (3, "Refused(Cap(Cap { limit: Count(2), per: Day }))")] {
        assert_eq!(one_more(&mut world, number, units(1), &terms), says);
    }
    assert_eq!(world.used(&terms), [2, 2]);
    world.say(Command::Settle(settle(1)));
    assert_eq!(world.used(&terms), [2, 2], "a sale keeps its place");
    world.pass(DAY);
    assert_eq!(one_more(&mut world, 4, units(1), &terms), "Reserved");
    assert_eq!(world.used(&terms), [1, 3]);
    world.agrees();
}

pub(super) fn the_last_cent_of_a_cap<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let terms = capped(vec![spend(10, Period::Month)]);
    assert_eq!(one_more(&mut world, 1, units(4), &terms), "Reserved");
    assert_eq!(one_more(&mut world, 2, Money::from_micros(6_000_001), &terms), "Refused(Cap(Cap { limit: Spend(10.00), per: Month }))");
    assert_eq!(one_more(&mut world, 3, units(6), &terms), "Reserved");
    world.agrees();
}

pub(super) fn the_last_cent_of_credit<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let terms = Terms { credit: units(5), ..terms("acme/west") };
    assert_eq!(world.prepay("acme", 10), "Moved { state: Booked, balance: 10.00 }");
    assert_eq!(one_more(&mut world, 1, units(9), &terms), "Reserved");
    assert_eq!(one_more(&mut world, 2, Money::from_micros(6_000_001), &terms), "Refused(Credit)");
    world.say(Command::Settle(settle(1)));
    assert_eq!(world.money("acme"), "1.00 held 0.00");
    assert_eq!(one_more(&mut world, 3, units(6), &terms), "Reserved");
    assert_eq!(world.money("acme"), "1.00 held 6.00");
    assert_eq!(one_more(&mut world, 4, Money::from_micros(1), &terms), "Refused(Credit)");
    world.agrees();
}

pub(super) fn a_void_gives_back<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let terms = Terms { credit: units(5), ..capped(vec![count(1, Period::Hour), spend(5, Period::Total)]) };
    for (number, cause) in [(1, VoidCause::Rejected), (2, VoidCause::Unsent), (3, VoidCause::NotConfirmed)] {
        assert_eq!(one_more(&mut world, number, units(5), &terms), "Reserved", "{cause:?}");
        assert_eq!((world.money("acme").as_str(), world.used(&terms)), ("0.00 held 5.00", vec![1, 1]));
        assert_eq!((world.say(void(number, cause)), world.say(void(number, cause))), ("Done".into(), "Done".into()));
        assert_eq!((world.money("acme").as_str(), world.used(&terms)), ("0.00 held 0.00", vec![0, 0]));
    }
    world.agrees();
}

pub(super) fn a_sale_counts_where_its_hold_was_taken<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    // A minute before midnight in New York.
    world.now = at("2026-06-02T03:59:00Z");
    let terms = capped(vec![count(1, Period::Day)]);
    assert_eq!(one_more(&mut world, 1, units(1), &terms), "Reserved");
    world.pass(Duration::from_secs(120));
    world.say(Command::Settle(settle(1)));
    assert_eq!(one_more(&mut world, 2, units(1), &terms), "Reserved", "settled today, but held yesterday");
    assert!(one_more(&mut world, 3, units(1), &terms).contains("Cap"));
    world.agrees();
}

/// The day on which the clocks go forward has 23 hours, the day on which they go back has 25.
pub(super) fn days_of_23_and_25_hours<B: Bench>(_: B) {
    let terms = capped(vec![count(1, Period::Day)]);
    for (midnight, hours) in [("2026-03-08T05:00:00Z", 23), ("2026-11-01T04:00:00Z", 25)] {
        let mut world = World::new(B::fresh().unwrap());
        world.now = at(midnight);
        assert_eq!(one_more(&mut world, 1, units(1), &terms), "Reserved");
        world.pass(Duration::from_secs(hours * 3600) - Duration::from_micros(1));
        assert!(one_more(&mut world, 2, units(1), &terms).contains("Cap"), "{hours}");
        world.pass(Duration::from_micros(1));
        assert_eq!(one_more(&mut world, 3, units(1), &terms), "Reserved", "{hours}");
        world.agrees();
    }
}

pub(super) fn a_cap_or_zone_that_changes_counts_what_was_sold<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    for number in 1..=2 {
        assert_eq!(one_more(&mut world, number, units(1), &capped(Vec::new())), "Reserved");
    }
    let limited = capped(vec![count(2, Period::Day)]);
    assert!(one_more(&mut world, 3, units(1), &limited).contains("Cap"), "sold before there was a cap");
    let moved = Terms { time_zone: jiff::tz::TimeZone::get("America/Los_Angeles").unwrap(), ..limited.clone() };
    assert!(one_more(&mut world, 4, units(1), &moved).contains("Cap"), "sold today in the other zone too");
    world.say(void(1, VoidCause::Rejected));
    assert_eq!((world.used(&limited), world.used(&moved)), (vec![1], vec![1]), "given back in both");
    assert_eq!(one_more(&mut world, 5, units(1), &moved), "Reserved");
    assert_eq!((world.used(&limited), world.used(&moved)), (vec![2], vec![2]), "taken in both");
    // Windows that are long over are forgotten.
    world.pass(DAY * 40);
    world.say(Command::Sweep);
    world.say(void(2, VoidCause::Rejected));
    world.agrees();
}

pub(super) fn facts_say_what_reserve_will<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.prepay("acme", 30);
    let terms = |contract: &str| Terms { credit: units(0), caps: vec![count(2, Period::Day), spend(50, Period::Week)], ..terms(contract) };
    one_more(&mut world, 1, units(12), &terms("acme/west"));
    world.say(Command::Operate(Operation::Suppress { list: "mine".parse().unwrap(), people: vec![person(7)] }));
    let mut facts = |terms: Terms, people: &[u32], test| {
        let people: Vec<_> = people.iter().copied().map(person).collect();
        let facts = world.reader.facts(world.now, &[(ContractIndex(3), terms)], &people, test).unwrap().remove(0);
        let caps: Vec<_> = facts.caps.iter().map(|(cap, usage)| format!("{} of {cap}: {}", usage.count, usage.spend)).collect();
        (facts.contract.0, facts.available, caps, facts.refused.map(|refusal| refusal.to_string()))
    };
    let used = vec!["1 of 2 per day: 12.00".to_owned(), "1 of 50.00 spend per week: 12.00".to_owned()];
    assert_eq!(facts(terms("acme/west"), &[], false), (3, units(18), used.clone(), None));
    let unused = vec!["0 of 2 per day: 0.00".to_owned(), "0 of 50.00 spend per week: 0.00".to_owned()];
    assert_eq!(facts(terms("acme/east"), &[], false), (3, units(18), unused.clone(), None), "caps are a contract's, credit its buyer's");
    assert_eq!(facts(terms("new/one"), &[], false), (3, units(0), unused, None), "a bid above an unused cap can be told from its facts");
    let listed = Terms { lists: vec!["mine".parse().unwrap()], ..terms("acme/west") };
    assert_eq!(facts(listed.clone(), &[7], false).3, Some("suppressed: mine".into()));
    assert_eq!(facts(listed, &[7], true), (3, units(0), Vec::new(), Some("suppressed: mine".into())), "a test reads no caps");
    let known = Terms { duplicate_days: Some(1), ..terms("acme/west") };
    assert_eq!(facts(known.clone(), &[1], false).3, Some("buyer_duplicate".into()));
    assert_eq!(facts(known, &[2], false).3, None);
}
