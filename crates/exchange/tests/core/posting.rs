//! What a post may come to: accepted, rejected, unsent, unknown; confirmed first where the contract is strict.

use exchange::{
    call::{CallFailure, ConfirmReply, PostReply},
    command::{LeadStatus, VoidCause},
};

use crate::support::{player::accepted, store::SaleState, *};

/// `a` wins, and b is what else there is.
fn with(a: Player) -> World {
    World::competing([a, bids("b", "5")])
}

fn states(played: &Played) -> Vec<SaleState> {
    played.sales.iter().map(|sale| sale.state).collect()
}

#[test]
fn a_rejection_is_a_disclosure_and_the_next_needs_another() {
    for (most, story) in
        [(1, "ask a+b, post a, unsold max_disclosures"), (2, "ask a+b, post a, post b, sold 5.00 to b"), (3, "ask a+b, post a, post b, sold 5.00 to b")]
    {
        assert_eq!(with(bids("a", "9").rejects()).disclosing(most).lead().story(), story);
    }
    let all = World::competing([bids("a", "9").rejects(), bids("b", "8").rejects(), bids("c", "7").rejects(), bids("d", "6")]);
    assert_eq!(all.clone().disclosing(3).lead().story(), "ask a+b+c+d, post a, post b, post c, unsold max_disclosures");
    let mut lowered = all.disclosing(3);
    lowered.supplier.max_disclosures = Some(2);
    assert_eq!(lowered.lead().story(), "ask a+b+c+d, post a, post b, unsold max_disclosures");
    assert_eq!(World::competing([bids("a", "9").rejects()]).disclosing(2).lead().ending(), "unsold offers_fell_away");
}

#[test]
fn what_was_never_sent_is_no_disclosure() {
    let played = with(bids("a", "9").unreachable()).lead();
    assert_eq!(played.story(), "ask a+b, post a, post b, sold 5.00 to b");
    assert_eq!(states(&played), [SaleState::Void(VoidCause::Unsent), SaleState::Sold { disputed: false }]);
}

#[test]
fn an_unknown_lead_is_offered_to_nobody_else() {
    for failure in [CallFailure::Timeout, CallFailure::Reset, CallFailure::Status(502), CallFailure::TooLarge, CallFailure::Malformed("x".into())] {
        let played = with(bids("a", "9").posts([PostReply::Unknown(failure.clone())])).disclosing(3).lead();
        assert_eq!(played.story(), "ask a+b, post a, pending", "{failure}");
        assert_eq!(states(&played), [SaleState::Unknown]);
        assert_eq!(played.lead_reply().status, LeadStatus::Pending);
        assert_eq!(played.lead_reply().net, usd("0"));
    }
}

#[test]
fn an_idempotent_endpoint_gets_the_same_post_once_more_but_not_after_a_timeout() {
    let unknown = |failure| PostReply::Unknown(failure);
    let rejected = |reason: &str| PostReply::Rejected { reason: Some(reason.into()) };
    let reset = || unknown(CallFailure::Reset);
    for (replies, story) in [
        (vec![reset(), accepted()], "ask a+b, post a, post a, sold 9.00 to a"),
        (vec![unknown(CallFailure::Status(503)), accepted()], "ask a+b, post a, post a, sold 9.00 to a"),
        (vec![reset(), reset(), accepted()], "ask a+b, post a, post a, pending"),
        (vec![reset(), rejected("no thanks")], "ask a+b, post a, post a, post b, sold 5.00 to b"),
        (vec![reset(), rejected("Duplicate lead")], "ask a+b, post a, post a, pending"),
        (vec![reset(), PostReply::Unsent(CallFailure::Unreachable)], "ask a+b, post a, post a, pending"),
        (vec![unknown(CallFailure::Timeout), accepted()], "ask a+b, post a, pending"),
        (vec![rejected("Duplicate lead")], "ask a+b, post a, post b, sold 5.00 to b"),
    ] {
        let played = with(bids("a", "9").idempotent().posts(replies.clone())).disclosing(2).lead();
        assert_eq!(played.story(), story, "{replies:?}");
        assert!(played.sales.len() <= 2, "a repeat is the same sale");
    }
    assert_eq!(with(bids("a", "9").posts([reset(), accepted()])).lead().story(), "ask a+b, post a, pending");
}

#[test]
fn a_strict_buyer_confirms_before_it_sees_the_contact() {
    let played = with(bids("a", "9").strict()).lead();
    assert_eq!(played.story(), "ask a+b, confirm a, post a, sold 9.00 to a");
    assert_eq!(played.commands(), ["accept", "reserve", "start_post", "settle", "record"]);
    // Declined or silent: no disclosure, the next offer.
    let silent = Player { confirm: (6000, ConfirmReply::Confirmed), ..bids("a", "9").strict() };
    for a in [bids("a", "9").declines(), silent] {
        let played = with(a).lead();
        assert_eq!(played.story(), "ask a+b, confirm a, post b, sold 5.00 to b");
        assert_eq!(states(&played)[0], SaleState::Void(VoidCause::NotConfirmed));
    }
    // A test has no address to confirm at.
    assert_eq!(with(bids("a", "9").strict()).test_lead().lead().story(), "ask a+b, post a, sold 9.00 to a");
}

#[test]
fn a_buyer_that_confirmed_is_bound() {
    let played = with(bids("a", "9").strict().rejects()).disclosing(3).lead();
    assert_eq!(played.story(), "ask a+b, confirm a, post a, sold 9.00 to a");
    assert_eq!(states(&played), [SaleState::Sold { disputed: true }]);
    let unsent = with(bids("a", "9").strict().unreachable()).lead();
    assert_eq!(unsent.story(), "ask a+b, confirm a, post a, post b, sold 5.00 to b");
}

#[test]
fn what_the_present_says_between_confirmation_and_post_counts() {
    let world = with(bids("a", "9").strict());
    let mut exchange = world.open();
    // Paused after its facts were read: Reserve refuses, and nobody is asked to confirm.
    let mut paused = world.clone();
    paused.players[0].is_paused = true;
    exchange.store.present = paused.market();
    let played = exchange.lead();
    assert_eq!(played.story(), "ask a+b, post b, sold 5.00 to b");
    assert_eq!(played.dropped("a").len(), 1);
}

#[test]
fn the_supplier_hears_where_to_send_the_visitor() {
    let redirect = PostReply::Accepted { redirect_url: Some("https://a.example/go".into()), lead_reference: None };
    assert_eq!(with(bids("a", "9").posts([redirect])).lead().lead_reply().redirect_url.as_deref(), Some("https://a.example/go"));
}
