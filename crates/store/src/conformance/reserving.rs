//! Reserve and StartPost: all at once or not at all.

use std::time::Duration;

use exchange::{
    cap::Period,
    command::{Accept, Command, Erase, Fence, LeadStatus, Operation, Reserve, ReserveRequest, StartPost, Terms, VoidCause},
    contract::SaleKind,
    id::ParentName,
};

use super::{Bench, world::*};
use crate::reader::Reader;

fn shared(number: u32, of: u32, fence: Fence, contract: &str) -> ReserveRequest {
    ReserveRequest { kind: SaleKind::Shared, ..request(number, of, fence, contract) }
}

/// Each refusal, in the order in which one goes before another: every row has the causes of all the rows below it too.
pub(super) fn every_refusal<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/old");
    let suppress = Operation::Suppress { list: "do-not-offer".parse().unwrap(), people: vec![person(1)] };
    world.say(Command::Operate(suppress));
    let test_person = |number| Accept { vertical: "auto".parse().unwrap(), people: vec![person(1)], ..accept(number) };
    let fence = world.accepted(test_person(2));
    let poor = Terms { credit: units(0), ..terms("acme/west") };
    let full = Terms { caps: vec![count(0, Period::Day)], ..poor.clone() };
    let known = Terms { duplicate_days: Some(30), ..full.clone() };
    let listed = Terms { lists: vec!["do-not-offer".parse().unwrap()], ..known.clone() };
    let plain = || request(2, 2, fence, "acme/west");
    let none = || ReserveRequest { max_disclosures: 0, ..plain() };
    let no_room = || ReserveRequest { kind: SaleKind::Shared, most_shared: 0, ..none() };
    let late = || ReserveRequest { fence: Fence(77), ..no_room() };
    let nowhere = || ReserveRequest { lead: lead(99), ..late() };
    for (request, terms, says) in [
        (nowhere(), &listed, "Erased"),
        (late(), &listed, "Fenced"),
        (no_room(), &listed, "LeadTaken"),
        (none(), &listed, "MaxDisclosures"),
        (plain(), &listed, "SuppressedBy(\"do-not-offer\")"),
        (plain(), &known, "BuyerDuplicate"),
        (plain(), &full, "Cap(Cap { limit: Count(0), per: Day })"),
        (plain(), &poor, "Credit"),
    ] {
        assert_eq!(world.reserve(request, terms.clone()), format!("Refused({says})"));
    }
    assert!(world.reader.sales_of(lead(2)).unwrap().is_empty(), "a refusal leaves nothing behind");
    assert_eq!(world.reserve(plain(), terms("acme/west")), "Reserved");
    world.say(void(2, VoidCause::Rejected));
    world.say(end(2, fence, LeadStatus::Unsold));
    let after = ReserveRequest { sale: sale(3), ..plain() };
    assert_eq!(world.reserve(after, terms("acme/west")), "Refused(Fenced)", "its run has ended");
    world.agrees();
}

/// Who may come after whom on one lead.
pub(super) fn room_on_a_lead<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let mut next = 0;
    let parents = |contract: &str, parent: &str| Terms { parent: ParentName::of_company(parent).unwrap(), ..terms(contract) };
    for (first, then, says) in [
        (SaleKind::Exclusive, SaleKind::Exclusive, "Refused(LeadTaken)"),
        (SaleKind::Exclusive, SaleKind::Shared, "Refused(LeadTaken)"),
        (SaleKind::Shared, SaleKind::Exclusive, "Refused(LeadTaken)"),
        (SaleKind::Shared, SaleKind::Shared, "Reserved"),
    ] {
        for ending in ["under way", "unknown", "sold"] {
            next += 10;
            let fence = world.accepted(accept(next));
            world.reserve(ReserveRequest { kind: first, ..request(next, next, fence, "acme/west") }, terms("acme/west"));
            match ending {
                "unknown" => drop(world.say(Command::MarkUnknown { sale: sale(next), why: String::new() })),
                "sold" => drop(world.say(Command::Settle(exchange::command::Settle { ends_lead: false, ..settle(next) }))),
                _ => {}
            }
            let second = ReserveRequest { kind: then, ..request(next + 1, next, fence, "other/one") };
            assert_eq!(world.reserve(second, terms("other/one")), says, "{first:?} {ending}, then {then:?}");
        }
    }
    let fence = world.accepted(accept(1));
    for (number, contract, parent, says) in [
        (1, "a/x", "A", "Reserved"),
        (2, "b/x", "A", "Refused(SameParent)"),
        (3, "b/x", "B", "Reserved"),
        (4, "c/x", "C", "Reserved"),
        (5, "d/x", "D", "Refused(LeadTaken)"),
    ] {
        let request = ReserveRequest { max_disclosures: 9, ..shared(number, 1, fence, contract) };
        assert_eq!(world.reserve(request, parents(contract, parent)), says, "{contract}");
    }
    world.say(void(1, VoidCause::Rejected));
    let again = ReserveRequest { max_disclosures: 9, ..shared(6, 1, fence, "b/y") };
    assert_eq!(world.reserve(again.clone(), parents("b/y", "A")), "Refused(SameParent)", "that company had the contact");
    assert_eq!(world.reserve(again, parents("b/y", "E")), "Reserved");
    world.agrees();
}

