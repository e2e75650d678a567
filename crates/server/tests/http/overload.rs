//! Past what it can carry, the exchange sheds new pings first, then direct posts, and posts of quotes last.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::support::{
    Answer, Buyer, Call, Market, Person, World,
    gate::Gate,
    now, p99,
    peer::{Peer, pleased},
    wait_for,
};

const TREE: &str = "vertical = \"loans\"\ndeadline_ms = 60000\n[[tiers]]\nmode = \"competitive\"\ncontracts = [\"tag:all\"]\n";

fn shed(answer: Answer) {
    let refused = answer.expect(503);
    assert_eq!((refused.header("retry-after"), refused.json()["type"].as_str()), ("2", Some("/problems/overloaded")));
}

fn wait_for_runs(world: &World, runs: usize) {
    wait_for("so many runs", || Some(()).filter(|()| world.metrics().contains(&format!("pingpost_runs {runs}\n"))));
}

#[test]
fn pings_are_shed_first_and_what_was_taken_is_carried_through() {
    let gate = Gate::default();
    let of_buyer = gate.clone();
    let peer = Peer::answering(move |heard| {
        if heard.path.ends_with("/ping") {
            of_buyer.pass();
        }
        pleased(heard)
    });
    let market = Market::new().file("trees/loans.toml", TREE).buyer(Buyer::played("alpha", &peer.at));
    // Shed from 4 runs on: pings; from 5: direct posts; from 6: posts of quotes.
    let world = World::configured(market, "most_runs = 4\n");
    let quote = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    wait_for_runs(&world, 0);

    gate.close();
    thread::scope(|scope| {
        let pings: Vec<_> = (0..4).map(|_| scope.spawn(|| world.ping(&Person(2).attributes()))).collect();
        wait_for_runs(&world, 4);
        let asked = now();
        shed(world.ping(&Person(2).attributes()));
        assert!(now() - asked >= Duration::from_millis(250), "whoever asks again at once is slowed down");
        shed(Call::post(world.url("/v1/pings/loans")).body("application/json", "no key, and no JSON").send());
        let direct = scope.spawn(|| world.lead(&Person(3).lead()));
        wait_for_runs(&world, 5);
        shed(world.lead(&Person(4).lead()));
        world.post(&quote, &Person(1).lead()).ok("sold");
        gate.open();
        for ping in pings {
            ping.join().unwrap().ok("matched");
        }
        direct.join().unwrap().ok("sold");
    });
    let again = wait_for("room", || Some(world.ping(&Person(5).attributes())).filter(|answer| answer.status != 503));
    again.ok("matched");
    assert!(world.counted("pingpost_shed_total", "class=\"ping\"") >= 2 && world.counted("pingpost_shed_total", "class=\"direct_post\"") == 1);
    assert_eq!(world.counted("pingpost_shed_total", "class=\"quoted_post\""), 0);
}

/// What the exchange says that it carries.
fn carried(world: &World) -> String {
    let figures = world.metrics();
    let of = |name: &str| figures.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
    ["pingpost_runs ", "pingpost_room ", "pingpost_lag_seconds ", "pingpost_store_wait_seconds "].map(|name| format!("{name}{}", of(name))).join(", ")
}

/// Suppliers that send as fast as they can, each one ping after the other.
const FLOOD: usize = 400;
const POSTS: u32 = 100;

#[test]
#[ignore = "a measurement: part of ./test --long"]
fn posts_of_quotes_keep_their_time_under_a_flood_of_pings() {
    if cfg!(debug_assertions) {
        return eprintln!("SKIPPED: measured in a release build alone");
    }
    let world = World::of(Market::of_bids(&["20.00", "18.00", "12.00"]).supplier("acme", "quote = { kind = \"indicative\", ttl_s = 600 }"));
    let quotes =
        |from: u32| (from..from + POSTS).map(|number| (number, world.ping(&Person(number).attributes()).ok("matched").word("ping_id"))).collect::<Vec<_>>();
    let post_all = |quotes: Vec<(u32, String)>| {
        let post = |(number, ping): (u32, String)| {
            let sent = now();
            let answer = world.post(&ping, &Person(number).lead());
            let took = now() - sent;
            thread::sleep(Duration::from_millis(50));
            (took, answer.text)
        };
        let (times, texts): (Vec<_>, Vec<_>) = quotes.into_iter().map(post).unzip();
        (p99(times), texts)
    };
    let (calm, flooded) = (quotes(1000), quotes(2000));
    let (calm, _) = post_all(calm);
    let (ends, taken, shed) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let ((flooded, answers), pings) = thread::scope(|scope| {
        let flood = || {
            let mut times = Vec::new();
            while !ends.load(Ordering::Relaxed) {
                let sent = now();
                match world.ping(&Person(1).attributes()).status {
                    200 => {
                        times.push(now() - sent);
                        taken.fetch_add(1, Ordering::Relaxed)
                    }
                    _ => shed.fetch_add(1, Ordering::Relaxed),
                };
            }
            times
        };
        let floods: Vec<_> = (0..FLOOD).map(|_| scope.spawn(flood)).collect();
        let mut seen = vec![carried(&world)];
        let second = || {
            thread::sleep(Duration::from_millis(500));
            carried(&world)
        };
        seen.extend((0..8).map(|_| second()));
        let flooded = post_all(flooded);
        seen.push(carried(&world));
        println!("from the flood's beginning, twice a second, and at its end:\n{}", seen.join("\n"));
        ends.store(true, Ordering::Relaxed);
        (flooded, p99(floods.into_iter().flat_map(|flood| flood.join().unwrap()).collect()))
    });
    let sold = answers.iter().filter(|answer| answer.contains("\"sold\"")).count();
    let (taken, shed) = (taken.into_inner(), shed.into_inner());
    println!("posts of quotes: p99 {calm:.2?} calm, {flooded:.2?} under the flood, {sold} of {POSTS} sold");
    println!("the flood: {taken} pings taken with a p99 of {pings:.2?}, {shed} shed");
    assert_eq!(sold, answers.len(), "{answers:?}");
    assert_eq!(world.counted("pingpost_shed_total", "class=\"quoted_post\""), 0);
}
