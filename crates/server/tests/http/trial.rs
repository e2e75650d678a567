//! `pingpost try`: a buyer's mapping, looked at and tried before anything is applied.

use crate::support::{
    Buyer, Market,
    peer::{Peer, answer},
    process::{pingpost, ran, run},
};

const SECRET: &str = "PINGPOST_TEST_TRIED_KEY";

const PIPES: &str = r#"protocol = "mapped"
[endpoint.own]
key = "env:PINGPOST_TEST_TRIED_KEY"
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
"#;

/// `try` shows what a run would send, without a store; with `--send`, the answers and how they are read.
#[test]
fn a_buyer_is_tried_before_it_is_applied() {
    let peer = Peer::answering(|heard| match heard.path.as_str() {
        "/test/ping" => answer("200 OK", "ACCEPT|12,50|ref=77"),
        _ => answer("200 OK", "SOLD\n"),
    });
    let tests = format!("test_ping_url = \"{0}/test/ping\"\ntest_post_url = \"{0}/test/post\"\n", peer.at);
    let buyer = Buyer::played("partner", &peer.at).endpoint(&format!("{tests}{PIPES}"));
    let directory = tempfile::tempdir().unwrap();
    let market = directory.path().join("market");
    Market::new().buyer(buyer).write(&market, &[("partner".to_owned(), peer.at.clone())].into());
    let market = market.to_str().unwrap();

    let shown = run(&["try", "partner/main", "--market", market, "--json"]).done().json();
    let ping = shown[0]["request"].as_str().unwrap();
    assert!(ping.starts_with("POST /ping HTTP/1.1\r\n") && ping.ends_with("\r\n\r\nPING|CA|200000-299999"), "{ping}");
    assert!(ping.contains(&format!("x-key: env:{SECRET}\r\n")) && ping.contains("content-length: 21\r\n"), "{ping}");
    let post = shown[1]["request"].as_str().unwrap();
    assert!(post.ends_with("\r\n\r\nPOST|reference|Ada|+13235550142"), "{post}");
    assert!(peer.heard().is_empty(), "nothing is sent");
    assert!(
        run(&["try", "partner/main", "--market", market, "--send"]).refused().stderr.contains(&format!("{SECRET} isn't in the environment: start with it"))
    );

    let sent = ran(pingpost().env(SECRET, "k-9").args(["try", "partner/main", "--market", market, "--send"])).done().stdout;
    for expected in ["ACCEPT|12,50|ref=77", "a bid: exclusive 12.50, reference 77", "POST|77|Ada", "Read as accepted"] {
        assert!(sent.contains(expected), "{expected} in {sent}");
    }
    assert!(!sent.contains("k-9"), "a secret is shown by its name: {sent}");
    let heard = peer.heard();
    assert_eq!(heard.iter().map(|heard| heard.path.as_str()).collect::<Vec<_>>(), ["/test/ping", "/test/post"]);
    assert!(heard[0].text.contains("x-key: k-9"), "{}", heard[0].text);

    let lead = directory.path().join("lead.json");
    std::fs::write(&lead, r#"{"state": "NV", "amount": "150000", "first_name": "Grace"}"#).unwrap();
    let shown = run(&["try", "partner/main", "--market", market, "--lead", lead.to_str().unwrap()]);
    assert!(shown.refused().stderr.contains("phone"), "what the lead lacks is named");
    assert!(run(&["try", "nobody/main", "--market", market]).refused().stderr.contains("no contract nobody/main"));
}

/// What a buyer answers is shown as text: it can't move the cursor, name the window or hide a line. And who tries it by a script is told by
/// the exit status that nobody could read it.
#[test]
fn an_answer_that_cannot_be_read_is_a_failure_and_commands_no_terminal() {
    let peer = Peer::answering(|_| answer("200 OK", "\u{1b}]0;yours\u{7}MAYBE\r\u{9b}2Jlater\r\n\tend\n"));
    let tests = format!("test_ping_url = \"{0}/test/ping\"\ntest_post_url = \"{0}/test/post\"\n", peer.at);
    let buyer = Buyer::played("partner", &peer.at).endpoint(&format!("{tests}{PIPES}"));
    let directory = tempfile::tempdir().unwrap();
    let market = directory.path().join("market");
    Market::new().buyer(buyer).write(&market, &[("partner".to_owned(), peer.at.clone())].into());
    let tried = ran(pingpost().env(SECRET, "k-9").args(["try", "partner/main", "--market", market.to_str().unwrap(), "--send"])).refused();
    assert!(tried.stdout.contains("␛]0;yours␇MAYBE␍\u{fffd}2Jlater\n\tend\n"), "{:?}", tried.stdout);
    assert!(!tried.stdout.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t')), "{:?}", tried.stdout);
    assert!(tried.stderr.contains("the ping came to nothing: no bid, unread"), "{}", tried.stderr);
}
