//! The pictures of the console in the documents: taken of the demo, small, in light and dark.
//!
//! `PINGPOST_TEST_PICTURES=docs/pictures cargo test -p server --test browser pictures -- --ignored` writes those of the repository
//! anew; without the variable they are written beside the other pictures.

use std::path::{Path, PathBuf};

use crate::{
    browser::{self, Browser, Look},
    demo::{Demo, enter},
    support::wait_for,
};

/// In CSS pixels.
const WIDTH: u32 = 1200;

fn directory() -> PathBuf {
    let of_repository = |path: String| Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::env::var("PINGPOST_TEST_PICTURES").map_or_else(|_| browser::pictures().join("documents"), of_repository)
}

/// The page from its top down so far.
fn take(browser: &Browser<'_>, name: &str, height: u32) {
    for (dark, kind) in [(false, "light"), (true, "dark")] {
        browser.look(Look { width: WIDTH, height, dark });
        let bytes = browser.webp(WIDTH, height);
        assert!(bytes.len() < 120 * 1024, "{name}: {} bytes", bytes.len());
        println!("{name}-{kind}: {} bytes", bytes.len());
        std::fs::write(directory().join(format!("{name}-{kind}.webp")), bytes).unwrap();
    }
    browser.look(Look::DESK);
}

/// A sold lead that many were asked for.
fn lead_of_many_pings(browser: &Browser<'_>, base: &str) -> String {
    browser.go(&format!("{base}/console/leads?status=sold&vertical=debt-relief"));
    let links = browser.run("return [...document.querySelectorAll('#leads tbody a')].slice(0, 40).map((link) => link.href)");
    let bars = |link: &str| {
        browser.go(link);
        browser.run("return document.querySelectorAll('.waterfall tr.ping').length").as_u64().unwrap()
    };
    let links: Vec<String> = links.as_array().unwrap().iter().map(|link| link.as_str().unwrap().to_owned()).collect();
    links.into_iter().max_by_key(|link| bars(link)).unwrap()
}

#[test]
#[ignore = "writes pictures for the documents"]
fn pictures_of_the_documents() {
    browser::with(|browser| {
        std::fs::create_dir_all(directory()).unwrap();
        let data = tempfile::tempdir().unwrap();
        let mut demo = Demo::start(data.path());
        let (_, link) = demo.links().into_iter().find(|(role, _)| role == "owner").unwrap();
        let base = enter(browser, &link);
        demo.sends(3000);
        browser.go(&format!("{base}/console/live"));
        browser.reads("Latest leads");
        take(browser, "live", 760);
        browser.go(&lead_of_many_pings(browser, &base));
        take(browser, "lead", 1060);
        browser.go(&format!("{base}/console/trees/auto-insurance"));
        take(browser, "tree", 640);
        browser.go(&format!("{base}/console/market/tier/debt-relief/2"));
        browser.type_in("#floor", "30.00");
        browser.click("main form button[type=submit]");
        browser.reads("What changes");
        wait_for("the replay", || browser.run("return document.querySelector('main .grid .figure') !== null").as_bool().filter(|there| *there));
        take(browser, "draft", 760);
    });
}
