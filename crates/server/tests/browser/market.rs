//! The market is changed without fear: a draft, its diff, the next lead, and the way back.

use crate::{
    browser::{self, Browser},
    people::sign_in,
    support::{Buyer, Market, Person, World, wait_for},
};

/// What became of a new person's lead.
fn next_lead(world: &World, number: u32) -> (String, String) {
    let answer = world.lead(&Person(number).lead()).expect(200);
    (answer.word("status"), answer.word("lead_id"))
}

/// The node that serves takes a new revision up by itself.
fn obeys(world: &World, number: &mut u32, status: &str) -> String {
    wait_for(status, || {
        *number += 1;
        let (now, lead) = next_lead(world, *number);
        (now == status).then_some(lead)
    })
}

fn diff_says(browser: &Browser<'_>, words: &[&str]) {
    let diff = browser.text_of(".diff");
    assert!(words.iter().all(|word| diff.contains(word)), "{diff}");
}

#[test]
fn a_cap_is_edited_its_diff_read_applied_obeyed_and_rolled_back() {
    browser::with(|browser| {
        let world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").contract("caps = [{ count = 1000, per = \"day\" }]")));
        let mut number = 0;
        obeys(&world, &mut number, "sold");
        sign_in(browser, &world, "omar", "operations");
        browser.go(&world.url("/console/market/contract/alpha/main"));
        browser.type_in("#caps", "1 per day");
        browser.click("main form button[type=submit]");
        browser.reads("What changes");
        diff_says(browser, &["alpha", "1000", "1"]);
        assert_eq!(next_lead(&world, 900).0, "sold", "a draft changes nothing");
        browser.type_in("#note", "they asked for one a day");
        browser.click("form[action$=\"/apply\"] button");
        browser.reads("evision 2");
        obeys(&world, &mut number, "unsold");
        // That one may have been auctioned under the old market, and its offers have fallen away under the new: the next is of the new alone.
        let (status, lead) = next_lead(&world, 901);
        assert_eq!(status, "unsold");
        browser.go(&world.url(&format!("/console/leads/{lead}")));
        browser.reads("A cap is full");
        browser.go(&world.url("/console/market/history/1"));
        browser.click("form[action$=\"/roll-back\"] button");
        browser.click("dialog[open] button:not(.plain)");
        browser.reads("evision 3");
        obeys(&world, &mut number, "sold");
        assert_eq!(browser.logged().iter().filter(|line| line.starts_with("SEVERE")).collect::<Vec<_>>(), Vec::<&String>::new());
    });
}
