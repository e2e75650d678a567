//! The reader as its users meet it: files in, a market or problems out.

mod changes;
mod contract;
mod editing;
mod filters;
mod hostile;
mod kept;
mod mistakes;
pub(super) mod sample;
mod schema;
mod speed;

use super::{Bundle, Problem, read};

/// A small market without a fault. Each test changes what it is about.
fn small() -> Bundle {
    bundle(&[
        (
            "market.toml",
            r#"currency = "USD"
time_zone = "America/New_York"
egress = { allow = ["127.0.0.0/8"] }
"#,
        ),
        (
            "verticals/mortgage.toml",
            r#"label = "Mortgage"
[fields.state]
type = "state"
required = "ping"
ping = "value"
[fields.loan_amount]
type = "money"
ping = { bands = [0, 100_000, 200_000] }
[fields.phone]
type = "phone"
aliases = ["phone_number"]
"#,
        ),
        (
            "suppliers/dreamy.toml",
            r#"label = "Dreamy"
verticals = ["mortgage"]
margin = { percent = 20, min = "1.00" }
"#,
        ),
        (
            "buyers/harbor.toml",
            r#"label = "Harbor"
credit = "500.00"
[endpoint]
ping_url = "https://harbor.example/ping"
post_url = "https://harbor.example/post"
secret = "env:HARBOR_SECRET"
[contracts.west]
vertical = "mortgage"
filter = 'state in ["CA", "WA"] && loan_amount >= 100000'
price = "bid"
max_bid = "80.00"
"#,
        ),
        (
            "trees/mortgage.toml",
            r#"vertical = "mortgage"
[[tiers]]
mode = "competitive"
contracts = ["harbor/west"]
"#,
        ),
    ])
}

fn bundle(files: &[(&str, &str)]) -> Bundle {
    Bundle { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
}

/// The small market with one text replaced; a text that isn't there would test nothing.
fn with(path: &str, from: &str, to: &str) -> Bundle {
    let mut changed = small();
    let text = changed.files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    *text = text.replacen(from, to, 1);
    changed
}

fn problems(bundle: &Bundle) -> String {
    let all: Vec<Problem> = match read(bundle) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    all.iter().map(|problem| format!("{problem}\n")).collect()
}
