//! The store can't say what became of a command: retried under the same id where something hangs on it, given up safely.

use exchange::{
    command::{Accept, Idempotency, LeadStatus},
    id::Subject,
    record::{Decision, RecordedEvent},
};

use crate::support::{driver::Exchange, store::SaleState, *};

const EVER: u32 = u32::MAX;

fn fault(command: &'static str, times: u32, written: bool) -> Fault {
    Fault { command, nth: 0, times, written }
}

fn world() -> World {
    World::competing([bids("a", "9"), bids("b", "5")])
}

/// Whatever is retried comes to the same end, whether it had been written or not, and nothing is done twice.
#[test]
fn a_store_that_recovers_changes_nothing_but_the_time() {
    let strict = || World::competing([bids("a", "9").strict(), bids("b", "5")]);
    let rejecting = || World::competing([bids("a", "9").rejects(), bids("b", "5")]).disclosing(2);
    let unknown = || World::competing([bids("a", "9").times_out(), bids("b", "5")]);
    let unsold = || World::competing([bids("a", "9").says_no()]);
    for (command, world) in
        [("reserve", world()), ("start_post", strict()), ("settle", world()), ("void", rejecting()), ("mark_unknown", unknown()), ("end", unsold())]
    {
        let undisturbed = world.lead();
        for written in [false, true] {
            for times in [1, 5] {
                let played = world.clone().fault(fault(command, times, written)).lead();
                assert_eq!(played.story(), undisturbed.story(), "{command} {times} {written}");
                assert_eq!(played.sales.len(), undisturbed.sales.len(), "{command}: one id, one sale");
                let seen = played.record.events.iter().filter(|(_, event)| *event == RecordedEvent::StoreUnknown).count();
                assert_eq!(seen, times as usize, "{command}");
            }
        }
    }
}

#[test]
fn a_store_that_stays_silent_is_given_up_safely() {
    let strict = || World::competing([bids("a", "9").strict(), bids("b", "5")]);
    let rejecting = || World::competing([bids("a", "9").rejects(), bids("b", "5")]).disclosing(2);
    let unknown = || World::competing([bids("a", "9").times_out(), bids("b", "5")]);
    for written in [false, true] {
        for (command, world, story) in [
            ("accept", world(), "unavailable"),
            ("reserve", world(), "ask a+b, unavailable"),
            ("start_post", strict(), "ask a+b, confirm a, unavailable"),
            // The buyer has the contact: the supplier hears that nobody knows yet, and nobody else is offered the lead.
            ("settle", world(), "ask a+b, post a, pending"),
            ("mark_unknown", unknown(), "ask a+b, post a, pending"),
            // Whether the hold was given back isn't known: nobody else is offered the lead either.
            ("void", rejecting(), "ask a+b, post a, unavailable"),
            ("end", World::competing([bids("a", "9").says_no()]), "ask a, unavailable"),
            ("end", World::competing([bids("a", "9").shared_only()]).whose_tier(|tier| tier.shared(2)), "ask a, post a, sold 9.00 to a"),
            ("record", world(), "ask a+b, post a, sold 9.00 to a"),
        ] {
            let played = world.fault(fault(command, EVER, written)).lead();
            assert_eq!(played.story(), story.to_owned(), "{command} {written}");
            assert!(played.is_finished, "{command}");
            assert!(played.commands().iter().filter(|word| **word == command).count() <= 6, "{command} is tried six times at most");
        }
        let played = world().fault(fault("quote", EVER, written)).ping();
        assert_eq!(played.story(), "ask a+b, unavailable");
    }
}

#[test]
fn what_was_accepted_is_recorded_even_if_the_run_had_to_give_up() {
    let mut exchange = world().fault(fault("reserve", EVER, false)).open();
    let lead = exchange.accept(None).lead;
    assert_eq!(exchange.lead().ending(), "unavailable");
    let record = &exchange.store.records[&Subject::Lead(lead)];
    assert!(record.decisions.iter().any(|(_, decision)| matches!(decision, Decision::Reserving { .. })));
    let mut exchange = world().fault(fault("accept", EVER, false)).open();
    assert_eq!(exchange.lead().commands(), ["accept"], "of what was not accepted there is nothing to record");
}

/// What a run took on and can't go on with ends at once, so that the supplier's repeat needn't wait for a lease.
#[test]
fn what_cannot_go_on_is_given_back_at_once() {
    let key = |exchange: &mut Exchange| {
        let accept = exchange.accept(None);
        Accept { idempotency: Some(Idempotency { key: "k".into(), fingerprint: accept.fingerprint }), ..accept }
    };
    for fault in [None, Some(fault("reserve", EVER, false)), Some(fault("reserve", EVER, true)), Some(fault("accept", EVER, true))] {
        let mut exchange = fault.map_or_else(world, |fault| world().fault(fault)).open();
        exchange.has_no_facts = fault.is_none();
        let accept = key(&mut exchange);
        let lead = accept.lead;
        assert_eq!(exchange.take(accept).ending(), "unavailable");
        assert!(exchange.store.leads[&lead].is_over, "{fault:?}");
        let posted = fault.is_some_and(|fault| fault.command == "reserve" && fault.written);
        assert_eq!(exchange.store.leads[&lead].status, if posted { LeadStatus::Pending } else { LeadStatus::Unsold }, "{fault:?}");
    }
    // A ping's idempotency key is free again, unless its quote was written after all.
    for (written, kept) in [(false, 0), (true, 1)] {
        let mut exchange = world().fault(fault("quote", EVER, written)).open();
        assert_eq!(exchange.ping_with_key(Some(("k", 1))).story(), "ask a+b, unavailable");
        assert_eq!(exchange.store.claims.len(), kept, "{written}");
    }
}

/// The store was away when the sale should have been settled, and is back: the lead doesn't wait for its lease.
#[test]
fn a_sale_whose_settle_was_lost_is_unknown_at_once() {
    let mut exchange = world().fault(fault("settle", 6, false)).open();
    let lead = exchange.accept(None).lead;
    assert_eq!(exchange.lead().ending(), "pending");
    assert!(exchange.store.leads[&lead].is_over);
    assert_eq!(exchange.store.sales[0].1.state, SaleState::Unknown);
}

/// Fenced off: another run has the lead now. This one says nothing of how it ended.
#[test]
fn a_run_that_lost_its_lead_ends_without_a_verdict() {
    let mut exchange = world().open();
    let lead = exchange.accept(None).lead;
    exchange.store.taken_over = Some(lead);
    let played = exchange.lead();
    assert_eq!(played.story(), "ask a+b, unavailable");
    assert!(exchange.store.sales.is_empty());
}

/// A callback or an operator was quicker than the answer to the post.
#[test]
fn a_sale_that_was_decided_elsewhere_is_left_to_the_store() {
    for player in [bids("a", "9"), bids("a", "9").rejects(), bids("a", "9").times_out()] {
        for state in [SaleState::Sold { disputed: false }, SaleState::Void(exchange::command::VoidCause::Rejected)] {
            let mut exchange = World::competing([player.clone(), bids("b", "5")]).disclosing(3).open();
            exchange.store.decided_at_post = Some(state);
            let played = exchange.lead();
            assert_eq!(played.posted_to().first(), Some(&"a"));
            let agrees = matches!((&player.posts[0].1, state), (exchange::call::PostReply::Rejected { .. }, SaleState::Void(_)));
            assert_eq!(played.posted_to().len(), if agrees { 2 } else { 1 }, "{state:?} {:?}", player.posts);
            assert!(played.is_finished);
        }
    }
}
