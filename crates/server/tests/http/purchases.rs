//! What buyers are told of what they bought, and operators of what buyers have.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Answer, Buyer, Call, Market, Person, World, shape::Shapes, wait_for, world::rows};

fn get(world: &World, key: &str, path: &str) -> Answer {
    Call::get(world.url(path)).key(key).send()
}

fn ids(page: &Value) -> Vec<String> {
    rows(page, "sales").iter().map(|sale| sale["sale_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_buyer_reads_its_sales_page_by_page_and_nobody_elses() {
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00")).buyer(Buyer::bids("beta", "10.00"));
    let world = World::of(market);
    let (alpha, beta) = (world.new_key("--buyer", "alpha"), world.new_key("--buyer", "beta"));
    // At the same time, so that some are reserved in one transaction, at one instant.
    let sell = |from: u32, to: u32| {
        std::thread::scope(|scope| {
            let world = &world;
            let leads: Vec<_> = (from..to).map(|number| scope.spawn(move || world.lead(&Person(number).lead()).ok("sold"))).collect();
            leads.into_iter().for_each(|lead| drop(lead.join().unwrap()));
        });
    };
    sell(0, 12);
    let all = get(&world, &alpha, "/v1/sales").expect(200);
    assert_eq!(ids(&all.json()).len(), 12);
    assert!(all.json().get("next").is_none(), "{}", all.text);
    let body = all.json();
    let times: Vec<&str> = rows(&body, "sales").iter().map(|sale| sale["reserved_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");

    let mut seen = Vec::new();
    let mut path = "/v1/sales?limit=5".to_owned();
    loop {
        let page = get(&world, &alpha, &path).expect(200).json();
        seen.extend(ids(&page));
        // What is sold meanwhile is newer, and moves no page.
        sell(100 + 2 * seen.len() as u32, 101 + 2 * seen.len() as u32);
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/sales?limit=5&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids(&all.json()), "each once, newest first");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 12);

    let none = get(&world, &beta, "/v1/sales").expect(200).json();
    assert_eq!(none["sales"], Value::Array(Vec::new()));
    let refused = get(&world, &beta, &format!("/v1/sales?before={}", seen[0])).expect(422);
    let unknown = get(&world, &beta, "/v1/sales?before=sale_01kz5h2v7qe0gr3m5w8x9y2c4d").expect(422);
    assert_eq!(refused.text, unknown.text, "another's sale is as good as none");
    for query in ["limit=0", "limit=201", "limit=x", "before=x", "limit=1&limit=2"] {
        get(&world, &alpha, &format!("/v1/sales?{query}")).expect(422);
    }
}

#[test]
fn a_sale_says_what_its_buyer_needs_and_nothing_of_the_contact() {
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00")).buyer(Buyer::bids("beta", "30.00").flags("--reject-rate 1"));
    let market = market.tree("max_disclosures = 2", "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"");
    let world = World::of(market);
    let shapes = Shapes::of(&world);
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let (alpha, beta) = (world.new_key("--buyer", "alpha"), world.new_key("--buyer", "beta"));
    let answer = get(&world, &alpha, "/v1/sales").expect(200);
    shapes.hold("get", "/v1/sales", &answer.json());
    let sale = answer.json()["sales"][0].clone();
    let posted = &world.calls("alpha", "/post")[0]["body"];
    for (said, was) in [("post_id", "post_id"), ("ping_id", "ping_id"), ("ref", "ref"), ("price", "price"), ("currency", "currency"), ("sale", "sale")] {
        assert_eq!(sale[said], posted[was], "{said}");
    }
    assert_eq!((&sale["status"], &sale["contract"], &sale["test"]), (&"sold".into(), &"alpha/main".into(), &false.into()));
    assert!(sale["lead_ref"].is_string(), "the sandbox says one: {sale}");
    let rejected = get(&world, &beta, "/v1/sales").expect(200).json()["sales"][0].clone();
    assert_eq!((&rejected["status"], &rejected["reason"]), (&"void".into(), &"rejected".into()));
    // Nothing joins two buyers' sales of one lead, and nothing tells the exchange's margin.
    for text in Person(1).secrets().iter().chain([&lead, &"15.00".to_owned(), &"16.00".to_owned()]) {
        assert!(!answer.text.contains(text.as_str()), "{text} in {}", answer.text);
    }
    let xml = Call::get(world.url("/v1/sales")).key(&alpha).accept("application/xml").send().expect(200);
    assert!(xml.text.contains("<sale><sale_id>sale_") || xml.text.contains("<sale_id>sale_"), "{}", xml.text);

    // What the buyer wrote may name the person: it goes with the lead.
    world.run(&["erase", &lead]).done();
    let erased = get(&world, &alpha, "/v1/sales").expect(200).json()["sales"][0].clone();
    assert!(erased.get("lead_ref").is_none() && erased.get("ref").is_none(), "{erased}");
    assert_eq!(erased["price"], sale["price"]);
}

#[test]
fn an_operator_sees_what_nobody_knows_each_balance_and_a_leads_whole_life() {
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00").flags("--unknown-rate 1 --stay-unknown"));
    let world = World::of(market);
    let shapes = Shapes::of(&world);
    let olga = world.new_key("--operator", "olga");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    let unknown = get(&world, &olga, "/v1/admin/unknown").expect(200);
    shapes.hold("get", "/v1/admin/unknown", &unknown.json());
    let sale = unknown.json()["sales"][0].clone();
    assert_eq!((&sale["lead_id"], &sale["buyer"], &sale["price"]), (&lead.clone().into(), &"alpha".into(), &"20.00".into()));

    world.run(&["credit", "add", "alpha", "100.00"]).done();
    let balances = get(&world, &olga, "/v1/admin/balances").expect(200);
    shapes.hold("get", "/v1/admin/balances", &balances.json());
    let accounts = balances.json();
    let of_alpha = rows(&accounts, "accounts").iter().find(|row| row["account"] == "buyer:alpha").unwrap();
    assert_eq!((&of_alpha["balance"], &of_alpha["held"]), (&"100.00".into(), &"20.00".into()));

    let path = format!("/v1/admin/leads/{lead}");
    let trace = wait_for("the record", || Some(get(&world, &olga, &path).expect(200)).filter(|answer| answer.json()["pings"].as_array().is_some_and(|p| !p.is_empty())));
    shapes.hold("get", "/v1/admin/leads/{lead_id}", &trace.json());
    assert_eq!(trace.json(), world.trace(&lead), "as the command line tells it");
    for text in Person(1).secrets() {
        assert!(![&unknown, &balances, &trace].iter().any(|answer| answer.text.contains(&text)), "{text}");
    }
    Call::get(world.url(&path)).key(&olga).accept("application/xml").send().expect(406);
    get(&world, &olga, "/v1/admin/leads/nonsense").expect(404);
}
