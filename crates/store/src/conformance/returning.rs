//! Returns: asked for by the buyer, decided by the operator, reversed in the ledger.

use std::time::Duration;

use exchange::{
    command::{Command, Operation, Settle},
    contract::SaleKind,
    money::Percent,
    returns::{RequestReturn, ReturnReason, ReturnRules},
};

use super::{Bench, world::*};
use crate::{reader::Reader, rows::ReturnStatus};

fn rules() -> ReturnRules {
    ReturnRules { within: Some(DAY * 14), percent: Percent::of_whole(100).unwrap() }
}

fn request_return(number: u32, buyer: &str, reason: ReturnReason) -> RequestReturn {
    let note = exchange::value::Value::of_text("they say so");
    let mut entropy = |bytes: &mut [u8]| bytes.fill(9);
    let note = master().seal(exchange::id::Subject::Lead(lead(number)), [("note", &note)], &mut entropy).unwrap();
    RequestReturn { sale: sale(number), buyer: buyer.parse().unwrap(), reason, note: Some(note), rules: rules() }
}

fn decide(number: u32, accept: bool) -> Command {
    Command::Operate(Operation::DecideReturn { sale: sale(number), accept })
}

pub(super) fn a_return_reverses_the_sale<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    let request = |reason| Command::RequestReturn(request_return(1, "acme", reason));
    assert_eq!(world.say(request(ReturnReason::InvalidPhone)), "ReturnOpen");
    assert_eq!(world.say(request(ReturnReason::InvalidPhone)), "ReturnOpen", "the same again");
    assert_eq!(world.say(request(ReturnReason::Fraud)), "ReturnRefused(AlreadyRequested)");
    assert_eq!((world.money("acme"), world.status(1)), ("-10.00 held 0.00".into(), "sold 8.00".into()));
    assert_eq!(world.reader.open_returns(9).unwrap().len(), 1);
    assert_eq!(world.say(decide(1, true)), "Done");
    assert_eq!(world.say(decide(1, true)), "Done", "once");
    assert!(world.say(decide(1, false)).starts_with("Conflict"));
    assert_eq!((world.money("acme"), world.status(1), world.sale_status(1)), ("0.00 held 0.00".into(), "returned 0.00".into(), "returned"));
    let entries: Vec<_> = world.reader.ledger_of(lead(1)).unwrap().iter().map(|row| format!("{} {} {}", row.cause, row.account, row.amount)).collect();
    assert_eq!(entries.len(), 6, "{entries:?}");
    assert!(entries.contains(&"return supplier:dreamy -8.00".into()) && entries.contains(&"return house -2.00".into()), "{entries:?}");
    let row = world.reader.returns_of(lead(1)).unwrap().remove(0);
    assert_eq!((row.status, row.reason.as_str(), row.note.is_some()), (ReturnStatus::Accepted, "invalid_phone", true));
    assert!(!world.bench.holds_bytes(b"they say so"), "sealed");
    world.say(Command::Operate(Operation::Erase(exchange::command::Erase::Lead(lead(1)))));
    assert_eq!(world.reader.returns_of(lead(1)).unwrap()[0].note, None);
    world.agrees();
}

