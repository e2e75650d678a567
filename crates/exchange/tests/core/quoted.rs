//! The post of a quote: what was promised is sold first; what falls away is replaced, never below the quote.

use exchange::{matching::WhyNot, record::DropReason, refusal::Refusal, tree::Order};

use crate::support::*;

/// Pings, then refuses some contracts, then posts.
fn posted(world: &World, refused: &[&str]) -> (String, Played) {
    let mut exchange = world.open();
    let ping = exchange.ping();
    for name in refused {
        exchange.store.refusals.insert(format!("{name}/main").parse().unwrap(), Refusal::Credit);
    }
    let post = exchange.post();
    (format!("{}; {}", ping.story(), post.story()), post)
}

#[test]
fn the_quoted_offer_is_posted_without_asking_again() {
    let world = World::competing([bids("a", "12"), bids("b", "10")]);
    let (story, post) = posted(&world, &[]);
    assert_eq!(story, "ask a+b, quoted 12.00 for a; post a, sold 12.00 to a");
    assert_eq!(post.commands(), ["accept", "reserve", "settle", "record"]);
    assert!(post.sales[0].quoted_by.is_some(), "the hold of the quote is taken over");
}

#[test]
fn a_fallback_serves_unless_it_pays_less_than_the_quote() {
    let tie = World::competing([bids("a", "12"), bids("b", "12")]);
    let names = ["a", "b"];
    let (_, post) = names.map(|name| posted(&tie, &[name])).into_iter().find(|(_, post)| post.sales.len() == 1 && post.posted_to().len() == 1).unwrap();
    assert!(post.ending().starts_with("sold 12.00"));
    let lower = World::competing([bids("a", "12"), bids("b", "11.99")]);
    let (story, post) = posted(&lower, &["a"]);
    assert_eq!(story, "ask a+b, quoted 12.00 for a; unsold below_quote");
    assert_eq!(post.dropped("b"), [&DropReason::BelowQuote]);
    let (story, post) = posted(&lower.accept_lower(), &["a"]);
    assert_eq!(story, "ask a+b, quoted 12.00 for a; post b, sold 11.99 to b");
    assert!(post.sales[0].quoted_by.is_none(), "a fallback has no hold of the quote");
}

/// Where an order goes before the price, the first fallback may pay less than the quote and the second not.
#[test]
fn a_fallback_that_pays_too_little_doesnt_hide_one_that_pays_enough() {
    let world = World::competing([bids("a", "12").priority(1), bids("b", "5").priority(2), bids("c", "20").priority(3)]);
    let (story, _) = posted(&world.whose_tier(|tier| tier.order(Order::Priority)), &["a"]);
    assert_eq!(story, "ask a+b+c, quoted 12.00 for a; post c, sold 20.00 to c");
}

#[test]
fn when_the_quoted_offer_falls_away_the_rest_of_the_tree_is_asked_with_a_fresh_deadline() {
    let world = World::new([silent("a"), bids("b", "9"), bids("c", "9.50"), bids("d", "8")])
        .tier(competitive(["a"]).deadline_ms(600))
        .tier(competitive(["b"]))
        .tier(competitive(["c", "d"]))
        .tree_deadline_ms(700);
    let (story, post) = posted(&world, &["b"]);
    assert_eq!(story, "ask a, ask b, quoted 9.00 for b; ask c+d, post c, sold 9.50 to c");
    let time = post.decisions().find_map(|decision| match decision {
        exchange::record::Decision::Pinged { time, .. } => Some(time.0),
        _ => None,
    });
    assert_eq!(time, Some(500_000));
}

#[test]
fn nobody_is_asked_twice() {
    let world = World::new([bids("a", "5").says_no().priority(1), bids("b", "9").priority(2), bids("c", "9").priority(3), bids("d", "20").priority(4)])
        .tier(sequential(Order::Priority, ["a", "b", "c", "d"]));
    let (story, _) = posted(&world, &["b"]);
    assert_eq!(story, "ask a, ask b, quoted 9.00 for b; ask c, post c, sold 9.00 to c");
    // What is below the quote is not settled; the next is asked.
    let mut lower = world;
    lower.players[2] = bids("c", "8.99").priority(3);
    let (story, _) = posted(&lower, &["b"]);
    assert_eq!(story, "ask a, ask b, quoted 9.00 for b; ask c, ask d, post d, sold 20.00 to d");
}

