//! What buyers are told of what they bought, and operators of what buyers have.

use std::collections::BTreeSet;

use serde_json::{Value, json};

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
    let trace = wait_for("the record", || {
        Some(get(&world, &olga, &path).expect(200)).filter(|answer| answer.json()["pings"].as_array().is_some_and(|p| !p.is_empty()))
    });
    shapes.hold("get", "/v1/admin/leads/{lead_id}", &trace.json());
    assert_eq!(trace.json(), world.trace(&lead), "as the command line tells it");
    for text in Person(1).secrets() {
        assert!(![&unknown, &balances, &trace].iter().any(|answer| answer.text.contains(&text)), "{text}");
    }
    Call::get(world.url(&path)).key(&olga).accept("application/xml").send().expect(406);
    get(&world, &olga, "/v1/admin/leads/nonsense").expect(404);
}

/// A world whose one buyer takes every post and answers it with a 500, and a lead that was posted so.
fn unknown_world(contract: &str) -> (World, String, String) {
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00").flags("--unknown-rate 1 --stay-unknown").contract(contract));
    let world = World::of(market);
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    let post = world.calls("alpha", "/post")[0]["body"]["post_id"].as_str().unwrap().to_owned();
    (world, lead, post)
}

fn post(world: &World, key: &str, path: &str, body: &Value) -> Answer {
    Call::post(world.url(path)).key(key).json(body).send()
}

/// What a buyer owes, is held for, and what its supplier gets.
fn balance(world: &World, olga: &str, account: &str) -> (String, String) {
    let accounts = get(world, olga, "/v1/admin/balances").expect(200).json();
    let row = rows(&accounts, "accounts").iter().find(|row| row["account"] == account).cloned().unwrap_or_default();
    let text = |name: &str| row[name].as_str().unwrap_or("0.00").to_owned();
    (text("balance"), text("held"))
}

#[test]
fn a_buyers_report_settles_what_nobody_knew_once_and_for_all() {
    for (report, status, lead_status, owed) in [
        (json!({ "status": "accepted", "lead_ref": "L-77", "redirect_url": "https://alpha.example/go?id=77" }), "sold", "sold", "-20.00"),
        (json!({ "status": "rejected", "reason": "no capacity" }), "void", "unsold", "0.00"),
    ] {
        let (world, lead, id) = unknown_world("");
        let (alpha, olga) = (world.new_key("--buyer", "alpha"), world.new_key("--operator", "olga"));
        let path = format!("/v1/posts/{id}/outcome");
        // What can't be read changes nothing.
        post(&world, &alpha, &path, &json!({ "status": "perhaps" })).expect(422);
        let told = post(&world, &alpha, &path, &report).ok(status);
        Shapes::of(&world).hold("post", "/v1/posts/{post_id}/outcome", &told.json());
        assert_eq!(post(&world, &alpha, &path, &report).ok(status).json(), told.json(), "the same report again gets the sale as it is");
        assert_eq!(world.status(&lead).ok(lead_status).json()["redirect_url"], report["redirect_url"]);
        assert_eq!(balance(&world, &olga, "buyer:alpha"), (owed.to_owned(), "0.00".to_owned()));
        let other = json!({ "status": if status == "sold" { "rejected" } else { "accepted" } });
        let refused = post(&world, &alpha, &path, &other).expect(409);
        assert_eq!(refused.json()["type"], "/problems/decided_otherwise");
        world.trace(&lead);
    }
}

#[test]
fn what_a_buyer_reports_keeps_nothing_of_the_contact() {
    let (world, lead, id) = unknown_world("");
    let alpha = world.new_key("--buyer", "alpha");
    let person = Person(1);
    let report = json!({
        "status": "accepted", "lead_ref": format!("for {}", person.email()), "redirect_url": format!("https://alpha.example/go?p={}", person.phone()),
    });
    let told = post(&world, &alpha, &format!("/v1/posts/{id}/outcome"), &report).ok("sold");
    assert!(told.json().get("lead_ref").is_none(), "{}", told.text);
    let status = world.status(&lead).ok("sold");
    let mut scan = crate::support::scan::Scan::default();
    person.secrets().iter().enumerate().for_each(|(number, secret)| scan.add(secret, number));
    for (place, text) in [("answer", &told.text), ("supplier", &status.text), ("logs", &world.logs()), ("trace", &world.trace(&lead).to_string())] {
        assert_eq!(scan.find(text.as_bytes()), [], "{place}");
    }
    for path in std::fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(scan.find(&std::fs::read(&path).unwrap()), [], "{}", path.display());
    }
}

