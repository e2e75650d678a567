//! What somebody tried to break: each of these once did.

use std::{io::Write as _, net::Shutdown, os::unix::fs::PermissionsExt};

use serde_json::json;

use crate::support::{
    Market, Person, World,
    http::{Call, raw},
    people::with,
    process::run,
    wait_for,
};

fn world() -> World {
    World::of(Market::of_bids(&["20.00"]))
}

#[test]
fn an_idempotency_key_is_kept_as_a_keyed_hash_alone() {
    let world = world();
    let key = "marker-of-a-key@example.com";
    let lead = world.call("/v1/leads/loans").once(key).json(&Person(1).lead()).send().ok("sold");
    assert_eq!(world.call("/v1/leads/loans").once(key).json(&Person(1).lead()).send().ok("sold").json(), lead.json());
    for file in ["exchange.db", "exchange.db-wal"] {
        let bytes = std::fs::read(world.data().join(file)).unwrap_or_default();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{file}");
    }
}

#[test]
fn a_test_is_one_whatever_the_case_of_its_name_and_is_said_once() {
    let world = world();
    for name in ["Test", "TEST", "test"] {
        let lead = world.lead(&with(Person(1).lead(), json!({ name: true }))).expect(200);
        assert_eq!(world.trace(&lead.word("lead_id"))["test"], true, "{name}");
    }
    let twice = Person(1).lead().to_string().replacen('{', "{\"test\":true,\"Test\":false,", 1);
    let refused = world.call("/v1/leads/loans").body("application/json", twice).send().expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "test");
}

#[test]
fn a_client_that_has_said_all_it_has_to_say_is_still_answered() {
    let world = world();
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = raw(&world.at, request, |stream| stream.shutdown(Shutdown::Write).unwrap());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_path_that_is_no_text_is_a_problem_like_every_other() {
    let world = world();
    for path in ["/v1/pings/%ff", "/v1/leads/%ff", "/v1/pings/%ff/post"] {
        let answer = Call::post(world.url(path)).key(&world.key).json(&Person(1).attributes()).send().expect(404);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
}

#[test]
fn the_store_is_its_owners_alone_even_in_a_directory_of_everybodys() {
    let world = world();
    world.lead(&Person(1).lead()).ok("sold");
    for file in ["exchange.db", "exchange.db-wal", "exchange.db-shm", "master.key"] {
        let mode = std::fs::metadata(world.data().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} is {mode:o}");
    }
}

#[test]
fn what_cannot_be_read_of_a_market_is_not_passed_over() {
    let world = world();
    let market = world.market_directory();
    let gone = market.join("buyers/gone.toml");
    std::os::unix::fs::symlink("nowhere", &gone).unwrap();
    let refused = run(&["check", market.to_str().unwrap()]).refused();
    assert!(refused.stderr.contains("gone.toml"), "{refused:?}");
    std::fs::remove_file(&gone).unwrap();
    std::fs::create_dir(&gone).unwrap();
    run(&["check", market.to_str().unwrap()]).refused();
}

#[test]
fn a_line_that_is_no_http_is_hung_up_on() {
    let world = world();
    let answer = raw(&world.at, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", |stream| stream.flush().unwrap());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[test]
fn a_quote_of_an_older_market_is_auctioned_again_under_the_new_one() {
    let market = Market::of_bids(&["20.00"]).supplier("again", "accept_requote = true\nquote = { kind = \"indicative\", ttl_s = 1 }");
    let mut world = World::of(market);
    let key = world.new_key("--supplier", "again");
    let ping = Call::post(world.url("/v1/pings/loans")).key(&key).json(&Person(1).attributes()).send().ok("matched").word("ping_id");
    // A field that comes before all others moves each of them by a place.
    world.market = world.market.clone().more("verticals/loans.toml", "\n[fields.aa_first]\ntype = \"text\"\nping = \"value\"\n");
    world.apply().done();
    wait_for("the new revision", || Some(()).filter(|()| world.metrics().contains("pingpost_market_revision 2")));
    // Nothing tells that a quote has expired but the time.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let sold = Call::post(world.url(&format!("/v1/pings/{ping}/post"))).key(&key).json(&Person(1).lead()).send().ok("sold");
    let asked = world.calls("alpha", "/ping");
    assert_eq!(asked.len(), 2, "its buyers were asked again");
    let shown = json!({ "amount": "200000-299999", "birth_date": "45-54", "state": "CA" });
    assert_eq!(asked[1]["body"]["attributes"], shown, "each value under its own name");
    assert_eq!(world.trace(&sold.word("lead_id"))["revision"], 2);
}

#[test]
fn json_that_is_sent_as_a_form_is_told_so() {
    let world = world();
    let body = Person(1).lead().to_string();
    let refused = world.call("/v1/leads/loans").body("application/x-www-form-urlencoded", body).send().expect(400);
    assert!(refused.text.contains("Content-Type: application/json"), "{}", refused.text);
}

#[test]
fn a_store_has_one_node() {
    let world = world();
    let refused = world.run(&["serve", "--listen", "127.0.0.1:0"]).refused();
    assert!(refused.stderr.contains("another"), "{refused:?}");
    world.lead(&Person(1).lead()).ok("sold");
}