/// A contract that was only skipped for lack of time has not been asked.
#[test]
fn who_was_skipped_for_lack_of_time_is_asked_with_the_fresh_deadline() {
    let world = World::new([silent("a"), bids("b", "9").priority(1), fixed("c", "5").priority(2)])
        .tier(competitive(["a"]).deadline_ms(300))
        .tier(sequential(Order::Priority, ["b", "c"]))
        .tree_deadline_ms(305);
    let (story, post) = posted(&world, &["c"]);
    assert_eq!(story, "ask a, quoted 5.00 for c; ask b, post b, sold 9.00 to b");
    assert_eq!(post.skipped("b"), None::<&WhyNot>);
}

#[test]
fn a_rejected_quoted_offer_is_a_disclosure() {
    let world = World::competing([bids("a", "12").rejects(), bids("b", "12")]);
    let one = world.ping_and_post();
    assert!(["post a, unsold max_disclosures", "post b, sold 12.00 to b"].contains(&one.story().as_str()), "{}", one.story());
    for seed in 0..4 {
        let story = world.clone().disclosing(2).seed(seed).ping_and_post().story();
        assert!(["post a, post b, sold 12.00 to b", "post b, sold 12.00 to b"].contains(&story.as_str()), "{story}");
    }
}

fn share(name: &'static str, price: &str) -> Player {
    bids(name, price).shared_only()
}

/// A shared quote is promised leg by leg.
#[test]
fn each_leg_of_a_shared_quote_keeps_its_own_promise() {
    let world = |c: &str| World::competing([share("a", "10"), share("b", "8"), share("c", c)]).whose_tier(|tier| tier.shared(2)).disclosing(3);
    for (c, refused, story) in [
        ("7", vec![], "post a+b, sold 18.00 to a+b"),
        ("7", vec!["a"], "post b, sold 8.00 to b"),
        ("8", vec!["b"], "post a, post c, sold 18.00 to a+c"),
        ("8", vec!["a"], "post b, sold 8.00 to b"),
        ("8", vec!["a", "b"], "post c, sold 8.00 to c"),
        ("7", vec!["a", "b"], "unsold below_quote"),
    ] {
        // c must not win a place in the quote itself by lot.
        let world = (0..16).map(|seed| world(c).seed(seed)).find(|world| world.ping().ending().ends_with("for a+b")).unwrap();
        let (told, _) = posted(&world, &refused);
        assert_eq!(told.split("; ").nth(1), Some(story), "c {c}, refused {refused:?}");
    }
    let (told, _) = posted(&world("7").accept_lower(), &["a"]);
    assert_eq!(told.split("; ").nth(1), Some("post b, post c, sold 15.00 to b+c"));
}

/// Whoever accepts lower than the quote still has a minimum.
#[test]
fn the_minimum_holds_even_where_less_than_the_quote_is_accepted() {
    let world = |c: &str| {
        let tiers = World::new([share("a", "4"), share("b", "4"), share("c", c)]).tier(competitive(["a", "b"]).shared(2)).tier(competitive(["c"]).shared(2));
        tiers.disclosing(3).min_price("5").accept_lower()
    };
    let (told, _) = posted(&world("4.99"), &["a", "b"]);
    assert!(told.ends_with("; ask c, unsold offers_fell_away"), "{told}");
    let (told, _) = posted(&world("5"), &["a", "b"]);
    assert!(told.ends_with("; ask c, post c, sold 5.00 to c"), "{told}");
}

#[test]
fn an_exclusive_offer_must_bring_the_whole_of_a_shared_quote() {
    let world = |x: &str| World::competing([share("a", "10"), share("b", "8"), bids("x", x)]).whose_tier(|tier| tier.best(2)).disclosing(3);
    let (told, _) = posted(&world("17"), &["a", "b"]);
    assert_eq!(told, "ask a+b+x, quoted 18.00 for a+b; unsold below_quote");
    let (told, _) = posted(&world("17").accept_lower(), &["a", "b"]);
    assert_eq!(told, "ask a+b+x, quoted 18.00 for a+b; post x, sold 17.00 to x");
}

#[test]
fn a_quote_is_gone_when_its_time_is_over() {
    let world = World::competing([bids("a", "12")]);
    let late = |world: &World| {
        let mut exchange = world.open();
        exchange.ping();
        exchange.at = exchange.at.plus(std::time::Duration::from_secs(130));
        exchange.post().story()
    };
    assert_eq!(late(&world), "not accepted QuoteExpired");
    let mut requoted = world;
    requoted.requote = true;
    assert_eq!(late(&requoted), "ask a, post a, sold 12.00 to a", "a new auction, never the old price in silence");
}
