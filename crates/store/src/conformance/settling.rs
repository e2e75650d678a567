//! Settle, Void, MarkUnknown, End: what becomes of a sale, of its money and of its lead.

use exchange::{
    command::{Command, Fence, LeadStatus, ReserveRequest, Settle, VoidCause},
    contract::SaleKind,
    id::ContractIndex,
};

use super::{Bench, books::ledger, world::*};
use crate::{reader::Reader, rows::ReturnStatus};

fn unknown(number: u32) -> Command {
    Command::MarkUnknown { sale: sale(number), why: "timeout".into() }
}

pub(super) fn a_sale_is_booked<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.posted(1, "acme/west");
    assert_eq!(world.money("acme"), "0.00 held 10.00");
    let settled = Settle { redirect_url: Some("https://acme.example/next".into()), buyer_lead_reference: Some("A-1".into()), ..settle(1) };
    for _ in 0..2 {
        assert_eq!(world.say(Command::Settle(settled.clone())), "Done");
        assert_eq!(ledger(&mut world, 1), ["buyer:acme -10.00", "house 2.00", "supplier:dreamy 8.00"]);
        assert_eq!((world.money("acme").as_str(), world.status(1).as_str()), ("-10.00 held 0.00", "sold 8.00"));
    }
    let row = world.reader.lead(lead(1)).unwrap().unwrap();
    assert_eq!(
        (row.redirect_url.as_deref(), row.legs, row.lease_until, row.ended_at),
        (Some("https://acme.example/next"), vec![units(8)], None, Some(world.now))
    );
    let row = world.reader.sale(sale(1)).unwrap().unwrap();
    assert_eq!((row.buyer_lead_reference.as_deref(), row.post_started_at), (Some("A-1"), Some(world.now)));
    for command in [void(1, VoidCause::Rejected), unknown(1)] {
        assert!(world.say(command).starts_with("Conflict"), "sold is sold");
    }
    assert!(world.say(Command::Settle(settle(9))).starts_with("Conflict"));
    assert_eq!(world.reader.sales_of_buyer(&"acme".parse().unwrap(), None, 10).unwrap().len(), 1);
    world.agrees();
}

pub(super) fn a_bound_buyer_opens_a_return<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.posted(1, "acme/west");
    for _ in 0..2 {
        assert_eq!(world.say(Command::Settle(Settle { disputed: Some("wrong number".into()), ..settle(1) })), "Done");
    }
    let returns = world.reader.returns_of(lead(1)).unwrap();
    assert_eq!(returns.iter().map(|row| (row.sale, row.status, row.reason.as_str())).collect::<Vec<_>>(), [(sale(1), ReturnStatus::Requested, "wrong number")]);
    assert_eq!((world.money("acme").as_str(), world.status(1).as_str()), ("-10.00 held 0.00", "sold 8.00"), "booked until it is decided");
    world.agrees();
}

pub(super) fn shared_legs_add_up<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    for number in 1..=3 {
        let contract = format!("b{number}/x");
        let request = ReserveRequest { kind: SaleKind::Shared, ..request(number, 1, fence, &contract) };
        assert_eq!(world.reserve(request, terms(&contract)), "Reserved");
    }
    world.say(Command::Settle(Settle { redirect_url: Some("https://b1.example".into()), ..settle(1) }));
    let row = world.reader.lead(lead(1)).unwrap().unwrap();
    assert_eq!((row.status, row.net, row.lease_until.is_some()), (LeadStatus::Sold, units(8), true), "other legs are under way, whatever was said");
    assert!(world.say(end(1, fence, LeadStatus::Sold)).starts_with("Conflict"));
    world.say(void(2, VoidCause::Rejected));
    world.say(Command::Settle(Settle { redirect_url: Some("https://b3.example".into()), ends_lead: false, ..settle(3) }));
    assert_eq!(world.say(end(1, fence, LeadStatus::Sold)), "Done");
    let row = world.reader.lead(lead(1)).unwrap().unwrap();
    assert_eq!((row.status, row.net, row.legs), (LeadStatus::Sold, units(16), vec![units(8), units(8)]));
    assert_eq!(row.redirect_url.as_deref(), Some("https://b1.example"), "the first that there is");
    assert_eq!(ledger(&mut world, 1).len(), 6);
    world.agrees();
}

