//! Competitive tiers: all at once, the best offer wins, ties by lot.

use exchange::{
    matching::WhyNot,
    money::Money,
    record::{BidFault, BidOutcome},
    tree::Order,
};

use crate::support::*;

#[test]
fn the_highest_bid_wins_whatever_the_order_of_arrival() {
    for (after_a, after_b, after_c) in [(10, 20, 30), (30, 20, 10), (20, 30, 10)] {
        let world = World::competing([bids("a", "10").after_ms(after_a), bids("b", "12").after_ms(after_b), bids("c", "11").after_ms(after_c)]);
        assert_eq!(world.lead().story(), "ask a+b+c, post b, sold 12.00 to b");
    }
}

/// Every lot gives one winner, each of the three wins some lots, and neither arrival nor configuration has a say.
#[test]
fn a_tie_is_broken_by_lot() {
    let mut winners = std::collections::BTreeSet::new();
    for seed in 0..24 {
        let world = World::competing([bids("a", "10").after_ms(10), bids("b", "10").after_ms(20), bids("c", "10").after_ms(30)]).seed(seed);
        let turned = World::competing([bids("c", "10").after_ms(10), bids("b", "10").after_ms(10), bids("a", "10").after_ms(30)]).seed(seed);
        let (first, second) = (world.lead().ending(), turned.lead().ending());
        assert_eq!(first, second, "seed {seed}");
        winners.insert(first);
    }
    assert_eq!(winners.len(), 3, "{winners:?}");
}

#[test]
fn an_auction_closes_early_only_when_nobody_outstanding_can_change_it() {
    for (case, max_of_silent, closes) in [("below", "11.99", true), ("above", "12.01", false)] {
        let played = World::competing([bids("a", "12"), silent("b").at_most(max_of_silent)]).lead();
        assert_eq!(played.closed_early(), closes, "{case}");
        assert_eq!(played.ending(), "sold 12.00 to a");
        assert_eq!(played.replied_at_ms() < 500, closes, "{case}");
    }
    // With equal maximum, the lot that was drawn before the pings decides whether there is anything to wait for.
    let early: Vec<bool> = (0..16).map(|seed| World::competing([bids("a", "12"), silent("b").at_most("12")]).seed(seed).lead().closed_early()).collect();
    assert!(early.contains(&true) && early.contains(&false));
}

#[test]
fn a_bid_that_comes_after_an_early_close_is_a_fallback() {
    let world = World::competing([bids("a", "50").rejects(), bids("b", "20").at_most("40").after_ms(300)]).disclosing(2);
    let played = world.lead();
    assert!(played.closed_early());
    assert_eq!(played.story(), "ask a+b, post a, post b, sold 20.00 to b");
}

/// Who comes first among the fallbacks is no more a matter of arrival than who wins.
#[test]
fn the_best_fallback_is_waited_for() {
    for (after_b, after_c) in [(150, 300), (300, 150), (30, 300)] {
        let world =
            World::competing([bids("a", "90").rejects(), bids("b", "20").at_most("40").after_ms(after_b), bids("c", "30").at_most("40").after_ms(after_c)]);
        assert_eq!(world.disclosing(2).lead().story(), "ask a+b+c, post a, post c, sold 30.00 to c", "b after {after_b}, c after {after_c}");
    }
}

#[test]
fn a_late_bid_is_recorded_and_never_admitted() {
    let played = World::competing([bids("a", "10"), bids("b", "50").after_ms(600)]).lead();
    assert_eq!(played.ending(), "sold 10.00 to a");
    assert_eq!(played.outcomes("b"), [&BidOutcome::Late { exclusive: Some(usd("50")), shared: None }]);
}

/// The deadline itself is late, whichever of the two events the driver brings first.
#[test]
fn a_bid_at_the_very_deadline_is_late_in_either_order() {
    for shuffle in 0..16 {
        let mut world = World::competing([bids("a", "10"), bids("b", "50").after_ms(500)]);
        world.shuffle = Some(shuffle);
        assert_eq!(world.lead().ending(), "sold 10.00 to a", "shuffle {shuffle}");
    }
}

