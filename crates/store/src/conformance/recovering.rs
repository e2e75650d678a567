//! Runs that were cut off, and sales that nobody knows of.

use std::time::Duration;

use exchange::{
    command::{Beat, Command, Fence, LookAgain, Outcome, Reserve, TakeOver, TakenBy, VoidCause},
    flow::reconcile::FIRST_LOOK,
};

use super::{Bench, world::*};
use crate::reader::Reader;

const LIVES: Duration = Duration::from_secs(10);

fn take_over(number: u32, by: TakenBy) -> Command {
    Command::TakeOver(TakeOver { lead: lead(number), by })
}

pub(super) fn a_node_that_is_silent_is_dead<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(beat(2, LIVES));
    world.accept(exchange::command::Accept { node: node(2), ..accept(1) });
    world.accept(accept(2));
    let by_anybody = |number| take_over(number, TakenBy::Anybody);
    assert_eq!(world.say(by_anybody(1)), format!("Conflict(\"{} is held by a run that lives\")", lead(1)));
    world.pass(LIVES - Duration::from_secs(1));
    world.say(beat(2, LIVES));
    world.pass(LIVES - Duration::from_secs(1));
    assert_eq!(world.reader.lapsed(world.now, 9).unwrap(), [], "it said so again");
    world.pass(Duration::from_secs(1));
    assert_eq!(world.reader.lapsed(world.now, 9).unwrap(), [lead(1)]);
    assert_eq!(world.say(by_anybody(1)), "Done");
    assert_eq!((world.status(1), world.reader.lapsed(world.now, 9).unwrap()), ("unsold 0.00 interrupted".into(), vec![]));
    assert_eq!(world.say(by_anybody(1)), "Done", "once more changes nothing");
    assert!(world.say(by_anybody(2)).starts_with("Conflict"));
    // Who is alone on the store waits for nothing.
    world.say(Command::Beat(Beat { node: node(3), lives: LIVES, alone: true }));
    assert_eq!(world.reader.lapsed(world.now, 9).unwrap(), [lead(2)]);
    assert_eq!(world.say(by_anybody(2)), "Done");
    assert!(world.say(by_anybody(9)).starts_with("Conflict"), "nobody knows it");
    world.agrees();
}

pub(super) fn a_run_gives_its_lead_back<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.accepted(accept(1));
    world.reserve(exchange::command::ReserveRequest { start_post: false, ..request(1, 1, fence, "acme/west") }, terms("acme/west"));
    assert!(world.say(take_over(1, TakenBy::Holder(Fence(fence.0 + 1)))).starts_with("Conflict"), "not its run");
    assert_eq!(world.say(take_over(1, TakenBy::Holder(fence))), "Done");
    assert_eq!((world.status(1), world.sale_status(1), world.money("acme")), ("unsold 0.00 interrupted".into(), "void", "0.00 held 0.00".into()));
    assert_eq!(world.reserve(request(2, 1, fence, "acme/west"), terms("acme/west")), "Refused(Fenced)");
    world.agrees();
}

pub(super) fn what_was_sent_stays_sent<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.posted(1, "acme/west");
    assert_eq!(world.say(take_over(1, TakenBy::Holder(fence))), "Done");
    assert_eq!((world.status(1), world.sale_status(1), world.money("acme")), ("pending 0.00".into(), "unknown", "0.00 held 10.00".into()));
    // The run was merely slow, and its buyer has answered.
    assert_eq!(world.say(Command::Settle(settle(1))), "Done");
    assert_eq!((world.status(1), world.money("acme")), ("sold 8.00".into(), "-10.00 held 0.00".into()));
    world.agrees();
}

pub(super) fn a_quote_that_was_cut_off_is_open_again<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let west = terms("acme/west");
    world.quote(vec![offer(0, exchange::contract::SaleKind::Exclusive, 10)], vec![west.clone()], 1);
    let post = |number| exchange::command::Accept { ping: Some(ping(1)), people: vec![person(1)], ..accept(number) };
    let fence = world.accepted(post(1));
    assert_eq!(world.say(take_over(1, TakenBy::Holder(fence))), "Done");
    assert_eq!(world.money("acme"), "nothing held 0.00".replace("nothing", "0.00").replace("held 0.00", "held 10.00"), "the quote still holds");
    assert_eq!(world.accept(post(2)), "Accepted(quoted)");
    let quoted = exchange::command::ReserveRequest { quoted_by: Some(ping(1)), ..request(1, 2, Fence::FIRST, "acme/west") };
    assert_eq!(world.say(Command::Reserve(Reserve { request: quoted, terms: west })), "Reserved");
    assert_eq!(world.money("acme"), "0.00 held 10.00", "the sale took the hold over");
    world.say(Command::Settle(settle(1)));
    world.agrees();
    // Posted no more, the holds go when the quote's time is over.
    world.quote(vec![offer(0, exchange::contract::SaleKind::Exclusive, 10)], vec![terms("acme/west")], 3);
    let other = exchange::command::Accept { ping: Some(ping(3)), ..accept(3) };
    let fence = world.accepted(other);
    world.say(take_over(3, TakenBy::Holder(fence)));
    world.pass(Duration::from_secs(121));
    world.say(Command::Sweep);
    assert_eq!(world.money("acme"), "-10.00 held 0.00");
    world.agrees();
}

