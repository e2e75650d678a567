//! The exchange is killed, or told to end, in the middle of a lead.

use serde_json::json;

use crate::support::{
    Answer, Buyer, Market, Person, World, wait_for,
    world::{row, rows},
};

/// At a fixed price: it isn't pinged, and takes its time over the post.
fn slow(latency: &str) -> Buyer {
    let buyer = Buyer::bids("slow", "1.00").flags(&format!("--latency {latency}"));
    Buyer { contract: "price = \"30.00\"\ncaps = [{ count = 2, per = \"day\" }]".into(), ..buyer }
}

/// Sends a lead, and calls `meanwhile` as soon as the buyer has what its path ends with. None: no answer came.
fn send_and(world: &mut World, person: Person, key: &str, buyer: &str, ending: &str, meanwhile: impl FnOnce(&mut World)) -> Option<Answer> {
    let call = world.call("/v1/leads/loans").once(key).json(&person.lead());
    std::thread::scope(|scope| {
        let answer = scope.spawn(move || call.try_send());
        let before = world.count(buyer, ending);
        wait_for(ending, || Some(()).filter(|()| world.count(buyer, ending) > before || world.has_seen(buyer, &person.phone())));
        meanwhile(world);
        answer.join().unwrap()
    })
}

fn kill(world: &mut World) {
    assert!(!world.end("-KILL").success());
}

#[test]
fn killed_during_a_post_the_lead_is_pending_and_goes_to_nobody_else() {
    let mut world = World::of(Market::new().buyer(slow("2s")).buyer(Buyer::bids("next", "20.00")));
    let before = world.lead(&Person(9).lead()).ok("sold").word("lead_id");
    assert_eq!(send_and(&mut world, Person(1), "one", "slow", "/post", kill).map(|answer| answer.status), None);
    world.serve();

    let repeat = world.call("/v1/leads/loans").once("one").json(&Person(1).lead()).send().ok("pending");
    let trace = world.trace(&repeat.word("lead_id"));
    assert_eq!((&trace["status"], &row(&trace, "sales", "slow")["status"]), (&json!("pending"), &json!("unknown")));
    assert!(rows(&trace, "ledger").is_empty());
    assert_eq!(rows(&trace, "disclosures").len(), 1);
    assert_eq!(world.who_has_seen(&Person(1).phone()), ["slow"]);
    assert_eq!(world.count("slow", "/post"), 2, "nothing is resent");
    // What was sold before is sold, and its slot and the held one fill the cap.
    world.status(&before).ok("sold");
    world.trace(&before);
    let third = world.lead(&Person(3).lead()).ok("sold");
    assert_eq!(row(&world.trace(&third.word("lead_id")), "contracts", "slow")["reason"], "cap: 2 per day");
}

#[test]
fn killed_before_anything_was_posted_the_repeat_auctions_again() {
    let mut world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").flags("--latency 3s").contract("caps = [{ count = 1, per = \"day\" }]")));
    assert_eq!(send_and(&mut world, Person(1), "one", "alpha", "/ping", kill).map(|answer| answer.status), None);
    world.serve();
    // It was disclosed to nobody: the same person is no duplicate, and no cap slot was lost.
    let repeat = || world.call("/v1/leads/loans").once("one").json(&Person(1).lead()).send().ok("sold");
    let sold = repeat();
    assert_eq!(repeat().json(), sold.json(), "and is a repeat from then on");
    assert_eq!(world.count("alpha", "/post"), 1);
}

#[test]
fn told_to_end_it_finishes_what_it_has_begun() {
    let mut world = World::of(Market::new().buyer(slow("1s")));
    let at = world.at.clone();
    let answer = send_and(&mut world, Person(1), "one", "slow", "/post", |world| {
        let status = world.end("-TERM");
        assert!(status.success(), "{status}");
    });
    let sold = answer.expect("the answer").ok("sold");
    assert!(crate::support::Call::get(format!("{at}/healthz")).try_send().is_none(), "it has ended");
    world.serve();
    world.status(&sold.word("lead_id")).ok("sold");
    assert_eq!(row(&world.trace(&sold.word("lead_id")), "sales", "slow")["status"], "sold");
}

#[test]
fn a_supplier_that_hangs_up_loses_nothing() {
    let world = World::of(Market::new().buyer(slow("600ms")));
    let body = Person(1).lead().to_string();
    let request = format!(
        "POST /v1/leads/loans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: one\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        world.key,
        body.len()
    );
    let mut socket = std::net::TcpStream::connect(world.at.strip_prefix("http://").unwrap()).unwrap();
    std::io::Write::write_all(&mut socket, request.as_bytes()).unwrap();
    wait_for("the post", || Some(()).filter(|()| world.count("slow", "/post") == 1));
    drop(socket);
    let again = wait_for("the answer", || Some(world.call("/v1/leads/loans").once("one").json(&Person(1).lead()).send()).filter(|answer| answer.status == 200));
    again.ok("sold");
    assert_eq!(world.count("slow", "/post"), 1);
}
