//! Buyers with an interface of their own, over real sockets, from ping to sold: one in JSON, one in XML, one in plain text.

use serde_json::json;

use crate::support::{
    Buyer, Market, Person, World,
    peer::{Heard, Peer, answer},
    world::{row, rows},
};

const SECRET: &str = "PINGPOST_TEST_PARTNER_KEY";

/// A buyer of this interface beside `alpha`, which pays less.
fn world(peer: &Peer, endpoint: &str, contract: &str) -> World {
    let buyer = Buyer::played("partner", &peer.at).endpoint(endpoint).contract(contract);
    World::of_traced(Market::new().buyer(Buyer::bids("alpha", "20.00")).buyer(buyer))
}

/// Sells a lead to the partner, by ping and post and at once; gives what the partner heard.
fn sell(world: &World, peer: &Peer) -> Vec<Heard> {
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    assert_eq!(quote.word("price"), "24.00", "30.00 less 20 %");
    let pings = peer.heard();
    for secret in Person(1).secrets() {
        assert!(pings.iter().all(|heard| !heard.text.contains(&secret)), "{secret} in a ping");
    }
    let sold = world.post(&quote.word("ping_id"), &Person(1).lead()).ok("sold");
    assert_eq!(row(&world.trace(&sold.word("lead_id")), "sales", "partner")["status"], "sold");
    world.lead(&Person(2).lead()).ok("sold");
    assert!(!world.has_seen("alpha", &Person(1).phone()) && !world.has_seen("alpha", &Person(2).phone()));
    for secret in Person(1).secrets().iter().chain(&Person(2).secrets()) {
        assert!(!world.logs().contains(secret), "{secret} is logged");
    }
    peer.heard()
}

