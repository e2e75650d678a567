//! Who may have the contact: strict buyers confirm without it, and what is unknown stays with one buyer.

use serde_json::json;

use crate::support::{
    Buyer, Market, Person, World,
    world::{row, rows},
};

fn strict(name: &str, bid: &str) -> Buyer {
    Buyer::bids(name, bid).endpoint("confirm_url = \"AT/confirm\"").contract("disclosure = \"strict\"")
}

#[test]
fn a_strict_buyer_confirms_without_contact_and_one_that_declines_never_has_it() {
    let world =
        World::of(Market::new().buyer(strict("choosy", "30.00").flags("--decline-rate 1")).buyer(strict("glad", "20.00")).buyer(Buyer::bids("plain", "10.00")));
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    assert_eq!(quote.word("price"), "24.00");
    // The quoted buyer fell away, and the supplier accepts no less than it was quoted.
    let kept = world.post(&quote.word("ping_id"), &Person(1).lead()).ok("unsold");
    assert_eq!(kept.word("reason"), "below_quote");
    assert_eq!(world.who_has_seen(&Person(1).phone()), Vec::<String>::new());

    let sold = world.lead(&Person(2).lead()).ok("sold");
    assert_eq!(sold.word("price"), "16.00");
    assert_eq!(world.who_has_seen(&Person(2).phone()), ["glad"]);
    for buyer in ["choosy", "glad"] {
        let confirms = world.calls(buyer, "/confirm");
        let confirm = &confirms.last().unwrap()["body"];
        for secret in Person(2).secrets() {
            assert!(!confirms.iter().any(|call| call.to_string().contains(&secret)), "{secret} in a confirmation to {buyer}");
        }
        assert!(confirm.get("contact").is_none() && confirm.get("evidence").is_none(), "{confirm}");
        assert_eq!(confirm["attributes"], json!({ "state": "CA", "amount": "200000-299999", "birth_date": "45-54" }), "as the ping shows them");
    }
    assert_eq!((world.count("choosy", "/post"), world.count("glad", "/confirm"), world.count("glad", "/post")), (0, 1, 1));
    let trace = world.trace(&sold.word("lead_id"));
    assert_eq!(rows(&trace, "disclosures").len(), 1, "a declined confirmation is none");
    assert_eq!(row(&trace, "sales", "choosy")["status"], "void");
    assert!(row(&trace, "sales", "choosy")["reason"].as_str().unwrap().starts_with("not_confirmed"));
}

#[test]
fn a_buyer_that_confirmed_is_bound() {
    let world = World::of(Market::new().buyer(strict("fickle", "30.00").flags("--reject-rate 1")).buyer(Buyer::bids("plain", "10.00")));
    let sold = world.lead(&Person(1).lead()).ok("sold");
    assert_eq!(sold.word("price"), "24.00");
    assert_eq!(world.who_has_seen(&Person(1).phone()), ["fickle"]);
    assert_eq!(row(&world.trace(&sold.word("lead_id")), "sales", "fickle")["status"], "sold");
}

#[test]
fn an_unknown_outcome_keeps_its_hold_and_the_lead_goes_to_nobody_else() {
    let lost = |name: &str| Buyer::bids(name, "30.00").flags("--unknown-rate 1 --stay-unknown").contract("caps = [{ count = 1, per = \"day\" }]");
    let world = World::of(
        Market::new()
            .tree("max_disclosures = 3", "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"")
            .buyer(lost("lost"))
            .buyer(Buyer::bids("next", "20.00")),
    );
    let pending = world.lead(&Person(1).lead()).ok("pending");
    assert_eq!(pending.word("price"), "0.00");
    let lead = pending.word("lead_id");
    let posts = world.calls("lost", "/post");
    assert_eq!(posts.len(), 2, "once more to the same buyer");
    assert_eq!(posts[0]["body"], posts[1]["body"], "under the same id");
    assert_eq!(posts[0]["headers"]["idempotency-key"], posts[1]["headers"]["idempotency-key"]);
    assert_eq!(world.who_has_seen(&Person(1).phone()), ["lost"]);
    let trace = world.trace(&lead);
    assert_eq!((&trace["status"], &row(&trace, "sales", "lost")["status"]), (&json!("pending"), &json!("unknown")));
    assert!(rows(&trace, "ledger").is_empty(), "nothing is booked");
    assert_eq!(rows(&trace, "disclosures").len(), 1);
    world.status(&lead).ok("pending");

    // Its cap slot is still held; the same person is a duplicate meanwhile.
    let second = world.lead(&Person(2).lead()).ok("sold");
    assert_eq!(row(&world.trace(&second.word("lead_id")), "contracts", "lost")["reason"], "cap: 1 per day");
    world.lead(&Person(1).lead()).ok("duplicate");
    assert_eq!((world.count("lost", "/post"), world.count("next", "/post")), (2, 1));
}

#[test]
fn an_unknown_post_is_repeated_where_the_buyer_says_that_it_may_be() {
    let lost = || Buyer::bids("lost", "30.00").flags("--unknown-rate 1");
    let world = World::of(Market::new().buyer(lost()));
    let sold = world.lead(&Person(1).lead()).ok("sold");
    assert_eq!((sold.word("price"), world.count("lost", "/post")), ("24.00".into(), 2));
    world.trace(&sold.word("lead_id"));

    let world = World::of(Market::new().buyer(lost().endpoint("idempotent = false")));
    world.lead(&Person(1).lead()).ok("pending");
    assert_eq!(world.count("lost", "/post"), 1, "the same post twice would be two leads to it");
}

#[test]
fn a_buyer_that_can_not_be_reached_has_nothing_and_the_next_is_asked() {
    let gone = Buyer { contract: "price = \"30.00\"".into(), ..Buyer::bids("gone", "1.00") };
    let mut market = Market::new().buyer(gone).buyer(Buyer::bids("next", "20.00"));
    // Nobody listens there; a real one is told apart by its answer.
    market.buyer_named("gone").endpoint = "post_timeout_ms = 2000\n".into();
    let mut world = World::without_market(market);
    world.stop_buyer("gone");
    world.apply().done();
    world.key = world.new_key("--supplier", "acme");
    world.serve();
    let sold = world.lead(&Person(1).lead()).ok("sold");
    let trace = world.trace(&sold.word("lead_id"));
    assert_eq!((sold.word("price"), &row(&trace, "sales", "gone")["status"]), ("16.00".into(), &json!("void")));
    assert_eq!(row(&trace, "disclosures", "next")["outcome"], "sold");
}
