//! Changing the market in the console: a form, a draft, what it would have changed, a revision, and the way back.

use serde_json::{Value, json};

use crate::support::{Answer, Market, Person, World, console::Visitor, people::with, wait_for};

/// The fields of a page's form as they are shown, so that a change of one leaves the others alone.
fn fields(page: &Answer) -> Value {
    let mut fields = serde_json::Map::new();
    let attribute = |tag: &str, name: &str| tag.split_once(&format!("{name}=\"")).map(|(_, rest)| text(rest.split('"').next().unwrap()));
    for tag in page.text.split("<input ").skip(1) {
        let tag = tag.split('>').next().unwrap();
        let (Some(name), Some(value)) = (attribute(tag, "name"), attribute(tag, "value")) else { continue };
        if name != "csrf" && (!tag.contains("checkbox") || tag.contains(" checked")) {
            fields.insert(name, json!(value));
        }
    }
    for area in page.text.split("<textarea ").skip(1) {
        let (tag, rest) = area.split_once('>').unwrap();
        fields.insert(attribute(tag, "name").unwrap(), json!(text(rest.split("</textarea>").next().unwrap().trim_start_matches('\n'))));
    }
    for select in page.text.split("<select ").skip(1) {
        let chosen = select.split("</select>").next().unwrap().split("<option ").find(|option| option.contains(" selected"));
        fields.insert(attribute(select, "name").unwrap(), json!(chosen.and_then(|option| attribute(option, "value")).unwrap_or_default()));
    }
    Value::Object(fields)
}

fn text(html: &str) -> String {
    html.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

/// Posts a form with some of its fields changed.
fn change(visitor: &Visitor, path: &str, changed: Value) -> Answer {
    press(visitor, path, path, changed)
}

/// Presses the button of a form on a page, with some of its fields changed.
fn press(visitor: &Visitor, page: &str, button: &str, changed: Value) -> Answer {
    visitor.post(button, &with(fields(&visitor.get(page).expect(200)), changed))
}

#[test]
fn a_cap_is_edited_seen_applied_obeyed_and_rolled_back() {
    let world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let maria = world.person("maria", "operations");
    assert_eq!(world.lead(&Person(1).lead()).ok("sold").word("price"), "20.00");
    assert_eq!(world.ping(&Person(2).attributes()).ok("matched").word("price"), "20.00");

    // Mistakes stand beside their fields, and nothing is kept of them.
    let path = "/console/market/contract/alpha/main";
    let wrong = change(&maria, path, json!({ "caps": "1 per fortnight", "max_bid": "much", "filter": "state == 1" })).expect(422);
    assert_eq!(wrong.text.matches("aria-invalid=\"true\"").count(), 3, "{}", wrong.text);
    assert!(wrong.text.contains("1 per fortnight") && wrong.text.contains("much"), "what was typed stays");
    assert!(!maria.get("/console/market").expect(200).text.contains("/console/market/drafts/"));
    assert_eq!(change(&maria, path, json!({})).expect(303).header("location"), path, "nothing was changed");

    // A right one becomes a draft: nothing is in force yet.
    let draft = change(&maria, path, json!({ "caps": "1 per day" })).expect(303).header("location").to_owned();
    let page = maria.get(&draft).expect(200);
    assert!(page.text.contains("contracts.main.caps") && page.text.contains("count = 1, per = &#34;day&#34;"), "{}", page.text);
    assert!(maria.get(path).expect(200).text.contains("1 per day"), "the form shows the draft");
    assert_eq!(world.ping(&Person(3).attributes()).ok("matched").word("price"), "20.00");

    // Over the recorded auctions: alpha had no sale before the first, so who wins the others is told by what it had sold by then.
    let replayed = maria.get(&format!("{draft}/replay")).expect(200);
    assert!(replayed.text.contains("Of all 3 auctions since"), "{}", replayed.text);
    let event = maria.get(&format!("{draft}/replay/events")).expect(200);
    assert!(event.text.starts_with("id: ") && event.text.contains("data: "), "{}", event.text);

    // It is applied, and the next lead obeys.
    let others = world.person("ann", "read-only");
    others.post(&format!("{draft}/apply"), &json!({})).expect(403);
    press(&maria, &draft, &format!("{draft}/apply"), json!({ "note": "alpha is full" })).expect(303);
    maria.get(&draft).expect(404);
    wait_for("the cap", || Some(()).filter(|()| world.ping(&Person(4).attributes()).ok("matched").word("price") == "16.00"));
    let history = maria.get("/console/market/history").expect(200);
    assert!(history.text.contains("alpha is full") && history.text.contains("maria"), "{}", history.text);
    assert!(maria.get("/console/market/contract/alpha/main").expect(200).text.contains("1 of 1 per day"), "the cap is full");

    // Back again.
    let old = others.get("/console/market/history/1").expect(200);
    assert!(!old.text.contains("roll-back"), "not for who only reads");
    others.post("/console/market/history/1/roll-back", &json!({})).expect(403);
    assert!(maria.get("/console/market/history/1").expect(200).text.contains("contracts.main.caps"));
    press(&maria, "/console/market/history/1", "/console/market/history/1/roll-back", json!({})).expect(303);
    wait_for("no cap", || Some(()).filter(|()| world.ping(&Person(5).attributes()).ok("matched").word("price") == "20.00"));
    let listed = world.run(&["revisions", "--json"]).done().json();
    assert_eq!((&listed[0]["note"], &listed[0]["author"]), (&json!("rolled back to revision 1"), &json!("maria")));
}

#[test]
fn a_draft_of_an_older_revision_is_not_applied_over_a_newer_one() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let maria = world.person("maria", "owner");
    let draft = change(&maria, "/console/market/tier/loans/1", json!({ "floor": "5.00" })).expect(303).header("location").to_owned();
    // The files change elsewhere: another file of the market.
    world.market.buyer_named("alpha").contract.push_str("\nweight = 3");
    world.apply().done();
    let refused = press(&maria, &draft, &format!("{draft}/apply"), json!({})).expect(409);
    assert!(refused.text.contains("revision 2"), "{}", refused.text);
    maria.post(&format!("{draft}/bring-up"), &json!({})).expect(303);
    press(&maria, &draft, &format!("{draft}/apply"), json!({})).expect(303);
    let exported = world.data().with_file_name("exported");
    world.run(&["export", exported.to_str().unwrap()]).done();
    let text = |path: &str| std::fs::read_to_string(exported.join(path)).unwrap();
    assert!(text("trees/loans.toml").contains("floor = \"5.00\"") && text("buyers/alpha.toml").contains("weight = 3"));

    // Both change the same value: the draft is made again.
    let draft = change(&maria, "/console/market/buyer/alpha", json!({ "credit": "7" })).expect(303).header("location").to_owned();
    world.market.buyer_named("alpha").credit = "9.00".into();
    world.write_market();
    world.run(&["apply", world.market_directory().to_str().unwrap(), "--base", "3"]).done();
    assert!(maria.post(&format!("{draft}/bring-up"), &json!({})).expect(409).text.contains("buyers/alpha.toml"));
    press(&maria, &draft, &format!("{draft}/discard"), json!({})).expect(303);
    maria.get(&draft).expect(404);
}

