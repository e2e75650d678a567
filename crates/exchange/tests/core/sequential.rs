//! Sequential tiers: one after the other, and on to the next tier.

use exchange::{matching::WhyNot, tree::Order};

use crate::support::*;

#[test]
fn the_order_says_who_is_asked_first() {
    let players = || [bids("a", "10").at_most("10").priority(3), bids("b", "9").at_most("30").priority(2), fixed("c", "20").priority(1)];
    let names = ["a", "b", "c"];
    for (order, round, story) in [
        (Order::Price, 0, "ask b, post b, sold 9.00 to b"),
        (Order::Priority, 0, "post c, sold 20.00 to c"),
        (Order::RoundRobin, 0, "ask a, post a, sold 10.00 to a"),
        (Order::RoundRobin, 1, "ask b, post b, sold 9.00 to b"),
        (Order::RoundRobin, 2, "post c, sold 20.00 to c"),
        (Order::RoundRobin, 3, "ask a, post a, sold 10.00 to a"),
    ] {
        let mut world = World::new(players()).tier(sequential(order, names));
        world.round = round;
        assert_eq!(world.lead().story(), story, "{order:?} {round}");
    }
}

#[test]
fn weights_say_how_often() {
    let first =
        |seed| World::new([bids("a", "10").weight(9), bids("b", "10").weight(1)]).tier(sequential(Order::Weight, ["a", "b"])).seed(seed).lead().ending();
    let heavy = (0..100).filter(|seed| first(*seed) == "sold 10.00 to a").count();
    assert!((78..=99).contains(&heavy), "nine tenths of a hundred, give or take four deviations: {heavy}");
}

#[test]
fn the_next_is_asked_after_no_bid_a_timeout_or_a_rejection() {
    let order = |first: Player| World::new([first.priority(1), bids("b", "5").priority(2)]).tier(sequential(Order::Priority, ["a", "b"])).disclosing(2);
    for (first, story) in [
        (bids("a", "9").says_no(), "ask a, ask b, post b, sold 5.00 to b"),
        (silent("a"), "ask a, ask b, post b, sold 5.00 to b"),
        (bids("a", "9").rejects(), "ask a, post a, ask b, post b, sold 5.00 to b"),
        (fixed("a", "9").rejects(), "post a, ask b, post b, sold 5.00 to b"),
        (bids("a", "0"), "ask a, ask b, post b, sold 5.00 to b"),
    ] {
        let played = order(first).lead();
        assert_eq!(played.story(), story);
    }
    let played = order(silent("a")).lead();
    assert_eq!(played.asked_at_ms("b").unwrap() - played.asked_at_ms("a").unwrap(), 100, "each ping has the tier's deadline");
}

#[test]
fn tiers_follow_each_other_until_one_sells() {
    let players = || {
        [
            bids("a", "9").says_no(),
            bids("b", "12"),
            bids("c", "8").at_most("15"),
            bids("d", "4").shared_only(),
            bids("e", "3").shared_only(),
            bids("f", "99").shared_only(),
        ]
    };
    let tree = |players: [Player; 6]| {
        World::new(players)
            .tier(sequential(Order::Priority, ["a"]))
            .tier(competitive(["b", "c"]).floor("11"))
            .tier(competitive(["d", "e"]).shared(3))
            .tier(competitive(["f"]).shared(3))
            .disclosing(3)
    };
    assert_eq!(tree(players()).lead().story(), "ask a, ask b+c, post b, sold 12.00 to b");
    let mut poorer = players();
    poorer[1] = bids("b", "10");
    assert_eq!(tree(poorer).lead().story(), "ask a, ask b+c, ask d+e, post d+e, sold 7.00 to d+e");
}

#[test]
fn the_deadline_of_the_tree_is_for_all_tiers_and_posts_have_their_own_time() {
    let world = World::new([silent("a"), silent("b"), bids("c", "5").priority(1), fixed("d", "2").priority(2)])
        .tier(competitive(["a"]).deadline_ms(300))
        .tier(competitive(["b"]).deadline_ms(300))
        .tier(sequential(Order::Priority, ["c", "d"]));
    let played = world.clone().tree_deadline_ms(605).lead();
    assert_eq!((played.ending().as_str(), played.skipped("c")), ("sold 2.00 to d", Some(&WhyNot::Deadline)));
    let played = world.clone().tree_deadline_ms(1000).lead();
    assert_eq!(played.ending(), "sold 5.00 to c");
    // A slow post takes nothing of the time to ask.
    let slow = World::new([bids("a", "9").rejects().posts_after_ms(2000), bids("b", "5")])
        .tier(competitive(["a"]))
        .tier(competitive(["b"]))
        .disclosing(2)
        .tree_deadline_ms(600);
    assert_eq!(slow.lead().story(), "ask a, post a, ask b, post b, sold 5.00 to b");
}

#[test]
fn a_company_that_has_the_lead_is_not_asked_again() {
    let world = World::new([bids("a", "9").of("P").rejects().priority(1), bids("b", "9").of("P").priority(2), bids("c", "9").of("P"), bids("d", "5")]);
    let played = world.tier(sequential(Order::Priority, ["a", "b"])).tier(competitive(["c", "d"])).disclosing(3).lead();
    assert_eq!(played.story(), "ask a, post a, ask d, post d, sold 5.00 to d");
    assert_eq!((played.skipped("b"), played.skipped("c")), (Some(&WhyNot::SameParent), Some(&WhyNot::SameParent)));
}

/// The tree ends at the first tier that sells, even if the rest of that tier has nothing to offer.
#[test]
fn a_tier_that_sold_shared_is_the_last() {
    let players = [bids("a", "4").shared_only().priority(1), fixed("b", "4").shared_only().priority(2), bids("c", "9").shared_only()];
    let mut exchange = World::new(players).tier(sequential(Order::Priority, ["a", "b"]).shared(3)).tier(competitive(["c"]).shared(3)).disclosing(3).open();
    // b looks eligible by its cheapest price, but its offer isn't admitted.
    exchange.store.available.insert("b/main".parse().unwrap(), usd("4"));
    assert_eq!(exchange.lead().story(), "ask a, post a, post b, sold 8.00 to a+b");
    let players = [bids("a", "4").shared_only().priority(1), bids("b", "4").shared_only().priority(2), bids("c", "9").shared_only()];
    let world = World::new(players).tier(sequential(Order::Priority, ["a", "b"]).shared(3)).tier(competitive(["c"]).shared(3)).disclosing(3);
    // No time is left for b.
    assert_eq!(world.tree_deadline_ms(29).lead().story(), "ask a, post a, sold 4.00 to a");
}
