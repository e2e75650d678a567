//! No page of anybody holds a contact, unless the journal says that it was shown.

use serde_json::json;

use crate::{
    browser::{self, Browser},
    contacts::Contacts,
    crawl,
    people::sign_in,
    support::{Buyer, Call, Market, Person, World, people::with},
};

const EVERYBODY: [(&str, &str); 7] = [
    ("olga", "owner"),
    ("omar", "operations"),
    ("finn", "finance"),
    ("rosa", "read-only"),
    ("bea", "buyer:alpha"),
    ("bob", "buyer:beta"),
    ("sam", "supplier:acme"),
];

/// Takes leads of California, Nevada and Texas, and as many ends of leads: sold, left unknown, rejected.
fn market() -> Market {
    let of_state = |state: &str| format!("filter = 'state == \"{state}\"'\nreturn_days = 14");
    Market::new()
        .buyer(Buyer::bids("alpha", "20.00").contract(&of_state("CA")))
        .buyer(Buyer::bids("beta", "10.00").flags("--unknown-rate 1 --stay-unknown").contract(&of_state("NV")))
        .buyer(Buyer::bids("gamma", "15.00").flags("--reject-rate 1").contract(&of_state("TX")))
}

/// Leads and pings of every kind, by their ids; and whose they are.
fn leads(world: &World) -> (Vec<String>, Vec<Person>) {
    let people: Vec<Person> = (1..=9).map(Person).collect();
    let lead = |person: usize, more| world.lead(&with(people[person - 1].lead(), more)).expect(200).word("lead_id");
    let mut ids = vec![
        lead(1, json!({})),
        lead(1, json!({ "notes": "calls after five 1", "amount": "245000.00", "owner": true })),
        lead(2, json!({ "state": "NV" })),
        lead(3, json!({ "state": "TX" })),
        lead(4, json!({ "state": "FL" })),
        lead(5, json!({ "test": true })),
        lead(6, json!({})),
        lead(7, json!({})),
    ];
    let alpha = world.new_key("--buyer", "alpha");
    for (lead, note) in [(&ids[6], "person6.wexford@example.com is nobody's"), (&ids[7], "646-732-0007 is cut off")] {
        let sale = world.trace(lead)["sales"][0]["sale_id"].as_str().unwrap().to_owned();
        let give_back = Call::post(world.url(&format!("/v1/sales/{sale}/return"))).key(&alpha);
        give_back.json(&json!({ "reason": "wrong_person", "note": note })).send().expect(200);
    }
    let sale = world.trace(&ids[6])["sales"][0]["sale_id"].as_str().unwrap().to_owned();
    let olga = world.new_key("--operator", "olga");
    Call::post(world.url(&format!("/v1/admin/sales/{sale}/return/decide"))).key(&olga).json(&json!({ "decision": "accept" })).send().expect(200);
    let ping = || world.ping(&people[0].attributes()).ok("matched").word("ping_id");
    let posted = ping();
    ids.push(world.post(&posted, &people[7].lead()).ok("sold").word("lead_id"));
    ids.push(ping());
    (ids, people)
}

/// An operator looks at a contact, for a reason, and a buyer at one that it bought.
fn reveal(browser: &Browser<'_>, world: &World, lead: &str, contacts: &Contacts) {
    sign_in(browser, world, "rita", "operations");
    browser.go(&world.url(&format!("/console/leads/{lead}")));
    browser.type_in("#why", "the person asked what we hold");
    browser.click("form[action$=\"/reveal\"] button");
    browser.reads("The journal says that rita looked");
    assert!(contacts.on(&browser.source()).len() > 5, "{}", browser.text());
    sign_in(browser, world, "bill", "buyer:alpha");
    browser.go(&world.url("/console/buying/sales"));
    browser.click("#sales tbody tr:last-child a");
    browser.click("form[action$=\"/contact\"] button");
    browser.reads("That you looked is in the journal.");
    assert!(contacts.on(&browser.source()).len() > 5, "{}", browser.text());
}

#[test]
fn no_page_of_any_role_holds_a_contact() {
    browser::with(|browser| {
        let world = World::of(market());
        let (ids, people) = leads(&world);
        let contacts = Contacts::of(people);
        reveal(browser, &world, &ids[0], &contacts);
        let mut faults = Vec::new();
        for (name, role) in EVERYBODY {
            sign_in(browser, &world, name, role);
            let pages = crawl::delivered(browser);
            println!("{role}: {} addresses", pages.len());
            for page in &pages {
                faults.extend((page.status != 200).then(|| format!("{role} {}: {}", page.path, page.status)));
                faults.extend(contacts.on(&page.text).into_iter().map(|found| format!("{role} {} holds {found:?}", page.path)));
            }
            let has = |part: &str| pages.iter().any(|page| page.path.contains(part));
            match role.split(':').next() {
                Some("buyer") => assert!(has("/console/buying/sales/sale_") && has("/csv"), "{pages:?}"),
                Some("supplier") => assert!(ids[..9].iter().all(|lead| has(&format!("/console/supplying/leads/{lead}"))), "{role}"),
                _ => {
                    assert!(ids[..9].iter().all(|lead| has(&format!("/console/leads/{lead}"))), "{role}");
                    let journal = pages.iter().find(|page| page.path.ends_with(&ids[0])).unwrap();
                    assert!(["rita", "bill of buyer alpha"].iter().all(|who| journal.text.contains(who)), "{}", journal.text);
                }
            }
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

#[test]
fn what_follows_by_itself_and_what_is_searched_for_hold_no_contact() {
    browser::with(|browser| {
        let world = World::of(market());
        let contacts = Contacts::of((1..=3).map(Person));
        sign_in(browser, &world, "omar", "operations");
        browser.go(&world.url("/console/live"));
        browser.reads("Latest leads");
        let lead = world.lead(&Person(1).lead()).ok("sold").word("lead_id");
        browser.reads(&lead);
        assert_eq!(contacts.on(&browser.source()), Vec::<&str>::new());
        browser.go(&world.url(&format!("/console/pings/{}", world.ping(&Person(2).attributes()).ok("matched").word("ping_id"))));
        browser.reads("Every contract");
        assert_eq!(contacts.on(&browser.source()), Vec::<&str>::new());
        // What was typed isn't said again, whether it finds nothing, one lead or two.
        world.lead(&with(Person(3).lead(), json!({ "email": Person(1).email() }))).expect(200);
        for (typed, says) in [(Person(9).phone(), "Nothing is known by that."), (Person(1).phone(), "Sold to"), (Person(1).email(), "newest first")] {
            browser.go(&world.url("/console/leads"));
            browser.type_in("#text", &typed);
            browser.click("form.search button");
            browser.reads(says);
            assert!(!browser.source().contains(&typed) && contacts.on(&browser.source()).is_empty(), "{typed} at {}", browser.url());
        }
    });
}
