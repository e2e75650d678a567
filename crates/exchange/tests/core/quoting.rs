//! A ping and its quote: what is promised, until when, and what is kept for later.

use exchange::{
    id::PingId,
    record::{BidOutcome, UnsoldReason},
    tree::Order,
};

use crate::support::{driver::START, *};

fn seconds(played: &Played) -> u64 {
    played.quote_reply().expires_at.since(START).as_secs()
}

#[test]
fn a_ping_is_quoted_and_nothing_is_sold() {
    let played = World::competing([bids("a", "12"), bids("b", "10"), bids("c", "11")]).margin(20, "1.00").ping();
    assert_eq!(played.story(), "ask a+b+c, quoted 9.60 for a");
    assert_eq!(played.commands(), ["quote"]);
    let quote = played.quote.as_ref().unwrap();
    let kept: Vec<(&str, bool)> = quote.offers.iter().map(|offer| (played.name_of(offer.contract), offer.promised)).collect();
    assert_eq!(kept, [("a", true), ("c", false), ("b", false)], "fallbacks follow in the auction's order");
    assert_eq!(quote.asked.len(), 3);
    assert_eq!(seconds(&played), 120);
}

#[test]
fn a_quote_lives_as_long_as_the_bids_it_promises() {
    let world = |ttl_s| World::competing([bids("a", "12").for_s(ttl_s), bids("b", "10").for_s(5)]);
    assert_eq!(seconds(&world(60).ping()), 60);
    assert_eq!(seconds(&world(600).ping()), 120);
    // A bid that was over before the quote was given is no promise.
    let played = World::competing([bids("a", "12").for_s(1), bids("b", "10").after_ms(1500), silent("c")]).whose_tier(|tier| tier.deadline_ms(2000)).ping();
    assert_eq!(played.ending(), "quoted 10.00 for b");
}

#[test]
fn only_a_firm_quote_holds_and_only_what_it_promises() {
    let held = |world: &World| {
        let mut exchange = world.open();
        let played = exchange.ping();
        let ping = exchange.last_ping.unwrap();
        (played.quote_reply().firm, exchange.store.quotes[&ping].quote.holds.iter().map(|terms| terms.contract.to_string()).collect::<Vec<_>>())
    };
    let world = World::competing([bids("a", "12"), bids("b", "10")]);
    assert_eq!(held(&world), (false, vec![]));
    assert_eq!(held(&world.clone().firm()), (true, vec!["a/main".into()]));
    assert_eq!(held(&world.firm().test_lead()), (false, vec![]), "a test holds nothing");
}

#[test]
fn a_shared_quote_names_its_legs() {
    let share = |name, price| bids(name, price).shared_only();
    let played = World::competing([share("a", "9"), share("b", "8"), share("c", "7")]).whose_tier(|tier| tier.shared(2)).disclosing(2).ping();
    assert_eq!(played.ending(), "quoted 17.00 for a+b");
    assert_eq!(played.quote_reply().legs, [usd("9"), usd("8")]);
    // A sequential tier is asked until its places are full.
    let players = [share("a", "9").priority(1), share("b", "8").priority(2), share("c", "7").priority(3)];
    let played = World::new(players).tier(sequential(Order::Priority, ["a", "b", "c"]).shared(2)).disclosing(2).ping();
    assert_eq!(played.story(), "ask a, ask b, quoted 17.00 for a+b");
}

#[test]
fn a_bid_after_an_early_close_becomes_a_fallback_of_the_quote() {
    // At once after the close, while the quote is still being written; and long after.
    for after_ms in [21, 300] {
        for shuffle in 0..4 {
            let mut world = World::competing([bids("a", "50"), bids("b", "20").at_most("40").after_ms(after_ms)]);
            world.shuffle = Some(shuffle);
            let played = world.ping();
            assert!(played.closed_early());
            let kept: Vec<(&str, bool)> = played.quote.as_ref().unwrap().offers.iter().map(|offer| (played.name_of(offer.contract), offer.promised)).collect();
            assert_eq!(kept, [("a", true), ("b", false)], "after {after_ms} ms");
            let commands = played.commands();
            assert!(commands.iter().position(|word| *word == "quote") < commands.iter().position(|word| *word == "add_offers"));
        }
    }
    let played = World::competing([bids("a", "50"), bids("b", "20").at_most("40").after_ms(600)]).ping();
    assert_eq!(played.quote.as_ref().unwrap().offers.len(), 1);
    assert_eq!(played.outcomes("b"), [&BidOutcome::Late { exclusive: Some(usd("20")), shared: None }]);
}

#[test]
fn a_ping_without_an_offer_is_unmatched_with_its_reason() {
    let mut no_tree = World::new([]);
    no_tree.has_tree = false;
    for (world, reason) in [
        (no_tree, UnsoldReason::NoTree),
        (World::competing([]), UnsoldReason::NoEligibleBuyer),
        (World::competing([bids("a", "9").says_no()]), UnsoldReason::NoBid),
        (World::competing([bids("a", "4").shared_only()]).whose_tier(|tier| tier.shared(2)).min_price("5"), UnsoldReason::BelowMinPrice),
    ] {
        assert_eq!(world.ping().ending(), format!("unmatched {}", reason.word()));
        assert_eq!(world.lead().ending(), format!("unsold {}", reason.word()));
    }
}

#[test]
fn a_ping_with_a_key_is_claimed_before_its_auction() {
    let mut exchange = World::competing([bids("a", "9")]).open();
    assert_eq!(exchange.ping_with_key(Some(("k", 1))).commands(), ["claim", "quote"]);
    let first: PingId = exchange.last_ping.unwrap();
    let again = exchange.ping_with_key(Some(("k", 1)));
    assert_eq!((again.story().as_str(), again.commands()), ("already pinged", vec!["claim"]));
    assert!(matches!(again.reply(), exchange::flow::effect::Reply::AlreadyPinged(ping) if *ping == first));
    assert_eq!(exchange.ping_with_key(Some(("k", 2))).story(), "not accepted KeyReused");
}
