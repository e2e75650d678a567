//! Alerts: raised once, told once by each way, over when all is well.

use serde_json::{Value, json};
use wire::webhook::{DEFAULT_TOLERANCE_S, Signed, SigningSecret};

use crate::support::{
    Buyer, Call, Market, Person, World,
    mail_server::{Does, MailServer, PLAIN},
    peer::{Heard, Peer, answer},
    waiting::wait_at_most,
};

const SECRET: &str = "whsec_b3BlcmF0b3JzLXNlY3JldC1vZi10aGUtdGVzdHM=";

fn market(webhook: &str, cap: u32) -> Market {
    let alerts = format!(
        "[alerts]\ncap_percent = 50\ncredit_below = \"0.00\"\ndisk_percent = 1\nwebhook_url = \"{webhook}/alerts\"\nwebhook_secret = \"{SECRET}\"\nmail_to = [\"ops@exchange.example\"]"
    );
    Market::new().more("market.toml", &alerts).buyer(Buyer::bids("alpha", "20.00").contract(&format!("caps = [{{ count = {cap}, per = \"day\" }}]")))
}

fn header<'a>(heard: &'a Heard, name: &str) -> &'a str {
    let line = heard.text.lines().find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)));
    line.map(|(_, value)| value).unwrap_or_else(|| panic!("no {name} in {}", heard.text))
}

/// Of the cap alone: the machine's disk may be nearly full, too.
fn heard(peer: &Peer, number: usize) -> Vec<Heard> {
    wait_at_most(std::time::Duration::from_secs(60), "an alert", || {
        let of_cap = peer.heard().into_iter().filter(|heard| heard.body["data"]["alert"] == "cap_nearly_full").collect::<Vec<_>>();
        Some(of_cap).filter(|heard| heard.len() >= number)
    })
}

#[test]
fn a_cap_that_is_nearly_full_is_told_when_it_is_and_when_it_is_over() {
    let (operator, mails) = (Peer::answering(|_| answer("204 No Content", "")), MailServer::start(PLAIN, |_, _| Does::AsUsual));
    let smtp = format!("[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Exchange <alerts@exchange.example>\"\n", mails.port);
    let mut world = World::configured(market(&operator.at, 2), &smtp);
    world.lead(&Person(1).lead()).ok("sold");
    // The first look is at the start.
    world.end("-TERM");
    world.serve();
    let raised = heard(&operator, 1).remove(0);
    let (id, timestamp) = (header(&raised, "webhook-id"), header(&raised, "webhook-timestamp"));
    let signed = Signed { id, timestamp, signatures: header(&raised, "webhook-signature") };
    let secret: SigningSecret = SECRET.parse().unwrap();
    assert_eq!(secret.verify(signed, raised.raw.as_bytes(), timestamp.parse().unwrap(), DEFAULT_TOLERANCE_S), Ok(()));
    assert_eq!((raised.path.as_str(), &raised.body["type"], &raised.body["data"]["alert"]), ("/alerts", &json!("alert.raised"), &json!("cap_nearly_full")));
    assert_eq!((&raised.body["data"]["about"], &raised.body["data"]["cleared_at"]), (&json!("alpha/main count per day"), &serde_json::Value::Null));
    assert!(raised.body["data"]["says"].as_str().unwrap().starts_with("alpha/main has used 1 of 2 per day"), "{}", raised.text);
    let of_cap = || mails.received().into_iter().find(|mail| mail.mail.contains("Cap nearly full"));
    let mail = wait_at_most(std::time::Duration::from_secs(60), "a mail", of_cap);
    assert_eq!(mail.to, ["TO:<ops@exchange.example>"]);
    assert!(mail.mail.contains("Subject: Alert: Cap nearly full: alpha/main count per day\r\n") && mail.mail.contains("1 of 2 per day"), "{}", mail.mail);

    // Command line, API and page say the same.
    let olga = world.new_key("--operator", "olga");
    let told = |world: &World| {
        let answer = Call::get(world.url("/v1/admin/alerts")).key(&olga).send().expect(200);
        crate::support::shape::Shapes::of(world).hold("get", "/v1/admin/alerts", &answer.json());
        assert_eq!(world.run(&["alerts", "--json"]).done().json(), answer.json());
        answer.json()
    };
    let of_cap = |list: &Value| list.as_array().unwrap().iter().filter(|alert| alert["alert"] == "cap_nearly_full").cloned().collect::<Vec<_>>();
    let standing = of_cap(&told(&world)["standing"]);
    assert_eq!((standing.len(), &standing[0]["about"], &standing[0]["says"]), (1, &json!("alpha/main count per day"), &raised.body["data"]["says"]));
    assert!(world.run(&["alerts"]).done().stdout.contains("Cap nearly full"));
    let page = world.person("ann", "read-only").get("/console/alerts").expect(200).text;
    assert!(page.contains("alpha/main has used 1 of 2 per day"), "{page}");

    // It stands: the next look tells nothing. More room ends it.
    world.market = market(&operator.at, 100);
    world.apply().done();
    world.end("-TERM");
    world.serve();
    let all = heard(&operator, 2);
    assert_eq!((all.len(), &all[1].body["type"], &all[1].body["data"]["raised_at"]), (2, &json!("alert.cleared"), &raised.body["data"]["raised_at"]));
    assert_ne!(header(&all[1], "webhook-id"), id);
    let all = told(&world);
    assert_eq!((of_cap(&all["standing"]).len(), of_cap(&all["cleared"]).len()), (0, 1));
    assert!(world.run(&["alerts", "--all"]).done().stdout.contains("Over"));
}