pub(super) fn disclosures_are_counted<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    let two = |number: u32, start_post| ReserveRequest { max_disclosures: 2, start_post, ..request(number, 1, fence, &format!("b{number}/x")) };
    let reserve = |world: &mut World<B>, number: u32, start_post| world.reserve(two(number, start_post), terms(&format!("b{number}/x")));
    assert_eq!(reserve(&mut world, 1, true), "Reserved");
    world.say(void(1, VoidCause::Unsent));
    assert_eq!(reserve(&mut world, 2, true), "Reserved");
    world.say(void(2, VoidCause::Rejected));
    assert_eq!(reserve(&mut world, 3, false), "Reserved");
    world.say(void(3, VoidCause::NotConfirmed));
    assert_eq!(reserve(&mut world, 4, true), "Reserved");
    world.say(void(4, VoidCause::Rejected));
    assert_eq!(reserve(&mut world, 5, true), "Refused(MaxDisclosures)", "two have seen it; one was unsent, one never confirmed");
    let outcomes: Vec<_> = world.reader.disclosures_of(lead(1)).unwrap().into_iter().map(|row| (row.sale, row.outcome.unwrap())).collect();
    assert_eq!(outcomes, [(sale(1), "unsent".into()), (sale(2), "rejected".into()), (sale(4), "rejected".into())]);
    let fence = world.accepted(accept(2));
    let strict = |number: u32| ReserveRequest { max_disclosures: 1, start_post: false, ..shared(number, 2, fence, &format!("b{number}/x")) };
    assert_eq!(world.reserve(strict(11), terms("b11/x")), "Reserved");
    assert_eq!(world.reserve(strict(12), terms("b12/x")), "Refused(MaxDisclosures)", "the other may get it any moment");
}

pub(super) fn tests_touch_nothing<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(Accept { test: true, ..accept(1) });
    let full = Terms { caps: vec![count(0, Period::Day)], credit: units(0), duplicate_days: Some(30), ..terms("acme/west") };
    assert_eq!(world.reserve(request(1, 1, fence, "acme/west"), full.clone()), "Reserved");
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    assert_eq!((world.status(1).as_str(), world.money("acme").as_str()), ("sold 8.00", "nothing"));
    assert_eq!((world.used(&full), world.reader.ledger_of(lead(1)).unwrap()), (vec![0], Vec::new()));
    let real = world.accepted(Accept { people: vec![person(1)], ..accept(2) });
    let again = Terms { duplicate_days: Some(30), ..terms("acme/west") };
    assert_eq!(world.reserve(request(2, 2, real, "acme/west"), again), "Reserved", "a test makes nobody a duplicate");
    let fence = world.accepted(Accept { test: true, ..accept(3) });
    world.say(Command::Operate(Operation::Suppress { list: "exchange".parse().unwrap(), people: vec![person(3)] }));
    assert_eq!(world.reserve(request(3, 3, fence, "acme/west"), full), "Refused(SuppressedBy(\"exchange\"))", "but nobody suppressed is offered");
    world.agrees();
}

pub(super) fn a_strict_sale_starts_its_post_later<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let start = |number, fence| Command::StartPost(StartPost { sale: sale(number), fence, terms: terms("acme/west") });
    let strict = |world: &mut World<B>, number: u32| {
        let fence = world.accepted(accept(number));
        let request = ReserveRequest { start_post: false, ..request(number, number, fence, "acme/west") };
        assert_eq!(world.reserve(request, terms("acme/west")), "Reserved");
        fence
    };
    let fence = strict(&mut world, 1);
    assert!(world.reader.disclosures_of(lead(1)).unwrap().is_empty());
    assert!(world.say(Command::Settle(settle(1))).starts_with("Conflict"), "nothing was posted");
    assert!(world.say(Command::MarkUnknown { sale: sale(1), why: String::new() }).starts_with("Conflict"));
    assert_eq!(world.say(start(1, Fence(9))), "Refused(Fenced)");
    assert_eq!(world.say(start(1, fence)), "Reserved");
    assert_eq!(world.say(start(1, fence)), "Reserved", "its answer got lost");
    assert_eq!(world.reader.disclosures_of(lead(1)).unwrap().len(), 1);
    world.say(Command::Settle(settle(1)));
    assert_eq!(world.say(start(1, fence)), "Refused(Fenced)");
    assert!(world.say(start(99, fence)).starts_with("Conflict"));

    let fence = strict(&mut world, 2);
    world.say(Command::Operate(Operation::Erase(Erase::Lead(lead(2)))));
    assert_eq!(world.say(start(2, fence)), "Refused(Erased)");

    let fence = strict(&mut world, 3);
    world.say(Command::Operate(Operation::Suppress { list: "exchange".parse().unwrap(), people: vec![person(3)] }));
    assert_eq!(world.say(start(3, fence)), "Refused(SuppressedBy(\"exchange\"))");
    world.say(void(3, VoidCause::Unsent));
    assert!(world.say(start(3, fence)).starts_with("Conflict"), "void is void");
    world.agrees();
}

pub(super) fn the_same_reserve_again<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    let command = || Reserve { request: request(1, 1, fence, "acme/west"), terms: terms("acme/west") };
    let reserve = |world: &mut World<B>| world.say(Command::Reserve(command()));
    assert_eq!(reserve(&mut world), "Reserved");
    world.pass(Duration::from_secs(1));
    assert_eq!(reserve(&mut world), "Reserved");
    assert_eq!((world.money("acme").as_str(), world.reader.disclosures_of(lead(1)).unwrap().len()), ("0.00 held 10.00", 1));
    world.say(Command::MarkUnknown { sale: sale(1), why: String::new() });
    assert!(reserve(&mut world).starts_with("Conflict"), "it has moved on: no second permission");
    world.agrees();
}
