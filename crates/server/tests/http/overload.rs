//! Past what it can carry, the exchange sheds new pings first, then direct posts, and posts of quotes last.

use std::thread;

use crate::support::{
    Answer, Buyer, Call, Market, Person, World,
    gate::Gate,
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
        shed(world.ping(&Person(2).attributes()));
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
