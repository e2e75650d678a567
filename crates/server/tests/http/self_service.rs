//! What a buyer sets by itself: within what its operator allows, at once and for good, on every node, and never undone unseen.

use serde_json::{Value, json};

use crate::support::{
    Answer, Buyer, Call, Market, Person, World,
    console::{Visitor, between},
    shape::Shapes,
    wait_for,
    world::rows,
};

const LEFT: &str = "self_service = { pause = true, price = { min = \"15.00\", max = \"40.00\" } }";

/// `alpha` has a price of 20.00 that it may set; `beta` bids, and nothing is left to it.
fn market() -> Market {
    let alpha = Buyer::bids("alpha", "1.00").fixed().contract(&format!("price = \"20.00\"   # agreed in spring\n{LEFT}"));
    Market::new().buyer(alpha).buyer(Buyer::bids("beta", "10.00"))
}

fn set(world: &World, key: &str, body: &Value) -> Answer {
    Call::post(world.url("/v1/contracts/main")).key(key).json(body).send()
}

fn exported(world: &World, name: &str) -> (String, String) {
    let directory = world.data().with_file_name(name);
    world.run(&["export", directory.to_str().unwrap()]).done();
    let text = std::fs::read_to_string(directory.join("buyers/alpha.toml")).unwrap();
    (directory.to_str().unwrap().to_owned(), text)
}

/// The gross price of the next ping's winner.
fn next(world: &World, number: u32) -> Answer {
    world.ping(&Person(number).attributes())
}

#[test]
fn a_buyer_sets_its_price_and_pauses_over_http() {
    let world = World::of(market());
    let shapes = Shapes::of(&world);
    let (alpha, beta) = (world.new_key("--buyer", "alpha"), world.new_key("--buyer", "beta"));
    let listed = Call::get(world.url("/v1/contracts")).key(&alpha).send().expect(200);
    shapes.hold("get", "/v1/contracts", &listed.json());
    assert!(!listed.text.contains("beta"), "{}", listed.text);
    let contract = rows(&listed.json(), "contracts")[0].clone();
    assert_eq!((&contract["price"], &contract["self_service"]["price"]["max"], &contract["paused"]), (&json!("20.00"), &json!("40.00"), &json!(false)));

    // A ping of before is sold at the price of before; the next auction runs under the new one.
    let quoted = next(&world, 1).ok("matched");
    assert_eq!(quoted.word("price"), "16.00");
    let changed = set(&world, &alpha, &json!({ "price": "30.00", "version": contract["version"] })).expect(200);
    shapes.hold("post", "/v1/contracts/{contract}", &changed.json());
    assert_eq!((&changed.json()["price"], &changed.json()["paused"]), (&json!("30.00"), &json!(false)));
    assert_eq!(next(&world, 2).ok("matched").word("price"), "24.00", "at once, without waiting");
    let lead = world.post(&quoted.word("ping_id"), &Person(1).lead()).ok("sold");
    assert_eq!((lead.word("price"), &world.trace(&lead.word("lead_id"))["sales"][0]["price"]), ("16.00".into(), &json!("20.00")));

    // What isn't left to it, what is out of bounds, what is no amount, and what was read too long ago: nothing changes.
    for (key, body, status, says) in [
        (&alpha, json!({ "price": "40.01" }), 422, "15.00 to 40.00"),
        (&alpha, json!({ "price": "much", "max_bid": "1.00" }), 422, "at most 2 decimals"),
        (&alpha, json!({ "max_bid": "20.00" }), 422, "hasn't left the highest bid"),
        (&alpha, json!({ "paused": "perhaps" }), 422, "true or false"),
        (&alpha, json!({}), 422, "say paused"),
        (&alpha, json!({ "paused": true, "version": contract["version"] }), 409, "changed meanwhile"),
        (&beta, json!({ "paused": true }), 422, "hasn't left it to you"),
    ] {
        let refused = set(&world, key, &body).expect(status);
        assert!(refused.text.contains(says), "{body}: {}", refused.text);
    }
    Call::post(world.url("/v1/contracts/other")).key(&alpha).json(&json!({ "paused": true })).send().expect(404);
    set(&world, &alpha, &json!({ "price": "30.00", "paused": false })).expect(200);
    assert_eq!(rows(&json!({ "all": world.run(&["revisions", "--json"]).done().json() }), "all").len(), 2, "what is so already is no revision");

    // Paused, it is offered nothing more: neither a new lead nor what was quoted before.
    let quoted = next(&world, 3).ok("matched").word("ping_id");
    set(&world, &alpha, &json!({ "paused": true })).expect(200);
    assert_eq!(next(&world, 4).ok("matched").word("price"), "8.00", "beta's");
    assert_ne!(world.post(&quoted, &Person(3).lead()).expect(200).word("status"), "sold");
    let history = world.run(&["revisions", "--json"]).done().json();
    assert_eq!((&history[0]["author"], &history[0]["note"]), (&json!("buyer alpha"), &json!("alpha/main: paused")));
    assert_eq!((&history[1]["author"], &history[1]["note"]), (&json!("buyer alpha"), &json!("alpha/main: price 20.00 → 30.00")));

    // The files say so, comments and all, and applying them changes nothing.
    let (directory, text) = exported(&world, "exported");
    assert!(text.contains("price = \"30.00\"   # agreed in spring") && text.contains("paused_by_buyer = true"), "{text}");
    assert!(world.run(&["apply", &directory]).done().stdout.contains("nothing changes"));
    set(&world, &alpha, &json!({ "paused": false })).expect(200);
    assert!(!exported(&world, "resumed").1.contains("paused_by_buyer"));
    assert_eq!(next(&world, 5).ok("matched").word("price"), "24.00");
}