pub(super) fn a_return_has_its_rules<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    world.sold(2, "acme/west");
    world.posted(3, "acme/west");
    world.accept(exchange::command::Accept { test: true, ..accept(4) });
    world.reserve(request(4, 4, exchange::command::Fence::FIRST, "acme/west"), terms("acme/west"));
    world.say(Command::Settle(settle(4)));
    let mut ask = |number, buyer, rules| world.say(Command::RequestReturn(RequestReturn { rules, ..request_return(number, buyer, ReturnReason::Other) }));
    assert_eq!(ask(1, "zenith", rules()), "ReturnRefused(UnknownSale)");
    assert_eq!(ask(9, "acme", rules()), "ReturnRefused(UnknownSale)");
    assert_eq!(ask(3, "acme", rules()), "ReturnRefused(NotSold)");
    assert_eq!(ask(4, "acme", rules()), "ReturnRefused(NotSold)", "a test was never charged");
    assert_eq!(ask(1, "acme", ReturnRules { within: None, ..rules() }), "ReturnRefused(NoReturns)");
    let half = ReturnRules { percent: Percent::of_whole(50).unwrap(), ..rules() };
    assert_eq!(ask(1, "acme", half), "ReturnOpen");
    assert_eq!(ask(2, "acme", half), "ReturnRefused(TooMany)");
    assert_eq!(world.say(decide(1, false)), "Done");
    assert_eq!(world.status(1), "sold 8.00");
    let mut ask = |number, rules| world.say(Command::RequestReturn(RequestReturn { rules, ..request_return(number, "acme", ReturnReason::Other) }));
    assert_eq!(ask(1, rules()), "ReturnRefused(AlreadyRefused)");
    assert_eq!(ask(2, half), "ReturnOpen", "a refused one doesn't count");
    world.sold(5, "acme/west");
    world.pass(DAY * 14 + Duration::from_secs(1));
    let late = Command::RequestReturn(request_return(5, "acme", ReturnReason::Other));
    assert_eq!(world.say(late), "ReturnRefused(TooLate)");
    world.agrees();
}

pub(super) fn a_bound_buyers_dispute<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.posted(1, "acme/west");
    world.say(Command::Settle(Settle { disputed: Some("not our area".into()), ..settle(1) }));
    assert_eq!(world.money("acme"), "-10.00 held 0.00");
    assert_eq!(world.say(decide(1, true)), "Done");
    assert_eq!((world.money("acme"), world.status(1)), ("0.00 held 0.00".into(), "returned 0.00".into()));
    assert!(world.say(decide(2, true)).starts_with("Conflict"), "nobody has asked");
    world.agrees();
}

pub(super) fn a_shared_leg_is_returned<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    for (number, contract) in [(1, "acme/west"), (2, "zenith/west")] {
        let shared = exchange::command::ReserveRequest { kind: SaleKind::Shared, ..request(number, 1, fence, contract) };
        world.reserve(shared, terms(contract));
        world.say(Command::Settle(Settle { ends_lead: number == 2, ..settle(number) }));
    }
    assert_eq!(world.status(1), "sold 16.00");
    let ask = |number, buyer| Command::RequestReturn(request_return(number, buyer, ReturnReason::Duplicate));
    assert_eq!(world.say(Command::RequestReturn(RequestReturn { note: None, ..request_return(1, "acme", ReturnReason::Duplicate) })), "ReturnOpen");
    world.say(decide(1, true));
    assert_eq!(world.status(1), "sold 8.00", "the other leg stays sold");
    assert_eq!(world.reader.lead(lead(1)).unwrap().unwrap().legs, [units(8)]);
    world.say(ask(2, "zenith"));
    world.say(decide(2, true));
    assert_eq!(world.status(1), "returned 0.00");
    world.agrees();
}

pub(super) fn a_leg_is_returned_while_another_is_unknown<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    for (number, contract) in [(1, "acme/west"), (2, "zenith/west")] {
        let shared = exchange::command::ReserveRequest { kind: SaleKind::Shared, ..request(number, 1, fence, contract) };
        world.reserve(shared, terms(contract));
    }
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(1) }));
    world.say(Command::MarkUnknown { sale: sale(2), why: "timeout".into() });
    world.say(end(1, fence, exchange::command::LeadStatus::Sold));
    world.say(Command::RequestReturn(request_return(1, "acme", ReturnReason::Fraud)));
    world.say(decide(1, true));
    assert_eq!(world.status(1), "pending 0.00");
    world.agrees();
}

/// A sale of last month that is given back today is one of today's returns.
pub(super) fn old_sales_returned_count_too<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.sold(1, "acme/west");
    world.sold(2, "acme/west");
    world.pass(DAY * 40);
    world.sold(3, "acme/west");
    world.sold(4, "acme/west");
    let half = ReturnRules { within: Some(DAY * 60), percent: Percent::of_whole(50).unwrap() };
    let mut ask = |number| world.say(Command::RequestReturn(RequestReturn { rules: half, ..request_return(number, "acme", ReturnReason::Other) }));
    assert_eq!(ask(1), "ReturnOpen");
    assert_eq!(ask(2), "ReturnRefused(TooMany)");
}
