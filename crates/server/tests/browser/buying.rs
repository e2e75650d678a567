//! A buyer in its own world: it gives a lead back, and sees nothing of what others bought.

use serde_json::{Value, json};

use crate::{
    browser::{self, Browser},
    contacts::Contacts,
    crawl,
    people::sign_in,
    support::{Buyer, Call, Market, Person, World, people::with},
};

/// Amounts that were booked on an account in the present month, with their causes.
fn booked(world: &World, account: &str) -> Vec<String> {
    let statement = world.run(&["statement", account, "--json"]).done().json();
    let line = |line: &Value| format!("{} {}", line["amount"].as_str().unwrap(), line["cause"].as_str().unwrap());
    statement["lines"].as_array().unwrap().iter().map(line).collect()
}

fn is_quiet(browser: &Browser<'_>) {
    let errors: Vec<String> = browser.logged().into_iter().filter(|line| line.starts_with("SEVERE") || line.contains("Content Security Policy")).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn a_buyer_gives_a_lead_back_an_operator_takes_it_and_the_ledger_reverses_it() {
    browser::with(|browser| {
        let world = World::of(Market::new().buyer(Buyer::bids("alpha", "20.00").contract("return_days = 14")));
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        sign_in(browser, &world, "bea", "buyer:alpha");
        browser.reads("Left to spend");
        browser.click(".menu a[href=\"/console/buying/sales\"]");
        browser.click("#sales tbody a");
        browser.reads("Give it back");
        assert!(!browser.source().contains(&Person(1).email()));
        browser.click("form[action$=\"/contact\"] button");
        browser.reads(&Person(1).email());
        browser.choose("#reason", "wrong_person");
        browser.type_in("#note", "somebody else answers");
        browser.click("form[action$=\"/return\"] button");
        // It asks first; nothing happens before the answer.
        browser.click("dialog[open] button:not(.plain)");
        browser.reads("The operator is asked to take it back.");
        let page = browser.url();
        assert_eq!(booked(&world, "buyer:alpha"), ["-20.00 sale"], "nothing is decided yet");

        sign_in(browser, &world, "finn", "finance");
        browser.click(".menu a[href=\"/console/money/returns\"]");
        browser.reads("wrong person");
        browser.click("form[action$=\"/accept\"] button");
        browser.click("dialog[open] button:not(.plain)");
        browser.reads("Accepted");

        assert_eq!(booked(&world, "buyer:alpha"), ["-20.00 sale", "20.00 return"]);
        assert_eq!(booked(&world, "supplier:acme"), ["16.00 sale", "-16.00 return"]);
        assert_eq!(booked(&world, "house"), ["4.00 sale", "-4.00 return"]);
        let olga = world.new_key("--operator", "olga");
        let told = Call::get(world.url(&format!("/v1/admin/leads/{lead}"))).key(&olga).send().expect(200).json();
        assert_eq!(told["status"], "returned");
        let causes: Vec<&str> = told["ledger"].as_array().unwrap().iter().map(|entry| entry["cause"].as_str().unwrap()).collect();
        assert_eq!((causes.iter().filter(|cause| **cause == "sale").count(), causes.iter().filter(|cause| **cause == "return").count()), (3, 3));

        // The buyer reads it too; the contact is no longer its own.
        sign_in(browser, &world, "ben", "buyer:alpha");
        browser.reads("Left to spend");
        browser.go(&page);
        browser.reads("accepted");
        assert!(!browser.text().contains("Give it back") && !browser.text().contains("Show the contact"), "{}", browser.text());
        browser.click(".menu a[href=\"/console/buying/statement\"]");
        browser.reads("return");
        let amounts = browser.run("return [...document.querySelectorAll('main tbody tr')].map((row) => row.cells[4].textContent.replace('\u{2212}', '-'))");
        assert_eq!(amounts, json!(["-20.00", "20.00"]));
        is_quiet(browser);
    });
}

/// What answers at an address of the console: by a form of this person's, where there are fields.
fn answered(browser: &Browser<'_>, path: &str, fields: Option<&Value>) -> (u64, String) {
    let script = format!(
        "const form = {fields};
        const init = form ? {{ method: 'POST', body: new URLSearchParams({{ csrf: document.querySelector('[name=csrf]').value, ...form }}) }} : {{}};
        const answer = await fetch({path}, init);
        return [answer.status, await answer.text()];",
        fields = fields.unwrap_or(&Value::Null),
        path = json!(path),
    );
    let answer = browser.run_to_end(&script);
    (answer[0].as_u64().unwrap_or_else(|| panic!("{answer}")), answer[1].as_str().unwrap().to_owned())
}

#[test]
fn a_buyer_opens_nothing_that_another_bought() {
    browser::with(|browser| {
        let of_state = |state: &str| format!("filter = 'state == \"{state}\"'\nreturn_days = 14");
        let market = Market::new().buyer(Buyer::bids("alpha", "23.45").contract(&of_state("CA"))).buyer(Buyer::bids("beta", "10.00").contract(&of_state("NV")));
        let world = World::of(market);
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        world.lead(&with(Person(2).lead(), json!({ "state": "NV" }))).ok("sold");
        let sale = world.trace(&lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        // Everything that alpha's own pages say of its sale.
        sign_in(browser, &world, "bea", "buyer:alpha");
        let own = crawl::delivered(browser);
        let page = own.iter().find(|page| page.path.ends_with(&sale)).unwrap_or_else(|| panic!("{own:?}"));
        let ids = page
            .text
            .split(|of: char| !of.is_ascii_alphanumeric() && of != '_')
            .filter(|word| ["sale_", "post_", "ping_"].iter().any(|kind| word.starts_with(kind)));
        let mut said: Vec<&str> = ids.collect();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), 3, "{said:?}");
        said.extend(["23.45", "alpha", &lead]);
        assert!(page.text.contains("23.45"));

        let contacts = Contacts::of([Person(1), Person(2)]);
        let leaks = |path: &str, text: &str| {
            // The address that was asked for may be said again.
            let text = text.replace(path, "");
            let found = said.iter().filter(|word| text.contains(**word)).map(|word| (*word).to_owned());
            found.chain(contacts.on(&text).into_iter().map(str::to_owned)).collect::<Vec<_>>()
        };
        sign_in(browser, &world, "bob", "buyer:beta");
        let sales = format!("/console/buying/sales/{sale}");
        let page = |path: &str| (path.to_owned(), None);
        let asked = [
            page(&sales),
            (format!("{sales}/contact"), Some(json!({}))),
            (format!("{sales}/return"), Some(json!({ "reason": "wrong_person" }))),
            page("/console/money/statements/buyer:alpha"),
            page("/console/money/statements/buyer:alpha/csv"),
            page(&format!("/console/leads/{lead}")),
            page(&format!("/console/leads/{lead}/contracts?why=filter")),
            (format!("/console/leads/{lead}/reveal"), Some(json!({ "why": "it is mine, I say" }))),
            page("/console/money/returns"),
            page("/console/supplying"),
            page(&format!("/console/supplying/leads/{lead}")),
        ];
        for (path, form) in asked {
            let (status, text) = answered(browser, &path, form.as_ref());
            assert!([403, 404].contains(&status), "{path}: {status}");
            assert_eq!(leaks(&path, &text), Vec::<String>::new(), "{path}");
        }
        // Its own statement, whatever account is asked for.
        for path in ["/console/buying/statement?account=buyer:alpha", "/console/buying/statement/csv?account=buyer:alpha"] {
            let (status, text) = answered(browser, path, None);
            assert!(status == 200 && text.contains("10.00"), "{path}: {status} {text}");
            assert_eq!(leaks(path, &text), Vec::<String>::new(), "{path}");
        }
        for page in crawl::delivered(browser) {
            assert_eq!(leaks(&page.path, &page.text), Vec::<String>::new(), "{}", page.path);
        }
        browser.go(&world.url(&sales));
        browser.reads("No sale of yours has this id.");
        assert_eq!(leaks(&sales, &browser.source()), Vec::<String>::new());
        assert_eq!(world.trace(&lead)["status"], "sold", "nothing was changed");
    });
}
