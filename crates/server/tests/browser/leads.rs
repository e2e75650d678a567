//! A lead is found, and its page answers what happened to it and why.

use serde_json::json;

use crate::{
    browser,
    people::sign_in,
    support::{Buyer, Market, Person, World, people::with, wait_for},
};

fn world() -> World {
    let market = Market::new()
        .buyer(Buyer::bids("alpha", "20.00").contract("filter = 'state == \"CA\"'\nreturn_days = 14"))
        .buyer(Buyer::bids("beta", "10.00").contract("filter = 'state == \"NV\"'"));
    World::of(market)
}

#[test]
fn a_lead_is_found_by_phone_and_says_why_a_contract_was_not_eligible() {
    browser::with(|browser| {
        let world = world();
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        world.lead(&with(Person(2).lead(), json!({ "state": "NV" }))).ok("sold");
        sign_in(browser, &world, "maria", "operations");
        browser.go(&world.url("/console/leads"));
        browser.type_in("#text", "(646) 732-0001");
        browser.click("form.search button");
        browser.reads("Sold to");
        assert_eq!(browser.url(), world.url(&format!("/console/leads/{lead}")), "the number is in no address");
        assert!(browser.text_of(".answer").contains("20.00"), "{}", browser.text_of(".answer"));
        // The page says why beta's contract was not asked, and that is true: the filter wants another state.
        let why = browser.text_of("details .why tbody tr");
        assert!(why.contains("beta/main") && why.contains("filter: state == \"NV\""), "{why}");
        assert!(browser.text().contains("state\nCA"), "{}", browser.text());
        // The list is narrowed as one types.
        browser.go(&world.url("/console/leads"));
        browser.type_in("#text", "beta/main");
        wait_for("one row", || {
            browser.run("return [...document.querySelectorAll('#leads tbody tr')].filter((row) => !row.hidden).length").as_u64().filter(|rows| *rows == 1)
        });
        assert_eq!(browser.logged().iter().filter(|line| line.starts_with("SEVERE")).count(), 0);
    });
}

#[test]
fn a_contact_is_on_no_page_before_the_journal_says_who_looked() {
    browser::with(|browser| {
        let world = world();
        let lead = world.lead(&Person(3).lead()).ok("sold").word("lead_id");
        sign_in(browser, &world, "maria", "operations");
        let page = world.url(&format!("/console/leads/{lead}"));
        let secrets: Vec<String> = Person(3).secrets().into_iter().filter(|secret| secret != "245000.00").collect();
        let shown = |source: &str| secrets.iter().filter(|secret| source.contains(secret.as_str())).cloned().collect::<Vec<_>>();
        browser.go(&page);
        browser.reads("Contact");
        assert_eq!(shown(&browser.source()), Vec::<String>::new());
        browser.type_in("#why", "the person asked what we hold");
        browser.click("form[action$=\"/reveal\"] button");
        browser.reads("The journal says that maria looked");
        assert!(shown(&browser.source()).len() >= 5, "{}", browser.text());
        browser.go(&page);
        browser.reads("the person asked what we hold");
        assert_eq!(shown(&browser.source()), Vec::<String>::new(), "it was shown once");
        // Who may not see it is offered no form, and a form of its own making is refused.
        sign_in(browser, &world, "rosa", "read-only");
        browser.go(&page);
        browser.reads("Contact");
        assert_eq!(browser.run("return document.querySelectorAll('main form[method=post]').length"), 0);
    });
}