#[test]
fn an_operator_resolves_what_nobody_settles() {
    for (ruling, flag, status, lead_status) in [("sold", "--sold", "sold", "sold"), ("void", "--void", "void", "unsold")] {
        // Over HTTP.
        let (world, lead, _) = unknown_world("");
        let olga = world.new_key("--operator", "olga");
        let sale = get(&world, &olga, "/v1/admin/unknown").expect(200).json()["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/admin/sales/{sale}/resolve");
        let told = post(&world, &olga, &path, &json!({ "as": ruling })).ok(status);
        Shapes::of(&world).hold("post", "/v1/admin/sales/{sale_id}/resolve", &told.json());
        assert_eq!(post(&world, &olga, &path, &json!({ "as": ruling })).ok(status).json(), told.json());
        let other = if ruling == "sold" { "void" } else { "sold" };
        post(&world, &olga, &path, &json!({ "as": other })).expect(409);
        world.status(&lead).ok(lead_status);
        assert_eq!(get(&world, &olga, "/v1/admin/unknown").expect(200).json()["sales"], json!([]));

        // On the command line, beside the running exchange.
        let lead = world.lead(&Person(2).lead()).ok("pending").word("lead_id");
        let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        let waiting = world.run(&["resolve", "--json"]).done().json();
        assert_eq!(
            (waiting[0]["sale_id"].as_str(), waiting[0]["lead_id"].as_str(), waiting.as_array().unwrap().len()),
            (Some(sale.as_str()), Some(lead.as_str()), 1)
        );
        assert!(world.run(&["resolve"]).done().stdout.contains(&sale));
        assert_eq!(world.run(&["resolve", &sale, flag, "--json"]).done().json(), json!({ "sale_id": sale, "status": status }));
        assert!(world.run(&["resolve", &sale, flag]).done().stdout.contains(status), "the same again stands");
        let against = world.run(&["resolve", &sale, if flag == "--sold" { "--void" } else { "--sold" }]).refused();
        assert!(against.stderr.contains(&format!("is {status} already")), "{against:?}");
        world.status(&lead).ok(lead_status);
        for wrong in [&["resolve", &sale as &str] as &[&str], &["resolve", &sale, "--sold", "--void"], &["resolve", flag]] {
            assert_eq!(world.run(wrong).code, 2, "{wrong:?}");
        }
        assert_eq!(world.run(&["resolve"]).done().stdout, "no sale is unknown\n");
        world.run(&["resolve", "sale_01kz5h2v7qe0gr3m5w8x9y2c4d", flag]).refused();
        world.run(&["resolve", &lead, flag]).refused();
    }
}

