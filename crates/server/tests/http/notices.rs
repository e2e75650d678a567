//! What suppliers are told after the answer: a pending lead's end, a return; signed, once per change, until they have heard it.

use std::io::Write;

use serde_json::json;
use wire::webhook::{DEFAULT_TOLERANCE_S, Signed, SigningSecret};

use crate::support::{
    Buyer, Call, Market, Person, World,
    gate::Gate,
    peer::{Heard, Peer, answer},
    wait_for,
    waiting::wait_at_most,
    world::rows,
};

const SECRET: &str = "whsec_YS1zdXBwbGllcnMtc2VjcmV0LW9mLXRlc3Rz";

/// A supplier that wants to be told there, and a buyer that takes every post, answers none, and tells what became of it when asked.
fn market(notify: &str) -> Market {
    let buyer =
        Buyer::bids("forgetful", "30.00").flags("--unknown-rate 1").endpoint("idempotent = false\nstatus_url = \"AT/status\"").contract("return_days = 14");
    Market::new().supplier("acme", &format!("notify_url = \"{notify}/told\"\nnotify_secret = \"{SECRET}\"")).buyer(buyer)
}

fn header<'a>(heard: &'a Heard, name: &str) -> &'a str {
    let line = heard.text.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)));
    line.map(|(_, value)| value).unwrap_or_else(|| panic!("no {name} in {}", heard.text))
}

/// The id of what was heard, which is signed.
fn signed(heard: &Heard) -> String {
    let (id, timestamp) = (header(heard, "webhook-id"), header(heard, "webhook-timestamp"));
    let signed = Signed { id, timestamp, signatures: header(heard, "webhook-signature") };
    let secret: SigningSecret = SECRET.parse().unwrap();
    assert_eq!(secret.verify(signed, heard.raw.as_bytes(), timestamp.parse().unwrap(), DEFAULT_TOLERANCE_S), Ok(()));
    id.to_owned()
}

fn listening() -> Peer {
    Peer::answering(|_| answer("204 No Content", ""))
}

/// Waits until so much was heard.
fn heard(peer: &Peer, number: usize) -> Vec<Heard> {
    wait_at_most(std::time::Duration::from_secs(60), "a notice", || Some(peer.heard()).filter(|heard| heard.len() >= number))
}

fn delivered(world: &World, lead: &str, number: usize) {
    wait_for("delivered", || {
        let trace = world.trace(lead);
        let states: Vec<_> = trace["notices"].as_array().into_iter().flatten().map(|notice| notice["state"].clone()).collect();
        Some(()).filter(|()| states == vec![json!("delivered"); number])
    });
}

#[test]
fn a_pending_leads_end_and_a_return_are_told_once_each_and_signed() {
    let listener = listening();
    let world = World::of(market(&listener.at));
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    let first = heard(&listener, 1).remove(0);
    assert_eq!((signed(&first), first.path.as_str()), (format!("{lead}.1"), "/told"));
    assert_eq!((&first.body["type"], &first.body["timestamp"]), (&json!("lead.decided"), &first.body["data"]["changed_at"]));
    let told = &first.body["data"];
    let status = world.status(&lead).ok("sold").json();
    assert_eq!((&told["lead_id"], &told["status"], &told["test"]), (&json!(lead), &json!("sold"), &json!(false)));
    assert_eq!((&told["price"], &told["currency"], &told["accepted_at"]), (&status["price"], &status["currency"], &status["accepted_at"]));
    for hidden in Person(1).lead().as_object().unwrap().values().filter_map(|value| value.as_str()).filter(|text| text.len() > 3) {
        assert!(!first.text.contains(hidden), "{hidden} in {}", first.text);
    }
    delivered(&world, &lead, 1);
    // Its buyer gives it back.
    let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
    let key = world.new_key("--buyer", "forgetful");
    Call::post(world.url(&format!("/v1/sales/{sale}/return"))).key(&key).json(&json!({ "reason": "invalid_phone" })).send();
    world.run(&["returns", "accept", &sale]).done();
    let second = heard(&listener, 2).remove(1);
    assert_eq!(signed(&second), format!("{lead}.2"));
    assert_eq!(
        (&second.body["type"], &second.body["data"]["status"], &second.body["data"]["price"]),
        (&json!("lead.returned"), &json!("returned"), &json!("0.00"))
    );
    delivered(&world, &lead, 2);
    assert_eq!(listener.heard().len(), 2, "once per change");
    assert_eq!(world.counted("pingpost_notices_total", "supplier=\"acme\",outcome=\"delivered\""), 2);
    assert_eq!(world.run(&["notices"]).done().stdout.trim(), "every supplier was told");
}

