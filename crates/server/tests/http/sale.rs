//! A lead goes in, and the best buyer's post comes out.

use serde_json::json;

use crate::support::{
    Buyer, Call, Market, Person, World,
    people::with,
    world::{row, rows},
};

/// Three buyers; `beta` pays most.
fn world() -> World {
    World::of_traced(Market::of_bids(&["18.00", "25.00", "12.50"]))
}

/// The losers' whole received traffic has no byte of what is the winner's.
fn assert_only(world: &World, winner: &str, person: Person) {
    let secrets = person.secrets();
    for secret in &secrets {
        assert_eq!(world.who_has_seen(secret), [winner], "{secret}");
    }
    let posts = world.calls(winner, "/post");
    let post = posts.iter().find(|call| call.to_string().contains(&person.phone())).expect("the winner's post");
    let body = &post["body"];
    assert_eq!(body["contact"]["phone"], format!("+1{}", person.phone()));
    assert_eq!(body["contact"]["email"], person.email());
    assert_eq!(body["contact"]["first_name"], "Thessaly");
    assert_eq!(body["attributes"]["amount"], "245000.00", "exact in the post");
    assert_eq!(body["attributes"]["birth_date"], "1979-06-14");
    assert_eq!(body["evidence"]["consent_url"], person.lead()["consent_url"]);
    assert_eq!(post["headers"]["idempotency-key"], body["post_id"]);
}

#[test]
fn a_ping_and_its_post_and_a_direct_post_reach_the_best_bidder_and_nobody_else() {
    let world = world();
    let (first, second) = (Person(1), Person(2));

    let quote = world.ping(&first.attributes()).ok("matched");
    assert_eq!((quote.word("price").as_str(), quote.word("currency").as_str()), ("20.00", "USD"), "25.00 less 20 %");
    assert_eq!(quote.json()["firm"], false);
    let ping = quote.word("ping_id");
    for buyer in ["alpha", "beta", "gamma"] {
        let pings = world.calls(buyer, "/ping");
        assert_eq!(pings.len(), 1);
        let body = &pings[0]["body"];
        assert_eq!(body["attributes"], json!({ "state": "CA", "amount": "200000-299999" }), "the band and no more");
        assert_eq!((&body["vertical"], &body["contract"], &body["sale"]), (&json!("loans"), &json!(format!("{buyer}/main")), &json!({ "exclusive": true })));
        assert_eq!((&body["currency"], &body["test"]), (&json!("USD"), &json!(false)));
    }
    let ids: std::collections::BTreeSet<String> =
        ["alpha", "beta", "gamma"].iter().map(|buyer| world.calls(buyer, "/ping")[0]["body"]["ping_id"].to_string()).collect();
    assert_eq!(ids.len(), 3, "no two buyers can join their pings");
    assert!(ids.iter().all(|id| !id.contains(&ping)), "and none of them has the supplier's id");

    let sold = world.post(&ping, &first.lead()).ok("sold");
    assert_eq!(sold.word("price"), "20.00");
    assert_only(&world, "beta", first);

    let direct = world.lead(&second.lead()).ok("sold");
    assert_eq!(direct.word("price"), "20.00");
    assert_only(&world, "beta", second);
    assert_eq!((world.count("alpha", "/post"), world.count("gamma", "/post")), (0, 0));

    let status = world.status(&direct.word("lead_id")).ok("sold");
    assert!(!status.word("accepted_at").is_empty() && !status.word("decided_at").is_empty());
    for secret in first.secrets().iter().chain(&second.secrets()) {
        assert!(!world.logs().contains(secret), "{secret} is logged");
    }
}

