//! The demo's console, full of living data: every page of it is looked at, as each role sees it.

use crate::{
    browser::{self, Browser},
    crawl,
    support::{
        process::{Running, pingpost},
        wait_for,
    },
};

/// A demo that runs.
pub struct Demo(Running);

impl Demo {
    pub fn start() -> Self {
        Self(Running::start(pingpost().args(["demo", "--listen", "127.0.0.1:0", "--rate", "50"])))
    }

    /// The roles that it has somebody of, each with a link that signs in once.
    fn links(&mut self) -> Vec<(String, String)> {
        self.0.announced("Ctrl-C ends");
        let said = self.0.said();
        let links = said.lines().filter_map(|line| line.strip_prefix("The console as ")?.split_once(", signed in once: "));
        links.map(|(role, link)| (role.to_owned(), link.to_owned())).collect()
    }
}

/// Signed in with a link; gives the exchange's address.
fn enter(browser: &Browser<'_>, link: &str) -> String {
    browser.forget();
    browser.go(link);
    wait_for("the console", || browser.run("return document.body.classList.contains('console')").as_bool().filter(|there| *there));
    link.split("/console").next().unwrap().to_owned()
}

#[test]
fn every_page_of_the_demo_is_whole_in_light_and_dark_on_a_desk_and_a_phone() {
    browser::with(|browser| {
        let mut demo = Demo::start();
        let mut faults = Vec::new();
        for (role, link) in demo.links() {
            let base = enter(browser, &link);
            if role == "owner" {
                wait_for("a sold lead", || {
                    browser.go(&format!("{base}/console/leads?status=sold"));
                    browser.run("return document.querySelector('#leads tbody a') !== null").as_bool().filter(|there| *there)
                });
            }
            let seen = crawl::everything(browser, &base, &role.replace(':', "-"));
            println!("{role}: {} pages, {:?}", seen.pages.len(), seen.pages.keys().collect::<Vec<_>>());
            assert!(role != "owner" || seen.pages.contains_key("/console/leads/{id}"), "{:?}", seen.pages);
            faults.extend(seen.faults);
        }
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    });
}