pub(super) fn a_repeat_takes_a_dead_nodes_lead<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(beat(2, LIVES));
    let keyed = |number, of| exchange::command::Accept { node: node(of), idempotency: key("k", 1), people: vec![person(1)], ..accept(number) };
    assert_eq!(world.accept(keyed(1, 2)), "Accepted");
    assert_eq!(world.accept(keyed(2, 1)), format!("NotAccepted(InFlight({}))", lead(1)));
    world.pass(LIVES);
    // Nobody has taken it over yet, and its lease isn't over: it is no duplicate of the request that it was all the same.
    assert_eq!(world.accept(keyed(2, 1)), "Accepted");
    assert_eq!(world.status(1), "unsold 0.00 interrupted");
    world.agrees();
}

/// A buyer had the contact and said no before the run was cut off: the quote was used.
pub(super) fn a_quote_whose_contact_went_out_stays_used<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.quote(vec![offer(0, exchange::contract::SaleKind::Exclusive, 10)], vec![], 1);
    let post = |number, payload| exchange::command::Accept { ping: Some(ping(1)), people: vec![], fingerprint: fingerprint(payload), ..accept(number) };
    let fence = world.accepted(post(1, 1));
    world.reserve(request(1, 1, fence, "acme/west"), terms("acme/west"));
    world.say(void(1, VoidCause::Rejected));
    assert_eq!(world.say(take_over(1, TakenBy::Holder(fence))), "Done");
    assert_eq!(world.accept(post(2, 2)), format!("NotAccepted(PostedOtherwise({}))", lead(1)));
    assert_eq!(world.accept(post(2, 1)), format!("NotAccepted(Repeat({}))", lead(1)));
    world.agrees();
}

/// A look has posted it since: that the run's own post left nothing says nothing any more.
pub(super) fn what_a_look_may_have_sent_is_not_unsent<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.posted(1, "acme/west");
    world.say(take_over(1, TakenBy::Holder(fence)));
    world.say(Command::LookAgain(LookAgain { sale: sale(1), looks: 0, next: FIRST_LOOK }));
    assert!(world.say(void(1, VoidCause::Unsent)).starts_with("Conflict"));
    assert_eq!(world.sale_status(1), "unknown");
    world.agrees();
}

/// The run that was taken over must not tell its supplier that nothing came of a sale that is unknown.
pub(super) fn a_run_that_was_taken_over_ends_nothing<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let fence = world.posted(1, "acme/west");
    world.say(take_over(1, TakenBy::Holder(fence)));
    let ends = |status| end(1, fence, status);
    assert!(world.say(ends(exchange::command::LeadStatus::Unsold)).starts_with("Conflict"));
    assert_eq!(world.say(ends(exchange::command::LeadStatus::Pending)), "Done");
    assert_eq!(world.status(1), "pending 0.00");
    // Nor of a lead whose repeat auctions again.
    let fence = world.accepted(accept(2));
    world.say(take_over(2, TakenBy::Holder(fence)));
    assert!(world.say(end(2, fence, exchange::command::LeadStatus::Unsold)).starts_with("Conflict"));
    world.agrees();
}

/// A supplier's repeat doesn't bring back who was erased.
pub(super) fn an_erased_lead_has_no_repeat<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(beat(2, LIVES));
    let keyed = |number, of| exchange::command::Accept { node: node(of), idempotency: key("k", 1), ..accept(number) };
    world.accept(keyed(1, 2));
    world.say(Command::Operate(exchange::command::Operation::Erase(exchange::command::Erase::Lead(lead(1)))));
    world.pass(LIVES);
    assert_eq!(world.accept(keyed(2, 1)), "NotAccepted(Erased)");
    world.agrees();
}

/// Erasing the lead that was cut off leaves the one that took its place what its ping had sealed.
pub(super) fn erasing_a_cut_off_lead_leaves_its_successor<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.quote(vec![offer(0, exchange::contract::SaleKind::Exclusive, 10)], vec![], 1);
    let post = |number| exchange::command::Accept { ping: Some(ping(1)), people: vec![person(number)], ..accept(number) };
    let fence = world.accepted(post(1));
    world.say(take_over(1, TakenBy::Holder(fence)));
    assert_eq!(world.accept(post(2)), "Accepted(quoted)");
    world.say(Command::Operate(exchange::command::Operation::Erase(exchange::command::Erase::Lead(lead(1)))));
    assert_eq!(world.reader.contact_parts(lead(2), Some(ping(1))).unwrap().len(), 2);
    world.agrees();
}

