//! Buyers that are told what they buy and asked nothing: a signed webhook, settled by any 2xx.

use serde_json::json;
use wire::webhook::{DEFAULT_TOLERANCE_S, Signed, SigningSecret};

use crate::support::{
    Market, Person, World,
    peer::{Heard, Peer, answer},
    people::with,
    wait_for,
    world::{row, rows},
};

const SECRET: &str = "whsec_YS10b2xkLWJ1eWVycy1zZWNyZXQtb2YtdGVzdHM=";

/// A buyer that is told at a fixed price, beside one that bids less.
fn world(peer: &Peer, endpoint: &str) -> World {
    let told = format!(
        "label = \"told\"\ncredit = \"500.00\"\n[endpoint]\nprotocol = \"webhook\"\nsecret = \"{SECRET}\"\npost_url = \"{at}/leads\"\n{endpoint}\n\
         [contracts.main]\nvertical = \"loans\"\ntags = [\"all\"]\nprice = \"30.00\"\n",
        at = peer.at
    );
    let tier = "mode = \"competitive\"\ndeadline_ms = 4000\nsale = \"exclusive\"";
    World::of_traced(Market::of_bids(&["20.00"]).tree("max_disclosures = 3", tier).file("buyers/told.toml", &told))
}

fn header<'a>(heard: &'a Heard, name: &str) -> &'a str {
    let line = heard.text.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)));
    line.map(|(_, value)| value).unwrap_or_else(|| panic!("no {name} in {}", heard.text))
}

/// The post that it is, signed under its id.
fn post_of(heard: &Heard) -> String {
    let (id, timestamp) = (header(heard, "webhook-id"), header(heard, "webhook-timestamp"));
    let secret: SigningSecret = SECRET.parse().unwrap();
    let signed = Signed { id, timestamp, signatures: header(heard, "webhook-signature") };
    assert_eq!(secret.verify(signed, heard.raw.as_bytes(), timestamp.parse().unwrap(), DEFAULT_TOLERANCE_S), Ok(()));
    assert_eq!(heard.body["post_id"], id);
    id.to_owned()
}

#[test]
fn a_webhook_is_never_asked_and_has_the_lead_once_it_answers_2xx() {
    let peer = Peer::answering(|_| answer("202 Accepted", "thanks, and no JSON"));
    let world = world(&peer, "");
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    assert_eq!((quote.word("price"), peer.connections()), ("24.00".to_owned(), 0));
    let lead = world.post(&quote.word("ping_id"), &Person(1).lead()).ok("sold").word("lead_id");
    let heard = peer.heard().remove(0);
    post_of(&heard);
    assert_eq!(
        (heard.path.as_str(), &heard.body["contact"]["phone"], &heard.body["price"]),
        ("/leads", &json!(format!("+1{}", Person(1).phone())), &json!("30.00"))
    );
    let trace = world.trace(&lead);
    assert_eq!((&row(&trace, "sales", "told")["status"], rows(&trace, "ledger").len()), (&json!("sold"), 3));
    assert!(!world.has_seen("alpha", &Person(1).phone()));
    for secret in Person(1).secrets() {
        assert!(!world.logs().contains(&secret), "{secret} is logged");
    }
}

#[test]
fn a_webhook_that_refuses_leaves_the_lead_to_the_next_buyer() {
    let peer = Peer::answering(|_| answer("422 Unprocessable Content", "{\"status\": \"accepted\"}"));
    let world = world(&peer, "");
    let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
    let trace = world.trace(&lead);
    assert_eq!((&row(&trace, "sales", "told")["status"], &row(&trace, "sales", "told")["reason"]), (&json!("void"), &json!("rejected: http_422")));
    assert_eq!(row(&trace, "sales", "alpha")["status"], "sold");
}

/// Its first answers are lost or say nothing: the same webhook comes again under the same id, and to nobody else.
#[test]
fn a_webhook_without_an_answer_is_sent_again_under_the_same_id() {
    let told = std::sync::atomic::AtomicUsize::new(0);
    let peer = Peer::answering(move |_| {
        let is_ready = told.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 1;
        if is_ready { answer("204 No Content", "") } else { answer("502 Bad Gateway", "") }
    });
    let world = world(&peer, "");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    wait_for("sold", || Some(()).filter(|()| world.status(&lead).json()["status"] == "sold"));
    let posts: Vec<String> = peer.heard().iter().map(post_of).collect();
    assert!(posts.len() == 3 && posts.iter().all(|post| *post == posts[0]), "{posts:?}");
    assert!(!world.has_seen("alpha", &Person(1).phone()));
}

#[test]
fn a_test_lead_goes_to_the_test_address_alone() {
    let peer = Peer::answering(|_| answer("200 OK", ""));
    let world = world(&peer, &format!("test_post_url = \"{}/test\"", peer.at));
    let lead = world.lead(&with(Person(1).lead(), json!({ "test": true }))).ok("sold").word("lead_id");
    assert!(rows(&world.trace(&lead), "ledger").is_empty());
    assert_eq!(peer.heard().iter().map(|heard| (heard.path.clone(), heard.body["test"].clone())).collect::<Vec<_>>(), [("/test".to_owned(), json!(true))]);
}