/// What a pending lead comes to: sold, or unsold and never reopened.
pub(super) fn unknown_sales<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    for number in [1, 2] {
        let fence = world.posted(number, "acme/west");
        assert_eq!((world.say(unknown(number)), world.say(unknown(number))), ("Done".into(), "Done".into()));
        assert_eq!(world.say(end(number, fence, LeadStatus::Pending)), "Done");
        assert_eq!((world.status(number).as_str(), world.sale_status(number)), ("pending 0.00", "unknown"));
    }
    assert_eq!(world.money("acme"), "0.00 held 20.00", "it keeps what it holds");
    assert_eq!(world.reader.unknown_sales().unwrap().len(), 2);
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    assert_eq!(world.say(void(2, VoidCause::Rejected)), "Done");
    assert_eq!((world.status(1).as_str(), world.status(2).as_str()), ("sold 8.00", "unsold 0.00 offers_fell_away"));
    assert_eq!(world.money("acme"), "-10.00 held 0.00");
    assert!(world.say(Command::Settle(settle(2))).starts_with("Conflict"), "void is void");
    // A callback came before the run could say that it doesn't know.
    let fence = world.posted(3, "acme/west");
    world.say(unknown(3));
    world.say(Command::Settle(Settle { ends_lead: false, ..settle(3) }));
    assert_eq!(world.say(end(3, fence, LeadStatus::Pending)), "Done");
    assert_eq!(world.status(3), "sold 8.00");
    let fence = world.posted(4, "acme/west");
    world.say(unknown(4));
    world.say(void(4, VoidCause::Rejected));
    assert_eq!(world.status(4), "open 0.00", "its run may find another buyer");
    world.say(end(4, fence, LeadStatus::Pending));
    assert_eq!(world.status(4), "unsold 0.00 offers_fell_away");
    world.agrees();
}

pub(super) fn a_void_sale<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.posted(1, "acme/west");
    world.say(void(1, VoidCause::Rejected));
    let row = world.reader.sale(sale(1)).unwrap().unwrap();
    assert_eq!((row.status.word(), row.void_cause.as_deref(), row.why.as_deref()), ("void", Some("rejected"), Some("because")));
    for command in [Command::Settle(settle(1)), unknown(1)] {
        assert!(world.say(command).starts_with("Conflict"));
    }
    assert!(world.say(void(9, VoidCause::Rejected)).starts_with("Conflict"));
}

pub(super) fn an_end<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    let other = Fence(fence.0 + 1);
    assert!(world.say(end(1, other, LeadStatus::Unsold)).starts_with("Conflict"));
    assert!(world.say(end(9, other, LeadStatus::Unsold)).starts_with("Conflict"));
    for _ in 0..2 {
        assert_eq!(world.say(end(1, fence, LeadStatus::Unsold)), "Done");
        assert_eq!(world.status(1), "unsold 0.00 no_bid");
    }
    assert!(world.say(end(1, fence, LeadStatus::Sold)).starts_with("Conflict"), "an end is the end");
    assert_eq!(world.status(1), "unsold 0.00 no_bid");
    let row = world.reader.lead(lead(1)).unwrap().unwrap();
    assert_eq!((row.lease_until, row.ended_at), (None, Some(world.now)));
}

pub(super) fn unsent_is_no_disclosure<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.posted(1, "acme/west");
    world.say(void(1, VoidCause::Unsent));
    let again = ReserveRequest { sale: sale(2), max_disclosures: 1, ..request(2, 1, fence, "acme/west") };
    assert_eq!(world.reserve(again, terms("acme/west")), "Reserved", "nothing had left, so the same company may be asked again");
    let known = exchange::command::Terms { duplicate_days: Some(1), ..terms("acme/west") };
    world.say(void(2, VoidCause::Unsent));
    let facts = world.reader.facts(world.now, &[(ContractIndex(0), known)], &[person(1)], false).unwrap();
    assert_eq!(facts[0].refused, None);
}
