//! Who is offered a lead, who isn't, and the reason that the trace gives.

use serde_json::json;

use crate::support::{
    Buyer, Call, Market, Person, World, cents,
    people::with,
    world::{row, rows},
};

fn reason(world: &World, lead: &str, buyer: &str) -> String {
    row(&world.trace(lead), "contracts", buyer)["reason"].as_str().unwrap_or("eligible").to_owned()
}

#[test]
fn a_suppressed_person_is_not_offered() {
    let market = Market::new().buyer(Buyer::bids("alpha", "25.00").contract("lists = [\"do-not-offer\"]")).buyer(Buyer::bids("beta", "20.00"));
    let world = World::of(market);
    let file = world.file("people.txt", &format!("# made up\n{}\n{}\n", Person(1).phone(), Person(2).email().to_uppercase()));
    assert_eq!(world.run(&["suppress", "import", "do-not-offer", &file, "--json"]).done().json()["added"], 2);
    assert_eq!(world.run(&["suppress", "import", "do-not-offer", &file, "--json"]).done().json()["added"], 0, "they are there already");
    for person in [Person(1), Person(2)] {
        let lead = world.lead(&person.lead()).ok("sold").word("lead_id");
        assert_eq!(reason(&world, &lead, "alpha"), "suppressed: do-not-offer");
        assert_eq!(world.who_has_seen(&person.phone()), ["beta"]);
    }
    assert_eq!(world.count("alpha", "/ping"), 0, "who may not have it isn't even asked");
    let other = world.lead(&Person(3).lead()).ok("sold").word("lead_id");
    assert_eq!((reason(&world, &other, "alpha").as_str(), world.who_has_seen(&Person(3).phone())), ("eligible", vec!["alpha".to_owned()]));

    // On the exchange's own list: nobody. And what is suppressed between ping and post counts too.
    let quote = world.ping(&Person(4).attributes()).ok("matched").word("ping_id");
    let file = world.file("nobody.txt", &Person(4).phone());
    world.run(&["suppress", "import", "exchange", &file]).done();
    world.post(&quote, &Person(4).lead()).ok("unsold");
    let unsold = world.lead(&Person(4).lead()).ok("unsold");
    assert_eq!(unsold.word("reason"), "no_eligible_buyer");
    assert_eq!(world.who_has_seen(&Person(4).phone()), Vec::<String>::new());
    let lists = world.run(&["suppress", "list", "--json"]).done().json();
    assert_eq!(lists, json!([{ "list": "do-not-offer", "people": 2 }, { "list": "exchange", "people": 1 }]));
    let unreadable = world.file("unreadable.txt", "nobody at all\n");
    let ran = world.run(&["suppress", "import", "do-not-offer", &unreadable]).refused();
    assert!(ran.stderr.contains("line 1") && !ran.stderr.contains("nobody at all"), "{ran:?}");
}

#[test]
fn an_erased_person_is_gone_and_the_books_stay() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let second = world.lead(&Person(2).lead()).ok("sold").word("lead_id");
    let before = world.trace(&lead);
    assert_eq!(world.run(&["erase", "--phone", &Person(1).phone(), "--json"]).done().json(), json!({ "leads": 1, "pings": 0 }));
    let after = world.trace(&lead);
    for list in ["sales", "ledger", "disclosures"] {
        assert_eq!(after[list], before[list], "{list} stay");
    }
    assert!(after["notes"].to_string().contains("erased"), "{after:#}");
    assert_eq!(after["attributes"], json!({}), "{after:#}");
    let ran = world.run(&["trace", &lead, "--reveal", "--why", "a test"]).refused();
    assert!(!ran.stdout.contains(&Person(1).phone()));
    world.status(&lead).ok("sold");
    // By its id, too; and others are not touched.
    world.run(&["trace", &second, "--reveal", "--why", "a test"]).done();
    world.run(&["erase", &second]).done();
    world.run(&["trace", &second, "--reveal", "--why", "a test"]).refused();
    world.run(&["erase", "--email", "not an address"]).refused();
    assert_eq!(world.run(&["erase"]).code, 2, "whose is not said");
}

#[test]
fn a_test_lead_calls_test_endpoints_alone_and_books_nothing() {
    let tested = "test_ping_url = \"AT/test/ping\"\ntest_post_url = \"AT/test/post\"";
    let market = Market::new()
        .buyer(Buyer::bids("alpha", "20.00").endpoint(tested).contract("caps = [{ count = 1, per = \"day\" }]"))
        .buyer(Buyer::bids("beta", "25.00"))
        .buyer(Buyer::bids("gamma", "10.00").endpoint(tested));
    let world = World::of(market);
    let test = with(Person(1).lead(), json!({ "test": true }));
    for _ in 0..2 {
        let lead = world.lead(&test).ok("sold");
        assert_eq!(lead.word("price"), "16.00");
        let trace = world.trace(&lead.word("lead_id"));
        assert_eq!((&trace["test"], rows(&trace, "ledger").len()), (&json!(true), 0));
        assert_eq!(row(&trace, "contracts", "beta")["reason"], "test: the buyer has no test endpoints");
    }
    let quote = world.ping(&with(Person(1).attributes(), json!({ "test": true }))).ok("matched");
    world.post(&quote.word("ping_id"), &Person(1).lead()).ok("sold");
    for buyer in ["alpha", "beta", "gamma"] {
        let paths: std::collections::BTreeSet<String> = world.received(buyer).iter().map(|call| call["path"].as_str().unwrap().to_owned()).collect();
        assert!(paths.iter().all(|path| path.starts_with("/test/")), "{buyer}: {paths:?}");
    }
    assert_eq!((world.count("alpha", "/test/post"), world.received("beta").len()), (3, 0));
    // A quote that is no test can't be posted as one: it would be sold in earnest.
    let real = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let refused = world.post(&real, &test).expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "test", "{}", refused.text);
    assert_eq!(world.count("beta", "/post"), 0);
    assert!(world.calls("alpha", "post").iter().all(|call| call["body"]["test"] == true));
    // Neither cap nor duplicates were touched.
    world.lead(&Person(1).lead()).ok("sold");
    assert_eq!(world.who_has_seen("4001 Larkspur Hollow"), ["alpha", "beta"], "the real one went to the best real bidder");
}

