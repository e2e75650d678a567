//! A new revision of the market is taken up while leads are running, and none of them notices.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use crate::support::{Market, Person, World, now, wait_for};

#[test]
fn a_revision_is_in_force_within_a_second_and_no_request_fails() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let (served, is_done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut paused = world.market.clone();
    paused.buyer_named("alpha").contract.push_str("\npaused = true");
    world.market = paused;
    std::thread::scope(|scope| {
        for of in 0..3_u32 {
            let (world, served, is_done) = (&world, &served, &is_done);
            scope.spawn(move || {
                for number in 0.. {
                    if is_done.load(Ordering::SeqCst) && served.load(Ordering::SeqCst) >= 200 {
                        return;
                    }
                    let person = Person(1000 + of * 1000 + number);
                    if number % 2 == 0 {
                        world.lead(&person.lead()).ok("sold");
                    } else {
                        world.ping(&person.attributes()).ok("matched");
                    }
                    served.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        wait_for("some leads", || Some(()).filter(|()| served.load(Ordering::SeqCst) > 60));
        world.apply().done();
        let since = now();
        wait_for("the new revision", || Some(world.ping(&Person(1).attributes()).ok("matched")).filter(|quote| quote.word("price") == "16.00"));
        let took = since.elapsed();
        is_done.store(true, Ordering::SeqCst);
        assert!(took < Duration::from_secs(1), "it took {took:?}");
    });
    let lead = world.lead(&Person(2).lead()).ok("sold").word("lead_id");
    let trace = world.trace(&lead);
    assert_eq!(crate::support::world::row(&trace, "contracts", "alpha")["reason"], "paused");
    assert_eq!(trace["revision"], 2);
}

#[test]
fn a_quote_is_posted_at_its_own_revisions_price() {
    let mut world = World::of(Market::of_bids(&["25.00"]));
    let quote = world.ping(&Person(1).attributes()).ok("matched");
    assert_eq!(quote.word("price"), "20.00");
    world.market = world.market.clone().file("suppliers/acme.toml", "label = \"acme\"\nverticals = [\"loans\"]\nmargin = { percent = 60, min = \"1.00\" }\n");
    world.apply().done();
    wait_for("the new margin", || Some(()).filter(|()| world.ping(&Person(2).attributes()).ok("matched").word("price") == "10.00"));
    assert_eq!(world.post(&quote.word("ping_id"), &Person(1).lead()).ok("sold").word("price"), "20.00", "as it was promised");
    assert_eq!(world.lead(&Person(3).lead()).ok("sold").word("price"), "10.00");
    assert_eq!(world.trace(&quote.word("ping_id"))["revision"], 1);
}

#[test]
fn a_buyer_paused_between_quote_and_post_gets_nothing() {
    let mut world = World::of(Market::of_bids(&["25.00", "20.00"]));
    let quote = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let mut paused = world.market.clone();
    paused.buyer_named("alpha").contract.push_str("\npaused = true");
    world.market = paused;
    world.apply().done();
    wait_for("the pause", || Some(()).filter(|()| world.ping(&Person(2).attributes()).ok("matched").word("price") == "16.00"));
    assert_eq!(world.post(&quote, &Person(1).lead()).ok("unsold").word("reason"), "below_quote");
    assert_eq!(world.who_has_seen(&Person(1).phone()), Vec::<String>::new());
}
