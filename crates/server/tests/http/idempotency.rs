//! The same key and payload: the same answer and one effect.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Answer, Buyer, Call, Market, Person, World, people::with};

fn world() -> World {
    World::of(Market::of_bids(&["20.00", "15.00"]).supplier("other", ""))
}

#[test]
fn a_repeated_lead_has_one_effect_and_the_same_answer() {
    let world = world();
    let lead = with(Person(1).lead(), json!({ "shoe_size": "44" }));
    let send = |call: Call| call.once("lead-1").send();
    let first = send(world.call("/v1/leads/loans").json(&lead)).ok("sold");
    assert_eq!(first.json()["ignored"], json!(["shoe_size"]));
    for (format, call) in [("JSON", Call::json as fn(Call, &_) -> Call), ("form", Call::form), ("XML", Call::xml)] {
        assert_eq!(send(call(world.call("/v1/leads/loans"), &lead)).ok("sold").json(), first.json(), "repeated as {format}");
    }
    assert_eq!((world.count("alpha", "/ping"), world.count("beta", "/ping"), world.count("alpha", "/post")), (1, 1, 1));

    // Another payload, or another call, under the same key: refused, and nothing changes.
    let reused = |answer: Answer| assert_eq!(answer.expect(422).word("type"), "/problems/idempotency_key_reused");
    reused(send(world.call("/v1/leads/loans").json(&Person(2).lead())));
    reused(send(world.call("/v1/leads/loans").json(&with(lead.clone(), json!({ "test": true })))));
    reused(send(world.call("/v1/pings/loans").json(&Person(1).attributes())));
    assert_eq!((world.count("alpha", "/ping"), world.count("alpha", "/post")), (1, 1));
    assert_eq!(send(world.call("/v1/leads/loans").json(&lead)).ok("sold").json(), first.json());

    // A key is its supplier's own.
    let other = world.new_key("--supplier", "other");
    Call::post(world.url("/v1/leads/loans")).key(&other).once("lead-1").json(&Person(3).lead()).send().ok("sold");
}

#[test]
fn a_repeated_ping_has_the_same_quote_and_asks_nobody_again() {
    let world = world();
    let ping = |body: &_, key: &str| world.call("/v1/pings/loans").once(key).json(body).send();
    let attributes = with(Person(1).attributes(), json!({ "notes": "what no ping shows" }));
    let first = ping(&attributes, "ping-1").ok("matched");
    let repeat = ping(&attributes, "ping-1").ok("matched");
    assert_eq!(repeat.json(), first.json());
    assert_eq!((world.count("alpha", "/ping"), world.count("beta", "/ping")), (1, 1));
    assert_eq!(ping(&with(attributes, json!({ "state": "NV" })), "ping-1").expect(422).word("type"), "/problems/idempotency_key_reused");

    let nobody = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").flags("--no-bid-rate 1")));
    let ping = || nobody.call("/v1/pings/loans").once("ping-2").json(&Person(1).attributes()).send().ok("unmatched");
    let first = ping();
    assert_eq!(first.word("reason"), "no_bid");
    assert_eq!(ping().json(), first.json());
    assert_eq!(nobody.count("alpha", "/ping"), 1);
}

#[test]
fn a_quoted_post_repeats_with_and_without_a_key() {
    let world = world();
    let ping = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let path = format!("/v1/pings/{ping}/post");
    let lead = Person(1).lead();
    let first = world.call(&path).once("post-1").json(&lead).send().ok("sold");
    assert_eq!(world.call(&path).once("post-1").json(&lead).send().ok("sold").json(), first.json());
    assert_eq!(world.call(&path).json(&lead).send().ok("sold").json(), first.json());
    assert_eq!(world.call(&path).once("another").json(&lead).send().ok("sold").json(), first.json());
    assert_eq!(world.count("alpha", "/post"), 1);
}

/// Fifty at once.
fn at_once(send: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let sent: Vec<_> = (0..50).map(|_| scope.spawn(&send)).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    })
}

#[test]
fn fifty_identical_posts_at_once_are_one_sale() {
    let world = world();
    let sold = |answers: &[Answer]| -> BTreeSet<String> {
        assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
        answers.iter().filter(|answer| answer.status == 200).map(|answer| answer.clone().ok("sold").word("lead_id")).collect()
    };
    // Of one quote, without a key.
    let ping = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let answers = at_once(|| world.post(&ping, &Person(1).lead()));
    assert_eq!(sold(&answers).len(), 1);
    assert_eq!(world.count("alpha", "/post"), 1);
    // Direct, with a key.
    let answers = at_once(|| world.call("/v1/leads/loans").once("fifty").json(&Person(2).lead()).send());
    let leads = sold(&answers);
    assert_eq!(leads.len(), 1);
    assert_eq!((world.count("alpha", "/post"), world.count("alpha", "/ping")), (2, 2));
    world.trace(leads.first().unwrap());
    // Direct, without: each is a lead of its own, and all but one are duplicates.
    let answers = at_once(|| world.lead(&Person(3).lead()));
    let words: Vec<String> = answers.iter().map(|answer| answer.clone().expect(200).word("status")).collect();
    assert_eq!(words.iter().filter(|word| *word == "sold").count(), 1, "{words:?}");
    assert_eq!(words.iter().filter(|word| *word == "duplicate").count(), 49, "{words:?}");
    assert_eq!(world.count("alpha", "/post"), 3);
}