#[test]
fn a_draft_is_applied_and_discarded_as_it_was_looked_at() {
    let world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let (maria, ben) = (world.person("maria", "owner"), world.person("ben", "operations"));
    let tier = "/console/market/tier/loans/1";
    let draft = change(&maria, tier, json!({ "floor": "5.00" })).expect(303).header("location").to_owned();
    let looked_at = fields(&ben.get(&draft).expect(200));
    change(&maria, tier, json!({ "floor": "9.00" })).expect(303);
    for button in ["apply", "discard"] {
        let refused = ben.post(&format!("{draft}/{button}"), &looked_at).expect(409);
        assert!(refused.text.contains("changed since you looked at it"), "{}", refused.text);
    }
    press(&ben, &draft, &format!("{draft}/apply"), json!({})).expect(303);
    assert!(ben.get(tier).expect(200).text.contains("9.00"));
}

#[test]
fn a_form_changes_what_was_typed_and_nothing_that_others_changed_meanwhile() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let (maria, ben) = (world.person("maria", "owner"), world.person("ben", "operations"));
    let path = "/console/market/contract/alpha/main";
    let shown = fields(&maria.get(path).expect(200));
    world.market.buyer_named("alpha").contract.push_str("\nweight = 3");
    world.apply().done();
    let draft = maria.post(path, &with(shown.clone(), json!({ "caps": "1 per day" }))).expect(303).header("location").to_owned();
    let page = maria.get(&draft).expect(200).text;
    assert!(page.contains("contracts.main.caps") && !page.contains("contracts.main.weight"), "{page}");
    // The very same is told to whoever changes it, too.
    let refused = ben.post(path, &with(shown, json!({ "weight": "7" }))).expect(422);
    assert!(refused.text.contains("since this form was shown") && refused.text.contains("value=\"7\""), "{}", refused.text);
    ben.post(path, &fields(&refused)).expect(303);
}

#[test]
fn a_roll_back_undoes_no_revision_that_was_not_shown() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let maria = world.person("maria", "owner");
    let (page, button) = ("/console/market/history/1", "/console/market/history/1/roll-back");
    world.market.buyer_named("alpha").contract.push_str("\nweight = 3");
    world.apply().done();
    let shown = fields(&maria.get(page).expect(200));
    world.market.buyer_named("alpha").contract.push_str("\npriority = 2");
    world.apply().done();
    let refused = maria.post(button, &shown).expect(409);
    assert!(refused.text.contains("Revision 3 has been applied since"), "{}", refused.text);
    press(&maria, page, button, json!({})).expect(303);
}