#[test]
fn a_full_cap_an_empty_account_and_a_closed_office_pass_the_lead_on() {
    let market = Market::new()
        .buyer(Buyer::bids("capped", "40.00").contract("caps = [{ count = 1, per = \"day\" }]"))
        .buyer(Buyer::bids("thrifty", "35.00").contract("caps = [{ spend = \"35.00\", per = \"month\" }]"))
        .buyer(Buyer::bids("prepaid", "30.00").credit("0"))
        // One of the two is open at any time.
        .buyer(Buyer::bids("morning", "25.00").contract("hours = [\"mon-sun 00:00-12:00\"]"))
        .buyer(Buyer::bids("evening", "25.00").contract("hours = [\"mon-sun 12:00-00:00\"]"));
    let world = World::of(market);
    let added = world.run(&["credit", "add", "prepaid", "59.99", "--json"]).done().json();
    assert_eq!((&added["buyer"], &added["balance"]), (&json!("prepaid"), &json!("59.99")));
    let mut traces = Vec::new();
    let winners: Vec<String> = (0..4)
        .map(|number| {
            let lead = world.lead(&Person(number).lead()).ok("sold").word("lead_id");
            traces.push(world.trace(&lead));
            rows(traces.last().unwrap(), "sales")[0]["buyer"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(winners[..3], ["capped", "thrifty", "prepaid"]);
    assert!(["morning", "evening"].contains(&winners[3].as_str()), "{winners:?}");
    let of = |number: usize, buyer: &str| row(&traces[number], "contracts", buyer)["reason"].as_str().unwrap_or("eligible").to_owned();
    assert_eq!(of(1, "capped"), "cap: 1 per day");
    assert_eq!(of(2, "thrifty"), "cap: 35.00 spend per month");
    // 29.99 is left: it may bid, but not so much. What a bid can't cover is no offer.
    let left = row(&traces[3], "pings", "prepaid")["outcome"].as_str().unwrap().to_owned();
    assert_eq!(left, "over_credit");
    let closed = if winners[3] == "morning" { "evening" } else { "morning" };
    assert!((0..4).all(|number| of(number, closed) == "hours"), "{}", of(0, closed));
    assert_eq!(world.received(closed).len(), 0);
    let refused = world.run(&["credit", "add", "nobody", "5.00"]).refused();
    assert!(refused.stderr.contains("no buyer nobody"), "{refused:?}");
    for amount in ["-1", "0", "1.001", "much"] {
        assert_ne!(world.run(&["credit", "add", "prepaid", "--", amount]).code, 0, "{amount}");
    }
}

#[test]
fn the_same_person_again_is_a_duplicate() {
    let world = World::of(Market::of_bids(&["20.00"]).supplier("other", ""));
    let first = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let same_phone = with(Person(2).lead(), json!({ "phone": format!("+1 {}", Person(1).phone()) }));
    let same_email = with(Person(3).lead(), json!({ "email": Person(1).email().to_uppercase() }));
    for lead in [Person(1).lead(), same_phone, same_email] {
        let answer = world.lead(&lead).ok("duplicate");
        assert_eq!((answer.word("duplicate_of"), answer.word("price")), (first.clone(), "0.00".into()));
    }
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    world.post(&quote.word("ping_id"), &Person(1).lead()).ok("duplicate");
    // Whose the first was is nobody else's business.
    let other = world.new_key("--supplier", "other");
    let answer = Call::post(world.url("/v1/leads/loans")).key(&other).json(&Person(1).lead()).send().ok("duplicate");
    assert!(answer.json().get("duplicate_of").is_none() && !answer.text.contains(&first), "{}", answer.text);
    assert_eq!(world.count("alpha", "/post"), 1);
    assert_eq!(cents(&world.status(&first).ok("sold").word("price")), 1600);
}

#[test]
fn a_buyer_that_had_the_person_lately_is_not_offered_it_again() {
    let mut market = Market::of_bids(&["20.00", "15.00"]).more("market.toml", "duplicates = { window_days = 0 }");
    market.buyer_named("alpha").contract.push_str("\nduplicate_days = 30");
    let world = World::of(market);
    world.lead(&Person(1).lead()).ok("sold");
    let again = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    assert_eq!(reason(&world, &again, "alpha"), "buyer_duplicate");
    assert_eq!((world.count("alpha", "/post"), world.count("beta", "/post")), (1, 1));
}
