//! Every page that can be reached by links: a new page is looked at by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    browser::{Browser, Look},
    faults,
};

/// What was seen on the way.
#[derive(Default)]
pub struct Seen {
    /// By its shape: the address that stood for it.
    pub pages: BTreeMap<String, String>,
    pub faults: Vec<String>,
}

/// What follows these parts of a path is a name.
const NAMED: [&str; 9] = ["people", "buyers", "suppliers", "trees", "contracts", "accounts", "statements", "verticals", "files"];

/// Of one shape, such as `/console/leads/{id}`, one page is looked at.
pub fn shape(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let part = |place: usize| {
        let part = parts[place];
        // A form of the market is `/console/market/KIND/NAME…`.
        let is_of_market = place > 3 && parts[2] == "market";
        if is_of_market || (place > 2 && NAMED.contains(&parts[place - 1]) && part != "new") {
            return "{name}".to_owned();
        }
        let is_id = ["lead_", "ping_", "sale_", "movement_", "key_", "post_"].iter().any(|prefix| part.starts_with(prefix));
        if is_id || part.parse::<u64>().is_ok() { "{id}".to_owned() } else { part.to_owned() }
    };
    (0..parts.len()).map(part).collect::<Vec<_>>().join("/")
}

/// Goes through all pages of the console from where the browser is, as whoever has signed in.
pub fn everything(browser: &Browser<'_>, base: &str, role: &str) -> Seen {
    let mut seen = Seen::default();
    let mut left = VecDeque::from([format!("{base}/console")]);
    let mut known: BTreeSet<String> = BTreeSet::new();
    while let Some(url) = left.pop_front() {
        browser.go(&url);
        let path = browser.url().replacen(base, "", 1);
        let shape = shape(&path);
        if seen.pages.insert(shape.clone(), path.clone()).is_some() {
            continue;
        }
        look_at(browser, &shape, role, &mut seen.faults);
        let links = browser.run("return [...document.querySelectorAll('a[href]')].map((link) => link.href)");
        for link in links.as_array().into_iter().flatten().filter_map(|link| link.as_str()) {
            if let Some(path) = link.strip_prefix(base).filter(|path| path.starts_with("/console") && !is_file(path)) {
                let of = self::shape(path);
                if !seen.pages.contains_key(&of) && known.insert(of) {
                    left.push_back(link.to_owned());
                }
            }
        }
    }
    seen
}

/// A page as it was delivered, before any script ran.
#[derive(Debug)]
pub struct Delivered {
    /// The address without its host.
    pub path: String,
    pub status: u64,
    pub text: String,
}

/// Follows every link from the first page on, files and each single lead included; of addresses that differ in the values of their
/// query alone, one is asked for.
const FOLLOW: &str = r#"
const left = ['/console'], known = new Set(left), delivered = [];
while (left.length) {
  const path = left.shift();
  const answer = await fetch(path);
  const text = await answer.text();
  delivered.push([path, answer.status, text]);
  if (!(answer.headers.get('content-type') || '').startsWith('text/html')) continue;
  for (const link of new DOMParser().parseFromString(text, 'text/html').querySelectorAll('a[href]')) {
    const url = new URL(link.getAttribute('href'), answer.url);
    const shape = url.pathname + '?' + [...url.searchParams.keys()].sort();
    if (url.origin !== location.origin || !/^[/](console|specs)/.test(url.pathname) || known.has(shape)) continue;
    known.add(shape);
    left.push(url.pathname + url.search);
  }
}
return delivered;
"#;

/// All that the console sends to whoever has signed in.
pub fn delivered(browser: &Browser<'_>) -> Vec<Delivered> {
    let found = browser.run_to_end(FOLLOW);
    let all = found.as_array().unwrap_or_else(|| panic!("{found}"));
    let page = |page: &serde_json::Value| Delivered {
        path: page[0].as_str().unwrap().to_owned(),
        status: page[1].as_u64().unwrap(),
        text: page[2].as_str().unwrap().to_owned(),
    };
    all.iter().map(page).collect()
}

/// What is downloaded isn't looked at.
fn is_file(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    [".csv", ".toml", ".json", ".zip", ".tar"].iter().any(|ending| path.ends_with(ending)) || path.ends_with("/events") || path.contains("/sign-out")
}

/// A page in light and dark, on a desk and a phone: pictures of it, and what is wrong with it.
pub fn look_at(browser: &Browser<'_>, page: &str, role: &str, faults: &mut Vec<String>) {
    let name = format!("{role}{}", page.replace('/', "-").replace(['{', '}'], ""));
    for look in Look::ALL {
        browser.look(look);
        let told = |fault: String| format!("{role} {page} at {}: {fault}", look.name());
        faults.extend(self::faults::layout(browser).into_iter().map(told));
        if look.width == Look::DESK.width || !look.dark {
            faults.extend(self::faults::access(browser).unwrap_or_default().into_iter().map(told));
        }
        browser.picture(look, &name);
    }
    browser.look(Look::DESK);
    let complaints =
        browser.logged().into_iter().filter(|line| line.starts_with("SEVERE") || line.starts_with("WARNING") || line.contains("Content Security Policy"));
    faults.extend(complaints.map(|line| format!("{role} {page}: the browser says {line}")));
}
