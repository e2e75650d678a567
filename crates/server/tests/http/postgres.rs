//! Several nodes on one PostgreSQL, and the way there from an embedded store.

use std::time::Duration;

use crate::support::{
    Buyer, Market, Person, World,
    http::Call,
    now, wait_for,
    world::{row, rows},
};

#[test]
fn a_quote_of_one_node_is_posted_on_another_and_a_repeat_is_known_to_both() {
    let Some(cluster) = cluster::shared() else { return };
    let database = cluster.database();
    let world = World::of_database(Market::of_bids(&["25.00", "20.00"]), database.url());
    let (_node, other) = world.another_node();
    let quote = world.ping(&Person(1).attributes()).ok("matched").word("ping_id");
    let post = |at: &str| Call::post(format!("{at}/v1/pings/{quote}/post")).key(&world.key).json(&Person(1).lead()).send().ok("sold");
    let sold = post(&other);
    assert_eq!(post(&world.at).word("lead_id"), sold.word("lead_id"), "the same again");
    assert_eq!(world.count("alpha", "/post"), 1);
    world.lead(&Person(1).lead()).ok("duplicate");
    let trace = world.trace(&sold.word("lead_id"));
    assert_eq!(row(&trace, "sales", "alpha")["status"], "sold");
    assert_eq!(rows(&trace, "ledger").len(), 3);
}

#[test]
fn a_revision_and_a_revocation_reach_every_node_within_a_second() {
    let Some(cluster) = cluster::shared() else { return };
    let database = cluster.database();
    let mut world = World::of_database(Market::of_bids(&["25.00", "20.00"]), database.url());
    let (_node, other) = world.another_node();
    let ping = |world: &World| Call::post(format!("{other}/v1/pings/loans")).key(&world.key).json(&Person(1).attributes()).send();
    assert_eq!(ping(&world).ok("matched").word("price"), "20.00");
    let mut paused = world.market.clone();
    paused.buyer_named("alpha").contract.push_str("\npaused = true");
    world.market = paused;
    world.apply().done();
    let since = now();
    wait_for("the new revision", || Some(()).filter(|()| ping(&world).ok("matched").word("price") == "16.00"));
    assert!(since.elapsed() < Duration::from_secs(1), "it took {:?}", since.elapsed());
    let keys = world.run(&["key", "list", "--json"]).done().json();
    let id = keys.as_array().or_else(|| keys["keys"].as_array()).unwrap()[0]["id"].as_str().unwrap().to_owned();
    world.run(&["key", "revoke", &id]).done();
    let since = now();
    wait_for("the revocation", || Some(()).filter(|()| ping(&world).status == 401));
    assert!(since.elapsed() < Duration::from_secs(1), "it took {:?}", since.elapsed());
}

#[test]
fn an_embedded_exchange_moves_with_a_sale_that_nobody_knows_the_end_of() {
    let Some(cluster) = cluster::shared() else { return };
    let database = cluster.database();
    let mut world =
        World::of(Market::new().buyer(Buyer::bids("alpha", "25.00").flags("--unknown-rate 1").endpoint("idempotent = false\nstatus_url = \"AT/status\"")));
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    let from = world.data().to_str().unwrap().to_owned();
    let copy = |world: &World| crate::support::process::run(&["copy", "--from", &world.data().to_string_lossy(), "--to", &database.url()]);
    assert!(copy(&world).refused().stderr.contains("end that one first"));
    assert!(world.end("-TERM").success());
    let copied = copy(&world).done();
    assert!(copied.stdout.contains("sales"), "{copied:?}");
    assert!(copy(&world).refused().stderr.contains("not empty"), "once is enough");
    assert!(world.run(&["serve", "--listen", "127.0.0.1:0"]).refused().stderr.contains("was moved to"), "{from} is no longer served");
    world.database = Some(database.url());
    world.serve();
    wait_for("the buyer's word", || Some(()).filter(|()| world.status(&lead).json()["status"] == "sold"));
    assert_eq!(row(&world.trace(&lead), "sales", "alpha")["status"], "sold");
    let migrated = world.run(&["migrate"]).done().stdout;
    assert!(migrated.starts_with("the tables are of version ") && migrated.trim().ends_with(": nothing to do"), "{migrated}");
}
