//! The console's pages of money: who may move it, who decides, and that every page tells what the ledger does.

use serde_json::json;

use crate::support::{Buyer, Call, Market, Person, World, console::between, people::with};

fn world() -> World {
    let buyer = Buyer::bids("acme", "20.00").contract("return_days = 14");
    World::of(Market::new().more("market.toml", "approvals = { above = \"100.00\" }").buyer(buyer))
}

#[test]
fn money_is_moved_by_who_may_and_above_a_limit_by_two() {
    let world = world();
    let (ann, ben, rita) = (world.person("ann", "finance"), world.person("ben", "owner"), world.person("rita", "read-only"));
    let form = || between(&ann.get("/console/money").expect(200).text, "name=\"id\" value=\"", "\"").to_owned();
    let asked = |amount: &str| json!({ "id": form(), "account": "buyer:acme", "amount": amount, "note": "wire 7" });
    // One form books once, however often it is sent.
    let once = asked("50.00");
    ann.post("/console/money/move", &once).expect(303);
    ann.post("/console/money/move", &once).expect(303);
    let balances = ann.get("/console/money").expect(200).text;
    assert!(balances.contains("50.00") && !balances.contains("100.00</"), "{balances}");
    let otherwise = ann.post("/console/money/move", &with(once, json!({ "amount": "60.00" }))).expect(422);
    assert!(otherwise.text.contains("was asked for otherwise"), "{}", otherwise.text);
    for (fields, says) in [(asked("-1"), "above zero"), (asked("1,5"), "digits"), (with(asked("5"), json!({ "account": "buyer:nobody" })), "Choose whose")] {
        let refused = ann.post("/console/money/move", &fields).expect(422);
        assert!(refused.text.contains(says), "{says}: {}", refused.text);
    }
    rita.post("/console/money/move", &asked("5.00")).expect(403);
    assert!(!rita.get("/console/money").expect(200).text.contains("/console/money/move\""), "no form for whom it isn't");

    assert_eq!(ann.post("/console/money/move", &asked("500.00")).expect(303).header("location"), "/console/money/movements");
    let page = ben.get("/console/money/movements").expect(200).text;
    let id = between(&page, "/console/money/movements/movement_", "/").to_owned();
    let decide = |what: &str| format!("/console/money/movements/movement_{id}/{what}");
    assert!(ann.post(&decide("approve"), &json!({})).expect(409).text.contains("another person decides"));
    rita.post(&decide("approve"), &json!({})).expect(403);
    ben.post(&decide("approve"), &json!({})).expect(303);
    assert!(ben.post(&decide("refuse"), &json!({})).expect(409).text.contains("booked already"));
    ben.post("/console/money/movements/movement_nonsense/approve", &json!({})).expect(404);

    let shown = rita.get("/console/money/statements/buyer:acme").expect(200).text;
    assert!(shown.contains("550.00") && shown.contains("wire 7"), "{shown}");
    let csv = rita.get("/console/money/statements/buyer:acme/csv").expect(200);
    assert!(csv.header("content-disposition").starts_with("attachment; filename=\"buyer-acme-"));
    assert_eq!(csv.text, world.run(&["statement", "buyer:acme", "--csv"]).done().stdout);
    rita.get("/console/money/statements/nobody").expect(404);
    let audit = ben.get("/console/audit").expect(200).text;
    assert!(audit.contains("decide money") && audit.contains("move money"), "{audit}");
}

#[test]
fn a_return_and_an_unknown_sale_are_decided_on_their_pages() {
    let world = world();
    let (ann, rita) = (world.person("ann", "finance"), world.person("rita", "read-only"));
    let acme = world.new_key("--buyer", "acme");
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
    Call::post(world.url(&format!("/v1/sales/{sale}/return"))).key(&acme).json(&json!({ "reason": "wrong_person" })).send().expect(200);
    let page = ann.get("/console/money/returns").expect(200).text;
    assert!(page.contains(&sale) && page.contains("wrong person"), "{page}");
    let accept = format!("/console/money/returns/{sale}/accept");
    rita.post(&accept, &json!({})).expect(403);
    ann.post(&accept, &json!({})).expect(303);
    ann.post(&format!("/console/money/returns/{sale}/refuse"), &json!({})).expect(409);
    world.status(&lead).ok("returned");
    assert!(ann.get("/console/money/statements/buyer:acme").expect(200).text.contains("return"));
    assert!(ann.get("/console/money/returns").expect(200).text.contains("No return waits"));
    ann.post(&format!("/console/money/unknown/{sale}/void"), &json!({})).expect(409);
}

#[test]
fn an_unknown_sale_is_taken_for_sold() {
    let world = World::of(Market::new().buyer(Buyer::bids("forgetful", "30.00").flags("--unknown-rate 1").endpoint("idempotent = false")));
    let ann = world.person("ann", "operations");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    let page = ann.get("/console/money/unknown").expect(200).text;
    let sale = between(&page, "/console/money/unknown/", "/").to_owned();
    ann.post(&format!("/console/money/unknown/{sale}/sold"), &json!({})).expect(303);
    world.status(&lead).ok("sold");
    assert!(ann.get("/console/money/unknown").expect(200).text.contains("is known"));
    // An operator of leads moves no money.
    ann.post("/console/money/move", &json!({})).expect(403);
}