#[test]
fn a_return_is_asked_for_once_and_reverses_the_sale_when_it_is_accepted() {
    let market = Market::new().buyer(Buyer::bids("alpha", "20.00").contract("return_days = 14")).buyer(Buyer::bids("beta", "9.00"));
    let world = World::of(market);
    let shapes = Shapes::of(&world);
    let (alpha, beta, olga) = (world.new_key("--buyer", "alpha"), world.new_key("--buyer", "beta"), world.new_key("--operator", "olga"));
    let leads: Vec<String> = (1..4).map(|number| world.lead(&Person(number).lead()).ok("sold").word("lead_id")).collect();
    let sales: Vec<String> = leads.iter().map(|lead| world.trace(lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned()).collect();
    let path = |sale: &str| format!("/v1/sales/{sale}/return");
    let note = format!("{} is somebody else's", Person(1).phone());
    let asked = post(&world, &alpha, &path(&sales[0]), &json!({ "reason": "wrong_person", "note": note })).ok("sold");
    shapes.hold("post", "/v1/sales/{sale_id}/return", &asked.json());
    assert_eq!((&asked.json()["return"]["status"], &asked.json()["return"]["reason"]), (&json!("requested"), &json!("wrong_person")));
    post(&world, &alpha, &path(&sales[0]), &json!({ "reason": "wrong_person" })).ok("sold");
    let otherwise = post(&world, &alpha, &path(&sales[0]), &json!({ "reason": "fraud" })).expect(409);
    assert_eq!(otherwise.json()["type"], "/problems/return_refused");
    post(&world, &beta, &path(&sales[0]), &json!({ "reason": "fraud" })).expect(404);
    post(&world, &alpha, &path(&sales[1]), &json!({ "reason": "duplicate" })).ok("sold");

    let open = get(&world, &olga, "/v1/admin/returns").expect(200);
    shapes.hold("get", "/v1/admin/returns", &open.json());
    assert_eq!(ids(&open.json()), sales[..2]);
    assert_eq!(open.json()["sales"][0]["return"]["has_note"], true);
    // The note is sealed: the operator sees it after the journal says so.
    assert!(!open.text.contains(&Person(1).phone()));
    let listed = world.run(&["returns", "--json"]).done();
    assert!(!listed.stdout.contains(&Person(1).phone()) && listed.json().as_array().unwrap().len() == 2);
    let revealed = world.run(&["returns", "list", "--reveal", "--why", "a call of the buyer", "--json"]).done().json();
    assert_eq!(revealed[0]["note"], note.as_str());
    let mut scan = crate::support::scan::Scan::default();
    scan.add(&Person(1).phone(), 0);
    for file in std::fs::read_dir(world.data()).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(scan.find(&std::fs::read(&file).unwrap()), [], "{}", file.display());
    }

    let decide = format!("/v1/admin/sales/{}/return/decide", sales[0]);
    let accepted = post(&world, &olga, &decide, &json!({ "decision": "accept" })).ok("returned");
    shapes.hold("post", "/v1/admin/sales/{sale_id}/return/decide", &accepted.json());
    post(&world, &olga, &decide, &json!({ "decision": "accept" })).ok("returned");
    post(&world, &olga, &decide, &json!({ "decision": "refuse" })).expect(409);
    world.status(&leads[0]).ok("returned");
    assert!(world.run(&["returns", "refuse", &sales[1]]).done().stdout.contains("refused"));
    world.run(&["returns", "accept", &sales[1]]).refused();
    world.run(&["returns", "refuse", &sales[1], "--json"]).done();
    post(&world, &alpha, &path(&sales[1]), &json!({ "reason": "duplicate" })).expect(409);
    world.status(&leads[1]).ok("sold");
    assert!(world.run(&["returns"]).done().stdout.contains("no return waits"));
    // Of three sales, two are left to pay.
    assert_eq!(balance(&world, &olga, "buyer:alpha"), ("-40.00".to_owned(), "0.00".to_owned()));
    assert_eq!(balance(&world, &olga, "supplier:acme").0, "32.00");
    post(&world, &olga, &format!("/v1/admin/sales/{}/return/decide", sales[2]), &json!({ "decision": "accept" })).expect(404);
    world.run(&["returns", "accept", &sales[2]]).refused();
    // Nothing of it is the supplier's business but that the lead came back.
    let supplier = world.status(&leads[0]);
    assert!(!supplier.text.contains("wrong_person") && !supplier.text.contains("alpha"), "{}", supplier.text);
}

#[test]
fn a_contract_without_returns_takes_nothing_back() {
    let world = World::of(Market::of_bids(&["20.00"]));
    let alpha = world.new_key("--buyer", "alpha");
    world.lead(&Person(1).lead()).ok("sold");
    let sale = get(&world, &alpha, "/v1/sales").expect(200).json()["sales"][0]["sale_id"].as_str().unwrap().to_owned();
    let refused = post(&world, &alpha, &format!("/v1/sales/{sale}/return"), &json!({ "reason": "fraud" })).expect(409);
    assert!(refused.word("detail").contains("takes nothing back"), "{}", refused.text);
    post(&world, &alpha, &format!("/v1/sales/{sale}/return"), &json!({ "reason": "because" })).expect(422);
}