#[test]
fn a_tree_shows_todays_leads_and_what_was_lost() {
    let world = World::of(Market::of_bids(&["25.00", "20.00"]));
    world.lead(&Person(1).lead()).ok("sold");
    let ping = world.ping(&Person(2).attributes()).ok("matched").word("ping_id");
    let ann = world.person("ann", "read-only");
    let page = ann.get("/console/trees/loans").expect(200);
    assert!(page.text.contains("all 2 runs of today") && page.text.contains("class=\"wide sankey\""), "{}", page.text);
    assert!(page.text.contains("not posted"), "the second was quoted, and never posted: {}", page.text);
    let lost = ann.get("/console/trees/loans/lost?step=won&reason=not_posted").expect(200);
    assert!(lost.text.contains(&ping), "{}", lost.text);
    ann.get("/console/trees/loans/lost?step=never").expect(404);
    ann.get("/console/trees/nothing").expect(404);
    for page in ["/console/market", "/console/trees/loans"] {
        let text = ann.get(page).expect(200).text;
        assert!(!text.contains("whsec_"), "{page}");
    }
}

#[test]
fn what_is_new_is_added_copied_and_taken_out_by_forms() {
    let world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let maria = world.person("maria", "operations");
    // A buyer with its endpoint, a contract in a tier, a copy of another, and a tier before all others.
    assert!(maria.get("/console/market").expect(200).text.contains("/console/market/new/buyer"));
    let wrong = maria.post("/console/market/new/buyer", &json!({ "name": "summit", "post_url": "nowhere" })).expect(422);
    assert!(wrong.text.contains("nowhere") && wrong.text.contains("post_url"), "{}", wrong.text);
    let buyer = json!({ "name": "summit", "label": "Summit", "credit": "100.00", "protocol": "webhook", "post_url": "https://summit.example/leads" });
    assert_eq!(maria.post("/console/market/new/buyer", &buyer).expect(303).header("location"), "/console/market/buyer/summit");
    assert!(maria.get("/console/market/buyer/summit").expect(200).text.contains("/console/market/new/contract?of=summit"));
    let contract = json!({ "of": "summit", "name": "all", "vertical": "loans", "price": "31.00", "tier": "loans/1" });
    assert_eq!(maria.post("/console/market/new/contract", &contract).expect(303).header("location"), "/console/market/contract/summit/all");
    assert_eq!(maria.post("/console/market/new/contract", &contract).expect(422).text.matches("has a contract of this name").count(), 1);
    let form = maria.get("/console/market/new/contract?of=alpha&like=alpha/main").expect(200);
    assert!(form.text.contains("New contract like alpha/main"), "{}", form.text);
    maria.post("/console/market/new/contract", &json!({ "of": "alpha", "like": "alpha/main", "name": "second" })).expect(303);
    change(&maria, "/console/market/contract/alpha/second", json!({ "max_bid": "9.00" })).expect(303);
    maria.post("/console/market/new/tier", &json!({ "of": "loans", "place": "9", "mode": "sequential", "contracts": "beta/main" })).expect(422);
    let tier = json!({ "of": "loans", "place": "1", "name": "first", "mode": "sequential", "contracts": "beta/main", "floor": "19.00" });
    assert_eq!(maria.post("/console/market/new/tier", &tier).expect(303).header("location"), "/console/market/tier/loans/1");
    // Nothing is in force before the draft is applied; then all of it is.
    assert_eq!(world.ping(&Person(1).attributes()).ok("matched").word("price"), "20.00");
    let overview = maria.get("/console/market").expect(200).text;
    let draft = format!("/console/market/drafts/{}", overview.split_once("/console/market/drafts/").unwrap().1.split('"').next().unwrap());
    let page = maria.get(&draft).expect(200).text;
    assert!(page.contains("buyers/summit.toml") && page.contains("contracts.second.max_bid") && page.contains("tiers.first.floor"), "{page}");
    press(&maria, &draft, &format!("{draft}/apply"), json!({})).expect(303);
    wait_for("the first tier", || Some(()).filter(|()| world.ping(&Person(2).attributes()).ok("matched").word("price") == "16.00"));

    // Out again: the tier, then a contract with what names it.
    let out = |path: &str| maria.post(&format!("/console/market/remove/{path}"), &json!({})).expect(303).header("location").to_owned();
    out("tier/loans/1");
    out("contract/alpha/second");
    let draft = out("contract/summit/all");
    maria.post("/console/market/remove/contract/summit/all", &json!({})).expect(404);
    assert!(maria.post("/console/market/remove/tier/loans/1", &json!({})).expect(409).text.contains("tiers"), "a tree has one at least");
    press(&maria, &draft, &format!("{draft}/apply"), json!({})).expect(303);
    wait_for("the only tier", || Some(()).filter(|()| world.ping(&Person(3).attributes()).ok("matched").word("price") == "20.00"));
    let ann = world.person("ann", "read-only");
    assert!(!ann.get("/console/market/contract/alpha/main").expect(200).text.contains("/remove/"));
    ann.get("/console/market/new/buyer").expect(403);
    ann.post("/console/market/remove/contract/alpha/main", &json!({})).expect(403);
}