#[test]
fn what_the_operator_resolves_is_told_and_again_after_the_listener_was_down() {
    let is_down = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let down = std::sync::Arc::clone(&is_down);
    let listener =
        Peer::answering(move |_| if down.load(std::sync::atomic::Ordering::SeqCst) { answer("503 Service Unavailable", "") } else { answer("200 OK", "") });
    let buyer = Buyer::bids("silent", "30.00").flags("--unknown-rate 1").endpoint("idempotent = false");
    let notify = format!("notify_url = \"{}/told\"\nnotify_secret = \"{SECRET}\"", listener.at);
    let world = World::of(Market::new().supplier("acme", &notify).buyer(buyer));
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
    world.run(&["resolve", &sale, "--void"]).done();
    let refused = heard(&listener, 1).remove(0);
    assert_eq!((&refused.body["data"]["status"], &refused.body["data"]["price"]), (&json!("unsold"), &json!("0.00")));
    let waiting = wait_for("the failure", || {
        let listed = world.run(&["notices", "--json"]).done().json();
        Some(rows(&json!({ "notices": listed }), "notices").to_vec()).filter(|rows| rows.iter().any(|row| row["failure"] == "answered 503"))
    });
    assert_eq!((&waiting[0]["notice_id"], &waiting[0]["state"], &waiting[0]["supplier"]), (&json!(format!("{lead}.1")), &json!("waiting"), &json!("acme")));
    is_down.store(false, std::sync::atomic::Ordering::SeqCst);
    world.run(&["notices", "retry", &format!("{lead}.1")]).done();
    let all = heard(&listener, 2);
    assert_eq!((signed(&all[1]), &all[1].raw), (signed(&all[0]), &all[0].raw), "the same message under the same id");
    delivered(&world, &lead, 1);
    let again = world.run(&["notices", "retry", &format!("{lead}.1")]);
    assert!(again.stderr.contains("it was delivered"), "{}", again.stderr);
    assert!(world.run(&["notices", "retry", &lead]).stderr.contains("is no id of a notice"));
}

/// Killed while the listener has it and before its answer came: nobody knows whether it was heard, so it is told again.
#[test]
fn what_was_being_told_when_the_server_was_killed_is_told_again() {
    let gate = Gate::default();
    gate.close();
    let held = gate.clone();
    let listener = Peer::new(move |mut conversation| {
        while conversation.hear().is_some() {
            held.pass();
            if conversation.stream.write_all(&answer("200 OK", "")).is_err() {
                return;
            }
        }
    });
    let mut world = World::of(market(&listener.at));
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    heard(&listener, 1);
    assert!(!world.end("-KILL").success());
    gate.open();
    world.serve();
    let all = heard(&listener, 2);
    assert_eq!((signed(&all[1]), &all[1].raw), (signed(&all[0]), &all[0].raw));
    delivered(&world, &lead, 1);
}

#[test]
fn a_supplier_without_an_address_is_told_nothing() {
    let buyer = Buyer::bids("forgetful", "30.00").flags("--unknown-rate 1").endpoint("idempotent = false\nstatus_url = \"AT/status\"");
    let world = World::of(Market::new().buyer(buyer));
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    wait_for("unwanted", || Some(()).filter(|()| world.trace(&lead)["notices"][0]["state"] == "unwanted"));
    assert_eq!(world.run(&["notices", "--json"]).done().json(), json!([]));
}

/// Both nodes look for what is due, and one of them tells it.
#[test]
fn of_two_nodes_one_tells() {
    let Some(cluster) = cluster::shared() else { return };
    let database = cluster.database();
    let listener = listening();
    let world = World::of_database(market(&listener.at), database.url());
    let (_other, _) = world.another_node();
    let leads: Vec<String> = (1..=3).map(|number| world.lead(&Person(number).lead()).ok("pending").word("lead_id")).collect();
    for lead in &leads {
        delivered(&world, lead, 1);
    }
    let mut told: Vec<String> = listener.heard().iter().map(signed).collect();
    told.sort();
    let mut expected: Vec<String> = leads.iter().map(|lead| format!("{lead}.1")).collect();
    expected.sort();
    assert_eq!(told, expected, "each once");
}
