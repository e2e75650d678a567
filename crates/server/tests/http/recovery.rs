//! Posts that nobody knows of: the buyer is asked, or sent the same post again, and nobody else is offered the lead.

use serde_json::json;

use crate::support::{
    Buyer, Market, Person, World, wait_for,
    world::{row, rows},
};

/// Takes every post and answers 500: a repeat or its status address then tells what became of it.
fn forgetful(endpoint: &str, flags: &str) -> World {
    let buyer = Buyer::bids("forgetful", "30.00").flags("--unknown-rate 1").flags(flags).endpoint(endpoint);
    World::of(Market::new().buyer(buyer).buyer(Buyer::bids("next", "20.00")))
}

fn decided(world: &World, lead: &str, status: &str) {
    wait_for(status, || Some(world.status(lead).json()).filter(|answer| answer["status"] == status));
}

#[test]
fn a_status_address_settles_what_the_post_left_open() {
    let world = forgetful("idempotent = false\nstatus_url = \"AT/status\"", "");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    decided(&world, &lead, "sold");
    assert_eq!((world.count("forgetful", "/post"), world.who_has_seen(&Person(1).phone())), (1, vec!["forgetful".to_owned()]));
    let trace = world.trace(&lead);
    assert_eq!(row(&trace, "sales", "forgetful")["status"], "sold");
    assert_eq!(row(&trace, "sales", "forgetful")["reason"], "its status address told");
    assert_eq!(rows(&trace, "ledger").len(), 3);
}

#[test]
fn a_buyer_that_rejected_it_is_charged_nothing_and_the_lead_goes_to_nobody_else() {
    let world = forgetful("idempotent = false\nstatus_url = \"AT/status\"", "--reject-rate 1");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    decided(&world, &lead, "unsold");
    let trace = world.trace(&lead);
    assert_eq!((&trace["status"], rows(&trace, "ledger").len()), (&json!("unsold"), 0));
    assert_eq!(world.who_has_seen(&Person(1).phone()), ["forgetful"]);
}

#[test]
fn a_node_that_starts_again_looks_at_what_the_last_one_left() {
    let mut world = forgetful("idempotent = false\nstatus_url = \"AT/status\"", "");
    let lead = world.lead(&Person(1).lead()).ok("pending").word("lead_id");
    assert!(!world.end("-KILL").success());
    world.serve();
    decided(&world, &lead, "sold");
    assert_eq!(world.count("forgetful", "/post"), 1);
}