#[test]
fn a_buyers_people_have_a_switch_and_a_price() {
    let mut world = World::of(market());
    let (bea, maria) = (world.person("bea", "buyer:alpha"), world.person("maria", "owner"));
    let overview = bea.get("/console/buying").expect(200).text;
    assert!(overview.contains(">Pause</button>") && overview.contains("Set the price"), "{overview}");
    let page = "/console/buying/contracts/main";
    assert!(bea.get(page).expect(200).text.contains("15.00 to 40.00 USD"));
    let wrong = bea.post(page, &json!({ "price": "50" })).expect(422).text;
    assert!(wrong.contains("aria-invalid=\"true\"") && wrong.contains("value=\"50\""), "{wrong}");
    bea.post(page, &json!({ "price": "25" })).expect(303);
    assert!(bea.get(page).expect(200).text.contains("main: price 20.00 → 25.00."));
    assert_eq!(next(&world, 1).ok("matched").word("price"), "20.00");
    bea.post(page, &json!({ "paused": "true" })).expect(303);
    assert!(bea.get("/console/buying").expect(200).text.contains("paused by you"));
    assert_eq!(next(&world, 2).ok("matched").word("price"), "8.00");

    // Who and what is in the audit log, and in the market's history.
    let audit = maria.get("/console/audit").expect(200).text;
    assert!(audit.contains("bea") && audit.contains("alpha/main: price 20.00 → 25.00"), "{audit}");
    assert!(maria.get("/console/market/history").expect(200).text.contains("bea of buyer alpha"));
    assert!(maria.get("/console/market/contract/alpha/main").expect(200).text.contains("paused by its buyer"));

    // Others' contracts, and those of which nothing is left.
    let ben = world.person("ben", "buyer:beta");
    assert!(ben.get(page).expect(200).text.contains("The operator sets the terms"), "its own contract has the same name");
    ben.post(page, &json!({ "paused": "true" })).expect(422);
    bea.get("/console/buying/contracts/other").expect(404);
    bea.post("/console/buying/contracts/other", &json!({ "paused": "true" })).expect(404);
    maria.post(page, &json!({ "paused": "false" })).expect(403);
    bea.send(&bea.form(page, &json!({ "csrf": "wrong", "paused": "false" }))).expect(403);

    // It outlives the process.
    world.end("-KILL");
    world.serve();
    assert_eq!(next(&world, 3).ok("matched").word("price"), "8.00");
}

/// As the draft's page is looked at.
fn apply(maria: &Visitor, draft: &str) -> Answer {
    let page = maria.get(draft).expect(200).text;
    maria.post(&format!("{draft}/apply"), &json!({ "version": between(&page, "name=\"version\" value=\"", "\"") }))
}