pub(super) fn a_look_is_taken_once<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.posted(1, "acme/west");
    let look = |looks| Command::LookAgain(LookAgain { sale: sale(1), looks, next: Duration::from_secs(60) });
    let due = |world: &mut World<B>| world.reader.due_unknown(world.now, 9).unwrap().iter().map(|row| (row.sale.sale, row.sale.looks)).collect::<Vec<_>>();
    assert_eq!(world.say(look(0)), "Reserved", "its buyer may report before it answers");
    world.say(Command::MarkUnknown { sale: sale(1), why: "timeout".into() });
    assert_eq!(due(&mut world), [], "not at once");
    world.pass(FIRST_LOOK);
    assert_eq!(due(&mut world), [(sale(1), 1)]);
    assert_eq!(world.say(look(1)), "Reserved");
    assert!(world.say(look(1)).starts_with("Conflict"), "by one alone");
    assert_eq!(due(&mut world), []);
    world.pass(Duration::from_secs(60));
    assert_eq!(due(&mut world), [(sale(1), 2)]);
    let row = world.reader.due_unknown(world.now, 9).unwrap().remove(0);
    assert_eq!((row.age, row.lead.lead), (FIRST_LOOK + Duration::from_secs(60), lead(1)));
    // An erased lead may be asked about, and is posted to nobody.
    world.say(Command::Operate(exchange::command::Operation::Erase(exchange::command::Erase::Lead(lead(1)))));
    assert_eq!(world.say(look(2)), "Done");
    world.say(Command::Settle(settle(1)));
    assert!(world.say(look(3)).starts_with("Conflict"), "it is known");
    assert_eq!(world.reader.open_post(world.now, sale(1)).unwrap(), None);
    world.agrees();
}

pub(super) fn what_is_given_up_was_unknown<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.posted(1, "acme/west");
    assert!(world.say(void(1, VoidCause::GivenUp)).starts_with("Conflict"), "its post is under way");
    world.say(Command::MarkUnknown { sale: sale(1), why: "timeout".into() });
    assert_eq!(world.say(void(1, VoidCause::GivenUp)), "Done");
    assert_eq!(world.money("acme"), "0.00 held 0.00");
    assert_eq!(world.reader.disclosures_of(lead(1)).unwrap()[0].outcome.as_deref(), Some("void"), "the buyer may have it all the same");
    world.agrees();
}

pub(super) fn a_claim_is_given_back<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let claim = |number| exchange::command::Claim { supplier: "dreamy".parse().unwrap(), idempotency: key("k", 1).unwrap(), ping: ping(number), node: node(1) };
    assert_eq!(world.claim(1, "k", 1), "Claimed");
    assert!(matches!(world.apply(Command::Unclaim(claim(2))), Outcome::Done));
    assert_eq!(world.claim(2, "k", 1), format!("AlreadyPinged({})", ping(1)), "another's claim stays");
    world.apply(Command::Unclaim(claim(1)));
    assert_eq!(world.claim(2, "k", 1), "Claimed");
    world.quote(vec![offer(0, exchange::contract::SaleKind::Exclusive, 10)], vec![], 2);
    world.apply(Command::Unclaim(claim(2)));
    assert_eq!(world.claim(3, "k", 1), format!("AlreadyPinged({})", ping(2)), "a quote that was written after all answers");
    world.agrees();
}

pub(super) fn a_dead_nodes_claim_is_free<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    world.say(beat(2, LIVES));
    let claim =
        |number, of| exchange::command::Claim { node: node(of), supplier: "dreamy".parse().unwrap(), idempotency: key("k", 1).unwrap(), ping: ping(number) };
    assert_eq!(world.say(Command::Claim(claim(1, 2))), "Claimed");
    assert_eq!(world.say(Command::Claim(claim(2, 1))), format!("AlreadyPinged({})", ping(1)));
    world.pass(LIVES);
    assert_eq!(world.say(Command::Claim(claim(2, 1))), "Claimed", "its node is dead");
    // The node was merely slow: its quote comes too late.
    let offers = || vec![offer(0, exchange::contract::SaleKind::Exclusive, 10)];
    let late = exchange::command::Quote { claim: Some(Box::new(claim(1, 2))), ..quote(1, offers(), vec![]) };
    assert!(world.say(Command::Quote(late)).starts_with("Conflict"));
    let quoted = exchange::command::Quote { claim: Some(Box::new(claim(2, 1))), ..quote(2, offers(), vec![]) };
    assert_eq!(world.say(Command::Quote(quoted)), "Quoted");
}