#[test]
fn fixed_prices_are_offers_at_once() {
    let played = World::competing([fixed("a", "12"), fixed("b", "9"), silent("c").at_most("12.50")]).lead();
    assert_eq!(played.story(), "ask c, post a, sold 12.00 to a");
    let played = World::competing([fixed("a", "12"), silent("c").at_most("11")]).lead();
    assert!(played.closed_early());
    assert_eq!(played.outcomes("a"), [&BidOutcome::Fixed { exclusive: Some(usd("12")), shared: None }]);
}

#[test]
fn offers_below_the_floor_the_minimum_or_the_margin_are_none() {
    let late = |played: &Played, name: &str| played.outcomes(name).into_iter().cloned().collect::<Vec<_>>();
    let fault = |fault| vec![BidOutcome::NotAdmitted(fault)];

    let played = World::competing([bids("a", "9.99"), bids("b", "10")]).whose_tier(|tier| tier.floor("10")).lead();
    assert_eq!((played.ending().as_str(), late(&played, "a")), ("sold 10.00 to b", fault(BidFault::BelowFloor)));

    let played = World::competing([bids("a", "10")]).margin(20, "1.00").min_price("8.01").lead();
    assert_eq!((played.ending().as_str(), late(&played, "a")), ("unsold below_min_price", fault(BidFault::BelowMinPrice)));
    let played = World::competing([bids("a", "10")]).margin(20, "1.00").min_price("8.00").lead();
    assert_eq!(played.ending(), "sold 8.00 to a");
    assert_eq!(played.sales[0].price, usd("10"), "the buyer pays what it bid");

    let played = World::competing([bids("a", "1.00")]).margin(20, "1.00").lead();
    assert_eq!(late(&played, "a"), fault(BidFault::BelowMinPrice), "a net of zero is no offer");
    let played = World::competing([bids("a", "101")]).lead();
    assert_eq!(late(&played, "a"), fault(BidFault::OverMaxBid));
    let played = World::competing([bids("a", "0")]).lead();
    assert_eq!(late(&played, "a"), fault(BidFault::NotPositive));
    let played = World::competing([bids("a", "5").shared_only()]).lead();
    assert_eq!(played.ending(), "unsold no_eligible_buyer");
}

#[test]
fn an_order_other_than_price_goes_before_it() {
    let world = |order| World::competing([bids("a", "10").priority(2), bids("b", "5").priority(1), bids("c", "50")]).whose_tier(|tier| tier.order(order));
    assert_eq!(world(Order::Price).lead().ending(), "sold 50.00 to c");
    assert_eq!(world(Order::Priority).lead().ending(), "sold 5.00 to b", "none comes last");
}

/// With an order other than price, whoever comes first takes a dearer offer's place: the other way of selling may then gain.
#[test]
fn an_early_close_under_an_order_is_no_guess_either() {
    let players = |low_after_ms| {
        [
            bids("low", "1").at_most("1").shared_only().priority(1).after_ms(low_after_ms),
            bids("b", "10").shared_only().priority(2),
            bids("c", "10").shared_only().priority(3),
            bids("e", "15").priority(4),
        ]
    };
    for low_after_ms in [10, 400] {
        let played = World::competing(players(low_after_ms)).whose_tier(|tier| tier.best(2).order(Order::Priority)).disclosing(2).lead();
        assert_eq!(played.ending(), "sold 15.00 to e", "low after {low_after_ms}");
    }
}

#[test]
fn a_buyer_with_too_little_time_left_is_skipped() {
    let played = World::competing([bids("a", "10"), fixed("b", "7")]).tree_deadline_ms(9).lead();
    assert_eq!(played.story(), "post b, sold 7.00 to b");
    assert_eq!(played.skipped("a"), Some(&WhyNot::Deadline));
}

#[test]
fn a_bid_whose_time_is_over_is_no_offer_any_more() {
    // a's bid lives one second, b's answer comes after that, c could still bid more than b.
    let world = World::competing([bids("a", "50").for_s(1), bids("b", "10").at_most("10").after_ms(1200), bids("c", "40").after_ms(1400).at_most("60")]);
    let played = world.whose_tier(|tier| tier.deadline_ms(2000)).lead();
    assert_eq!(played.ending(), "sold 40.00 to c");
    assert_eq!(played.record.facts.contracts.len(), 3);
    assert!(played.sales.iter().all(|sale| sale.price > Money::ZERO));
}