fn change(maria: &Visitor, path: &str, fields: &Value) -> String {
    maria.post(path, fields).expect(303).header("location").to_owned()
}

#[test]
fn nothing_that_a_buyer_set_is_undone_unseen() {
    let mut world = World::of(market());
    let alpha = world.new_key("--buyer", "alpha");
    let maria = world.person("maria", "owner");
    // An operator's draft of the same file, from before the buyer's change: it isn't applied over it, and comes together with it.
    let draft = change(&maria, "/console/market/buyer/alpha", &json!({ "credit": "77.00" }));
    set(&world, &alpha, &json!({ "price": "31.00" })).expect(200);
    assert!(apply(&maria, &draft).expect(409).text.contains("revision 2"));
    maria.post(&format!("{draft}/bring-up"), &json!({})).expect(303);
    apply(&maria, &draft).expect(303);
    let (directory, text) = exported(&world, "exported");
    assert!(text.contains("price = \"31.00\"") && text.contains("credit = \"77.00\""), "{text}");

    // One that changes the very price is made again.
    let draft = maria
        .post("/console/market/contract/alpha/main", &json!({ "price": "22.00", "tags": "all", "self_service": "pause\nprice 15.00 to 40.00" }))
        .expect(303)
        .header("location")
        .to_owned();
    set(&world, &alpha, &json!({ "price": "32.00" })).expect(200);
    assert!(maria.post(&format!("{draft}/bring-up"), &json!({})).expect(409).text.contains("buyers/alpha.toml"));

    // Files that know their revision are refused as stale; files that know of none don't touch what is the buyer's.
    assert!(world.run(&["apply", &directory]).refused().stderr.contains("made from revision 3"));
    std::fs::remove_file(format!("{directory}/.pingpost-revision.json")).unwrap();
    let refused = world.run(&["apply", &directory]).refused().stderr;
    assert!(refused.contains("change `price` of alpha/main, which its buyer may set by itself") && refused.contains("--base 4"), "{refused}");
    assert_eq!(next(&world, 1).ok("matched").word("price"), "25.60");
    world.run(&["apply", &directory, "--base", "4"]).done();

    // Taken back, it is the operator's alone; its word stands.
    world.market.buyer_named("alpha").contract = "price = \"21.00\"".into();
    world.write_market();
    world.run(&["apply", world.market_directory().to_str().unwrap(), "--base", "5"]).done();
    wait_for("the operator's price", || Some(()).filter(|()| next(&world, 2).ok("matched").word("price") == "16.80"));
    set(&world, &alpha, &json!({ "price": "22.00" })).expect(422);
}

#[test]
fn each_node_obeys_and_changes_are_few() {
    let Some(cluster) = cluster::shared() else { return };
    let database = cluster.database();
    let world = World::of_database(market(), database.url());
    let (_node, there) = world.another_node();
    let alpha = world.new_key("--buyer", "alpha");
    let ping_there = |number| Call::post(format!("{there}/v1/pings/loans")).key(&world.key).json(&Person(number).attributes()).send();
    assert_eq!(ping_there(1).ok("matched").word("price"), "16.00");
    // At the same time on both nodes: each is a revision of its own, none is lost.
    std::thread::scope(|scope| {
        let price = scope.spawn(|| set(&world, &alpha, &json!({ "price": "35.00" })).expect(200));
        let pause = scope.spawn(|| Call::post(format!("{there}/v1/contracts/main")).key(&alpha).json(&json!({ "paused": true })).send().expect(200));
        drop((price.join().unwrap(), pause.join().unwrap()));
    });
    wait_for("beta alone", || Some(()).filter(|()| ping_there(2).ok("matched").word("price") == "8.00"));
    set(&world, &alpha, &json!({ "paused": false })).expect(200);
    wait_for("the new price", || Some(()).filter(|()| ping_there(3).ok("matched").word("price") == "28.00"));
    for number in 3..20 {
        set(&world, &alpha, &json!({ "paused": number % 2 == 1 })).expect(200);
    }
    let wait = set(&world, &alpha, &json!({ "price": "15.00" })).expect(429).header("retry-after").parse::<u64>().unwrap();
    assert!((3000..=3600).contains(&wait), "{wait}");
}
