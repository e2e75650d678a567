//! The demo's console, full of living data: every page of it is looked at, as each role sees it.

use std::{path::Path, time::Duration};

use serde_json::json;

use crate::{
    browser::{self, Browser},
    crawl,
    support::{
        Call,
        process::{Running, pingpost, ran},
        wait_for,
        waiting::wait_at_most,
    },
};

/// A demo that runs.
pub struct Demo(Running);

/// On any machine: it is never slower than this, or something is broken.
const MOST: Duration = Duration::from_secs(900);

impl Demo {
    /// At fifty leads a second; its data are kept in the directory.
    pub fn start(data: &Path) -> Self {
        let mut command = pingpost();
        command.args(["demo", "--listen", "127.0.0.1:0", "--rate", "50", "--data"]).arg(data);
        Self(Running::start(&mut command))
    }

    /// Waits until so many leads have been sent.
    pub fn sends(&self, leads: u64) {
        wait_at_most(MOST, "leads of the demo", || (self.sent() >= leads).then_some(()));
    }

    /// By what it says now and then.
    pub fn sent(&self) -> u64 {
        let said = self.0.said();
        let mut counts = said.lines().filter_map(|line| line.split_once(" leads sent")?.0.rsplit(' ').next()?.parse().ok());
        counts.next_back().unwrap_or(0)
    }

    /// The roles that it has somebody of, each with a link that signs in once.
    pub fn links(&mut self) -> Vec<(String, String)> {
        self.0.announced("Ctrl-C ends");
        let said = self.0.said();
        let links = said.lines().filter_map(|line| line.strip_prefix("The console as ")?.split_once(", signed in once: "));
        links.map(|(role, link)| (role.to_owned(), link.to_owned())).collect()
    }
}

/// Signed in with a link; gives the exchange's address.
pub fn enter(browser: &Browser<'_>, link: &str) -> String {
    browser.forget();
    browser.go(link);
    wait_for("the console", || browser.run("return document.body.classList.contains('console')").as_bool().filter(|there| *there));
    link.split("/console").next().unwrap().to_owned()
}

/// A lead that a buyer gives back, so that operators have one to decide.
fn give_back(base: &str, data: &Path) {
    let key = ran(pingpost().args(["key", "new", "--buyer", "bluebird-insurance", "--json", "--data"]).arg(data)).done().json();
    let key = key["key"].as_str().unwrap();
    let sale = wait_for("a sale", || {
        let sales = Call::get(format!("{base}/v1/sales")).key(key).send().expect(200).json();
        sales["sales"].as_array()?.iter().find(|sale| sale["status"] == "sold").map(|sale| sale["sale_id"].as_str().unwrap().to_owned())
    });
    Call::post(format!("{base}/v1/sales/{sale}/return")).key(key).json(&json!({ "reason": "wrong_person" })).send().expect(200);
}

/// A change that is not in force, held against what went before.
fn draft(browser: &Browser<'_>, base: &str) {
    browser.go(&format!("{base}/console/market"));
    browser.click("#contracts tbody a");
    browser.type_in("#caps", "100 per day");
    browser.click("main form button[type=submit]");
    browser.reads("What changes");
    browser.reads("End as they do now");
}

/// Pages that no link leads to: those that answer forms, and those for whoever hasn't signed in.
fn look_behind_forms(browser: &Browser<'_>, base: &str, data: &Path, faults: &mut Vec<String>) -> usize {
    let mut look_at = |page: &str| crawl::look_at(browser, page, "owner", faults);
    browser.go(&format!("{base}/console/design"));
    look_at("/console/design");
    browser.go(&format!("{base}/console/leads"));
    browser.type_in("#text", "nobody");
    browser.click("form.search button");
    browser.reads("Nothing is known by that.");
    look_at("/console/leads/nothing");
    browser.go(&format!("{base}/console/leads?status=sold"));
    browser.click("#leads tbody a");
    browser.type_in("#why", "the person asked what we hold");
    browser.click("form[action$=\"/reveal\"] button");
    browser.reads("The journal says");
    look_at("/console/leads/reveal");
    browser.forget();
    browser.go(&format!("{base}/console/sign-in"));
    look_at("/console/sign-in");
    let added = ran(pingpost().args(["person", "add", "rosa", "--role", "read-only", "--at", base, "--json", "--data"]).arg(data)).done().json();
    browser.go(added["link"].as_str().unwrap());
    look_at("/console/welcome");
    5
}

/// All pages of all roles, once so many leads are in; leads go on coming meanwhile.
fn look_at_everything_after(leads: u64) {
    browser::with(|browser| {
        let data = tempfile::tempdir().unwrap();
        let mut demo = Demo::start(data.path());
        let links = demo.links();
        demo.sends(leads);
        let (mut faults, mut pages) = (Vec::new(), 0);
        for (role, link) in &links {
            let base = enter(browser, link);
            if role == "owner" {
                give_back(&base, data.path());
                draft(browser, &base);
            }
            let seen = crawl::everything(browser, &base, &role.replace(':', "-"));
            println!("{role}: {} pages, {:?}", seen.pages.len(), seen.pages.keys().collect::<Vec<_>>());
            pages += seen.pages.len();
            faults.extend(seen.faults);
            if role == "owner" {
                assert!(["/console/leads/{id}", "/console/market/drafts/{name}"].iter().all(|page| seen.pages.contains_key(*page)), "{:?}", seen.pages);
                pages += look_behind_forms(browser, &base, data.path(), &mut faults);
            }
        }
        let (sent, pictures) = (demo.sent(), pages * browser::Look::ALL.len());
        println!("{leads} leads were sent before, {sent} by the end; {pages} pages, {pictures} pictures in {}", browser::pictures().display());
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}

#[test]
fn every_page_of_the_demo_is_whole_in_light_and_dark_on_a_desk_and_a_phone() {
    look_at_everything_after(100);
}

#[test]
#[ignore = "takes minutes: ./test --long"]
fn every_page_is_whole_after_a_minute_of_fifty_leads_a_second() {
    look_at_everything_after(60 * 50);
}