#[test]
fn the_trace_shows_every_contracts_fate() {
    let mut market = Market::of_bids(&["18.00", "25.00"]);
    market = market.buyer(Buyer::bids("desert", "40.00").contract("filter = 'state == \"NV\"'"));
    let world = World::of(market);
    let quote = world.ping(&Person(3).attributes()).ok("matched");
    let ping = quote.word("ping_id");

    let before = world.trace(&ping);
    assert_eq!((&before["status"], &before["lead_id"]), (&json!("matched"), &json!(null)));
    assert_eq!(row(&before, "pings", "beta")["outcome"], "quoted");
    assert!(rows(&before, "sales").is_empty() && rows(&before, "ledger").is_empty());

    let lead = world.post(&ping, &Person(3).lead()).ok("sold").word("lead_id");
    let trace = world.trace(&lead);
    assert_eq!(trace, world.trace(&ping), "the same life, whichever id is asked for");
    assert_eq!((&trace["status"], &trace["supplier"], &trace["vertical"]), (&json!("sold"), &json!("acme"), &json!("loans")));
    assert_eq!(rows(&trace, "contracts").len(), 3);
    for buyer in ["alpha", "beta"] {
        assert_eq!((&row(&trace, "contracts", buyer)["eligible"], &row(&trace, "contracts", buyer)["reason"]), (&json!(true), &json!(null)), "{buyer}");
    }
    let desert = row(&trace, "contracts", "desert");
    assert_eq!((&desert["eligible"], &desert["reason"]), (&json!(false), &json!("filter: state == \"NV\"")));
    assert_eq!(rows(&trace, "pings").len(), 2, "who is not eligible is not pinged");
    let of = |buyer| {
        let ping = row(&trace, "pings", buyer);
        assert!(ping["elapsed_ms"].as_f64().is_some_and(|elapsed| elapsed > 0.0), "{ping}");
        (ping["bid"].as_str().unwrap().to_owned(), ping["outcome"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("alpha"), ("18.00".into(), "lost".into()));
    assert_eq!(of("beta"), ("25.00".into(), "won".into()));
    let sale = &rows(&trace, "sales")[0];
    assert_eq!((&sale["buyer"], &sale["price"], &sale["status"]), (&json!("beta"), &json!("25.00"), &json!("sold")));
    let ledger: std::collections::BTreeMap<&str, &str> =
        rows(&trace, "ledger").iter().map(|row| (row["account"].as_str().unwrap(), row["amount"].as_str().unwrap())).collect();
    assert_eq!(ledger, [("buyer:beta", "-25.00"), ("supplier:acme", "20.00"), ("house", "5.00")].into());
    assert_eq!(row(&trace, "disclosures", "beta")["outcome"], "sold");

    let text = world.run(&["trace", &lead]).done().stdout;
    for word in [lead.as_str(), "SOLD", "desert/main", "filter: state == \"NV\"", "25.00", "supplier:acme"] {
        assert!(text.contains(word), "no {word} in\n{text}");
    }
    for secret in Person(3).secrets() {
        assert!(!text.contains(&secret) && !trace.to_string().contains(&secret), "{secret}");
    }
    let revealed = world.run(&["trace", &lead, "--reveal", "--why", "a test", "--json"]).done().json();
    assert_eq!(revealed["contact"]["phone"], format!("+1{}", Person(3).phone()), "only when asked for");
}

#[test]
fn the_answer_comes_in_the_format_asked_for_from_every_format_sent() {
    let world = World::of(Market::of_bids(&["10.00"]));
    let bodies: [fn(Call, &serde_json::Value) -> Call; 3] = [Call::json, Call::form, Call::xml];
    for (number, body) in bodies.into_iter().enumerate() {
        let person = Person(10 + u32::try_from(number).unwrap());
        let lead = with(person.lead(), json!({ "owner": true, "kind": "refinance" }));
        let answer = body(world.call("/v1/leads/loans"), &lead).accept("application/xml").send().expect(200);
        assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
        assert!(answer.text.contains("<status>sold</status><price>8.00</price>"), "{}", answer.text);
        let posts = world.calls("alpha", "/post");
        let post = &posts.last().unwrap()["body"];
        assert_eq!((&post["attributes"]["owner"], &post["attributes"]["kind"]), (&json!(true), &json!("refinance")), "format {number}");
        assert_eq!(post["contact"]["phone"], format!("+1{}", person.phone()));
    }
    for (accept, format) in
        [("*/*", "application/json"), ("text/xml", "application/xml; charset=utf-8"), ("application/xml;q=0.5, application/json", "application/json")]
    {
        let answer = world.call("/v1/pings/loans").json(&Person(20).attributes()).accept(accept).send().expect(200);
        assert_eq!(answer.header("content-type"), format, "{accept}");
    }
}

#[test]
fn a_firm_quote_is_kept_when_the_cap_has_filled_meanwhile() {
    let market = Market::new()
        .supplier("firm", "quote = { kind = \"firm\", ttl_s = 60 }")
        .buyer(Buyer::bids("alpha", "20.00").contract("caps = [{ count = 5, per = \"day\" }]"));
    let world = World::of(market);
    let firm = world.new_key("--supplier", "firm");
    let ping = || Call::post(world.url("/v1/pings/loans")).key(&firm).json(&Person(1).attributes()).send().ok("matched");
    let (first, second) = (ping(), ping());
    assert_eq!((&first.json()["firm"], &second.json()["firm"]), (&json!(true), &json!(false)), "a fifth of the cap may be held");
    let sold: Vec<String> = (10..16).map(|number| world.lead(&Person(number).lead()).expect(200).word("status")).collect();
    assert_eq!(sold, ["sold", "sold", "sold", "sold", "unsold", "unsold"], "one slot is held");
    let post = |ping: &str, person: Person| Call::post(world.url(&format!("/v1/pings/{ping}/post"))).key(&firm).json(&person.lead()).send();
    post(&second.word("ping_id"), Person(2)).ok("unsold");
    post(&first.word("ping_id"), Person(1)).ok("sold");
    assert_eq!(world.count("alpha", "/post"), 5, "the cap, and no more");
}
