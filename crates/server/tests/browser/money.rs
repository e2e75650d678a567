//! Money, from a buyer's return to the ledger.

use serde_json::json;

use crate::{
    browser,
    people::sign_in,
    support::{Buyer, Call, Market, Person, World},
};

#[test]
fn a_buyer_returns_a_sale_and_the_ledger_shows_the_reversal() {
    browser::with(|browser| {
        let world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").contract("return_days = 14")));
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        let alpha = world.new_key("--buyer", "alpha");
        Call::post(world.url(&format!("/v1/sales/{sale}/return"))).key(&alpha).json(&json!({ "reason": "wrong_person" })).send().expect(200);
        sign_in(browser, &world, "finn", "finance");
        let page = world.url(&format!("/console/leads/{lead}"));
        browser.go(&page);
        browser.reads("Accept the return");
        browser.click("form[action$=\"/accept\"] button");
        // It asks first; nothing happens before the answer.
        browser.click("dialog[open] button:not(.plain)");
        browser.reads("Accepted");
        browser.go(&page);
        browser.reads("It was given back, and the ledger has reversed it.");
        let booked = browser.run("return [...document.querySelectorAll('[aria-label=\"Ledger\"] tbody tr')].map((row) => row.cells[1].textContent.replace('\u{2212}', '-') + ' ' + row.cells[2].textContent)");
        let mut booked: Vec<&str> = booked.as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
        booked.sort_unstable();
        let trace = world.trace(&lead);
        let mut expected: Vec<String> =
            trace["ledger"].as_array().unwrap().iter().map(|row| format!("{} {}", row["amount"].as_str().unwrap(), row["cause"].as_str().unwrap())).collect();
        expected.sort_unstable();
        assert_eq!(booked, expected);
        assert!(booked.contains(&"-20.00 sale") && booked.contains(&"20.00 return"), "{booked:?}");
    });
}
