//! The live page follows the exchange by itself.

use crate::{
    browser,
    people::sign_in,
    support::{Market, Person, World, wait_for},
};

#[test]
fn the_live_page_shows_a_lead_as_it_is_decided() {
    browser::with(|browser| {
        let world = World::of(Market::of_bids(&["20.00"]));
        sign_in(browser, &world, "maria", "read-only");
        browser.go(&world.url("/console/live"));
        browser.reads("Latest leads");
        browser.run("window.isTheSamePage = true");
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        let link = format!("return document.querySelector('main a[href=\"/console/leads/{lead}\"]') !== null && window.isTheSamePage === true");
        wait_for("the lead on the live page", || browser.run(&link).as_bool().filter(|there| *there));
        browser.reads("20.00");
        assert_eq!(browser.logged().iter().filter(|line| line.starts_with("SEVERE")).collect::<Vec<_>>(), Vec::<&String>::new());
    });
}