#[test]
fn a_json_buyer_is_pinged_and_buys_by_its_own_names() {
    let peer = Peer::answering(|heard| match heard.path.as_str() {
        "/ping" => answer("200 OK", r#"{"status": "success", "auth_code": "ac-1", "price": "$30.00"}"#),
        _ => answer("200 OK", r#"{"status": "success", "lead_id": "J-7", "redirect_url": "https://partner.example/next"}"#),
    });
    let endpoint = "protocol = \"jangl\"\nfields = { amount = \"loan_amount\", phone = { name = \"phone\", format = \"digits\" } }\n\
                    [endpoint.post.set]\npaid = { from = \"post.price\", format = \"number\" }";
    let world = world(&peer, endpoint, "");
    let heard = sell(&world, &peer);
    let ping: serde_json::Value = serde_json::from_str(&heard[0].raw).unwrap();
    assert_eq!(ping, json!({ "loan_amount": "200000-299999", "state": "CA" }));
    let post: serde_json::Value = serde_json::from_str(&heard[1].raw).unwrap();
    assert_eq!(
        (&post["auth_code"], &post["loan_amount"], &post["phone"], &post["paid"]),
        (&json!("ac-1"), &json!("245000.00"), &json!(Person(1).phone()), &json!(30.0))
    );
    assert_eq!(post["first_name"], "Thessaly");
}

#[test]
fn an_xml_buyer_is_pinged_and_buys_in_xml() {
    let peer = Peer::answering(|heard| match heard.path.as_str() {
        "/ping" => answer("200 OK", "<?xml version=\"1.0\"?>\n<Response><Price>$30.00</Price><Confirmation>C-1</Confirmation></Response>"),
        _ => answer("200 OK", "<Response><Price>30.00</Price><Confirmation>C-1</Confirmation></Response>"),
    });
    let world = world(&peer, "protocol = \"astoria-xml\"\nown = { key = \"k-1\" }\nping = { set = { \"Request.@key\" = \"{{own.key}}\" } }", "");
    let heard = sell(&world, &peer);
    assert!(heard[0].raw.contains("<Request key=\"k-1\"><amount>200000-299999</amount>"), "{}", heard[0].raw);
    assert!(heard[0].text.to_lowercase().contains("content-type: application/xml"), "{}", heard[0].text);
    assert!(heard[1].raw.contains("<Confirmation>C-1</Confirmation>") && heard[1].raw.contains("<first_name>Thessaly</first_name>"), "{}", heard[1].raw);
}

const PIPES: &str = r#"protocol = "mapped"
[endpoint.ping]
format = "text"
body = "PING|{{state}}|{{amount}}"
headers = { x-key = "{{own.key}}" }
[endpoint.ping.answer]
accepted = { at = 'regex:^(ACCEPT)\|', is = "ACCEPT" }
rejected = { at = "body", matches = "^REJECT" }
price = { at = 'regex:^ACCEPT\|([0-9,]+)', decimal = "," }
reference = 'regex:ref=(\w+)'
[endpoint.post]
format = "text"
body = "POST|{{post.reference}}|{{first_name}}|{{phone}}"
[endpoint.post.answer]
accepted = { at = "body", is = "SOLD" }
rejected = { at = "body", matches = "^REJECT" }
[endpoint.own]
key = "k-9"
"#;

#[test]
fn a_text_buyer_is_pinged_and_buys_in_lines() {
    let peer = Peer::answering(|heard| if heard.path == "/ping" { answer("200 OK", "ACCEPT|30,00|ref=77") } else { answer("200 OK", "SOLD\n") });
    let world = world(&peer, PIPES, "");
    let heard = sell(&world, &peer);
    assert_eq!((heard[0].raw.as_str(), heard[1].raw.clone()), ("PING|CA|200000-299999", format!("POST|77|Thessaly|+1{}", Person(1).phone())));
    assert!(heard[0].text.contains("x-key: k-9"), "{}", heard[0].text);
}

/// An answer that fits nothing leaves the sale unknown: nobody else gets the lead, the partner isn't asked twice, and the trace
/// shows how the answer begins, without the contact that it repeats.
#[test]
fn an_answer_that_fits_nothing_is_unknown_and_kept_for_the_trace() {
    let peer = Peer::answering(|heard| {
        if heard.path == "/ping" { answer("200 OK", "ACCEPT|30,00|ref=77") } else { answer("200 OK", &format!("Thank you for {} today", heard.raw)) }
    });
    let world = world(&peer, PIPES, "");
    let lead = world.lead(&Person(1).lead()).ok("pending");
    let trace = world.trace(&lead.word("lead_id"));
    assert_eq!(row(&trace, "sales", "partner")["status"], "unknown");
    assert!(!world.has_seen("alpha", &Person(1).phone()));
    let unread = &rows(&trace, "unread")[0];
    assert_eq!((&unread["contract"], &unread["call"], &unread["what"]), (&json!("partner/main"), &json!("post"), &json!("fits nothing that is known")));
    let kept = unread["answer"].as_str().unwrap();
    assert!(kept.starts_with("Thank you for POST|77|•••|•••") && kept.ends_with("today"), "{kept}");
    assert_eq!(peer.heard().iter().filter(|heard| heard.path == "/post").count(), 1, "a buyer that isn't idempotent is sent a lead once");
    for secret in Person(1).secrets() {
        assert!(!trace.to_string().contains(&secret), "{secret}");
    }
}

/// A secret that the environment doesn't have: nothing is sent, and the next buyer has the lead.
#[test]
fn a_missing_secret_costs_one_bid_and_no_lead() {
    let peer = Peer::answering(|_| answer("200 OK", "ACCEPT|30,00|ref=77"));
    let world = world(&peer, &PIPES.replace("\"k-9\"", &format!("\"env:{SECRET}\"")), "");
    let lead = world.lead(&Person(1).lead()).ok("sold");
    let trace = world.trace(&lead.word("lead_id"));
    let ping = row(&trace, "pings", "partner");
    assert_eq!((&ping["outcome"], &ping["reason"]), (&json!("malformed"), &json!("a secret isn't in the environment")));
    assert_eq!(row(&trace, "sales", "alpha")["status"], "sold");
    assert!(peer.heard().is_empty());
}

/// A strict contract and a buyer that goes silent over the post: it confirms without the contact, and its status settles the sale.
#[test]
fn a_strict_buyer_confirms_by_its_own_words() {
    let peer = Peer::answering(|heard| match heard.path.split('?').next().unwrap_or_default() {
        "/ping" => answer("200 OK", "ACCEPT|30,00|ref=77"),
        "/confirm" => answer("200 OK", "ok=1"),
        _ => answer("200 OK", "SOLD"),
    });
    let more = format!(
        "confirm_url = \"{}/confirm\"\n{PIPES}[endpoint.confirm]\nformat = \"form\"\nset = {{ id = \"{{{{post.id}}}}\", ref = \"{{{{post.reference}}}}\", state = \"{{{{state}}}}\" }}\n\
         [endpoint.confirm.answer]\nformat = \"form\"\naccepted = {{ at = \"ok\", is = \"1\" }}\nrejected = {{ at = \"ok\", is = \"0\" }}\n",
        peer.at
    );
    let world = world(&peer, &more, "disclosure = \"strict\"");
    world.lead(&Person(1).lead()).ok("sold");
    let heard = peer.heard();
    assert_eq!(heard.iter().map(|heard| heard.path.as_str()).collect::<Vec<_>>(), ["/ping", "/confirm", "/post"]);
    assert!(heard[1].raw.ends_with("&ref=77&state=CA"), "{}", heard[1].raw);
    for secret in Person(1).secrets() {
        assert!(!heard[1].text.contains(&secret), "{secret} in a confirmation");
    }
}
