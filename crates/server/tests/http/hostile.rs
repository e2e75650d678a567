//! What hostile buyers cost everybody else: measured, and bounded widely.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::support::{
    Buyer, Call, Market, Person, World, now, p99,
    peer::{Conversation, Peer, answer},
    people::with,
};

/// How long a round takes, and how many pings a second it has: those that are measured, and those beside them. Of 2,000 pings 20
/// are slower than the p99: of a few hundred it would be whatever the machine did in the worst two or three moments.
const ROUND: Duration = Duration::from_secs(20);
const MEASURED_PER_S: u32 = 100;
const BESIDE_PER_S: u32 = 10;
const ROUNDS: usize = 5;
/// Of an auction with hostile buyers in it.
const DEADLINE: Duration = Duration::from_secs(1);

fn gzip_bomb(mut conversation: Conversation) {
    while conversation.hear().is_some() {
        let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n";
        let chunk = format!("10000\r\n{}\r\n", "\0".repeat(0x10000));
        if conversation.stream.write_all(head.as_bytes()).is_ok() {
            while conversation.stream.write_all(chunk.as_bytes()).is_ok() {}
        }
    }
}

fn gigabyte(mut conversation: Conversation) {
    while conversation.hear().is_some() {
        drop(conversation.stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n"));
        let part = vec![b' '; 1 << 20];
        for _ in 0..1024 {
            if conversation.stream.write_all(&part).is_err() {
                return;
            }
        }
    }
}

fn slow_loris(mut conversation: Conversation) {
    while conversation.hear().is_some() {
        for byte in answer("200 OK", &format!("{{\"bid\": \"30.00\"{}}}", " ".repeat(1000))) {
            if conversation.stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn silent(mut conversation: Conversation) {
    conversation.hold();
}

fn interim(mut conversation: Conversation) {
    if conversation.hear().is_some() {
        let storm = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000);
        while conversation.stream.write_all(&storm).is_ok() {}
    }
}

fn huge_header(mut conversation: Conversation) {
    if conversation.hear().is_some() {
        let line = format!("x: {}\r\n", "y".repeat(4000));
        if conversation.stream.write_all(b"HTTP/1.1 200 OK\r\n").is_ok() {
            while conversation.stream.write_all(line.as_bytes()).is_ok() {}
        }
    }
}

/// Three good buyers; `acme` sells to them. So does `calm`, and so does `foul`, but beside the hostile ones.
fn world() -> World {
    type Behave = fn(Conversation);
    let hostile: [(&str, Behave); 6] =
        [("bomb", gzip_bomb), ("gigabyte", gigabyte), ("loris", slow_loris), ("silent", silent), ("interim", interim), ("header", huge_header)];
    let good = ["alpha", "beta", "gamma"];
    let tests = "test_ping_url = \"AT/ping\"\ntest_post_url = \"AT/post\"";
    let contracts = |names: &[&str]| names.iter().map(|name| format!("\"{name}/main\"")).collect::<Vec<_>>().join(", ");
    let tree = |suppliers: &str, deadline: Duration, names: &[&str]| {
        let deadline = deadline.as_millis();
        format!("vertical = \"loans\"\n{suppliers}\ndeadline_ms = {deadline}\n[[tiers]]\nmode = \"competitive\"\ncontracts = [{}]\n", contracts(names))
    };
    let all: Vec<&str> = good.into_iter().chain(hostile.map(|(name, _)| name)).collect();
    let long = Duration::from_secs(20);
    let mut market = Market::new()
        .file("trees/loans.toml", &tree("", long, &good))
        .file("trees/calm.toml", &tree("suppliers = [\"calm\"]", long, &good))
        .file("trees/foul.toml", &tree("suppliers = [\"foul\"]", DEADLINE, &all))
        .supplier("calm", "")
        .supplier("foul", "");
    for (name, bid) in good.iter().zip(["18.00", "25.00", "12.50"]) {
        market = market.buyer(Buyer::bids(name, bid).endpoint(tests));
    }
    for (name, behave) in hostile {
        market = market.buyer(Buyer::played(name, &Peer::new(behave).at).endpoint(tests));
    }
    World::of(market)
}

/// Sends pings at an even rate, whether or not they are answered, and gives how long each took. All are matched.
fn stream(world: &World, key: &str, per_s: u32, test: bool) -> Vec<Duration> {
    let took = Arc::new(Mutex::new(Vec::new()));
    let began = now();
    thread::scope(|scope| {
        for number in 0..per_s * ROUND.as_secs() as u32 {
            thread::sleep((began + number * Duration::from_secs(1) / per_s).saturating_duration_since(now()));
            let took = Arc::clone(&took);
            let body = with(Person(number).attributes(), json!({ "test": test }));
            let call = Call::post(world.url("/v1/pings/loans")).key(key).json(&body);
            scope.spawn(move || {
                let sent = now();
                call.send().ok("matched");
                took.lock().unwrap().push(now() - sent);
            });
        }
    });
    Arc::try_unwrap(took).unwrap().into_inner().unwrap()
}

/// The measured pings' p99, and the longest of those beside them.
fn round(world: &World, beside: &str, test: bool) -> (Duration, Duration) {
    thread::scope(|scope| {
        let beside = scope.spawn(|| stream(world, beside, BESIDE_PER_S, test));
        let measured = stream(world, &world.key, MEASURED_PER_S, false);
        (p99(measured), beside.join().unwrap().into_iter().max().unwrap())
    })
}

#[test]
#[ignore = "takes seven minutes: part of ./test --long"]
fn hostile_buyers_cost_nobody_else_a_bid_or_much_time() {
    if cfg!(debug_assertions) {
        return eprintln!("SKIPPED: measured in a release build alone");
    }
    let world = world();
    let (calm, foul) = (world.new_key("--supplier", "calm"), world.new_key("--supplier", "foul"));
    let before = world.peak_memory();
    // Tests are sent whatever became of earlier calls: every auction has every hostile buyer in it.
    for (circuits, test) in [("with circuits", false), ("without circuits", true)] {
        let mut ratios = Vec::new();
        for number in 0..ROUNDS {
            let (first, second) = if number % 2 == 0 { (&calm, &foul) } else { (&foul, &calm) };
            let rounds = [(first, round(&world, first, test)), (second, round(&world, second, test))];
            let of = |key: &String| rounds.iter().find(|(whose, _)| *whose == key).unwrap().1;
            let ((without, _), (with, longest)) = (of(&calm), of(&foul));
            let ratio = with.as_secs_f64() / without.as_secs_f64();
            println!(
                "{circuits}: p99 of the others {without:.2?} without hostile buyers, {with:.2?} with them: {ratio:.2}; longest auction beside {longest:.2?}"
            );
            assert!(longest < DEADLINE + Duration::from_secs(4), "{longest:?}");
            ratios.push(ratio);
        }
        ratios.sort_by(f64::total_cmp);
        println!("{circuits}: median ratio of {ROUNDS} rounds {:.2}", ratios[ROUNDS / 2]);
    }
    for buyer in ["alpha", "beta", "gamma"] {
        assert_eq!(world.counted("pingpost_no_bids_total", &format!("buyer=\"{buyer}\"")), 0, "{buyer} missed none");
        println!("{buyer}: {} bids of {} pings", world.counted("pingpost_bids_total", buyer), world.counted("pingpost_pings_total", buyer));
    }
    let peak = world.peak_memory();
    println!("memory: {} MiB at its highest, {} MiB before", peak / 1024, before / 1024);
    assert!(peak < 512 * 1024, "{peak} KiB");
}
