//! A buyer's own switch and price, by its clicks.

use crate::{
    browser,
    people::sign_in,
    support::{Buyer, Market, Person, World},
};

#[test]
fn a_buyer_pauses_resumes_and_prices_its_contract_and_the_next_lead_obeys() {
    browser::with(|browser| {
        let left = "price = \"20.00\"\nself_service = { pause = true, price = { min = \"15.00\", max = \"40.00\" } }";
        let world = World::of(Market::new().buyer(Buyer::bids("alpha", "1.00").fixed().contract(left)));
        let next = |number: u32| world.lead(&Person(number).lead()).expect(200);
        assert_eq!(next(1).word("price"), "16.00");
        sign_in(browser, &world, "bea", "buyer:alpha");
        browser.go(&world.url("/console/buying"));
        browser.click("td button[name=paused]");
        browser.reads("You have paused it");
        assert_eq!(next(2).word("status"), "unsold");
        browser.click("button[name=paused][value=false]");
        browser.reads("main: resumed.");
        browser.type_in("#price", "50");
        browser.click("form:has(#price) button[type=submit]");
        browser.reads("set 15.00 to 40.00");
        browser.type_in("#price", "30");
        browser.click("form:has(#price) button[type=submit]");
        browser.reads("price 20.00 → 30.00");
        assert_eq!(next(3).word("price"), "24.00");
        let errors: Vec<String> = browser.logged().into_iter().filter(|line| line.starts_with("SEVERE") && !line.contains("422")).collect();
        assert_eq!(errors, Vec::<String>::new());
    });
}
