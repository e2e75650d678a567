//! How long a large market takes. Run with `cargo test -p wire --release -- --ignored --nocapture speed`.

use std::{collections::BTreeSet, fmt::Write};

use exchange::money::Currency;

use super::{Bundle, read, small};
use crate::market::{
    filter::{Terms, compile},
    list::Lists,
};

fn large(buyers: usize, contracts_each: usize) -> Bundle {
    let mut bundle = small();
    for number in 0..buyers {
        let mut text = format!(
            "label = \"Buyer {number}\"\ncredit = \"500.00\"\n[endpoint]\nping_url = \"https://b{number}.example/ping\"\npost_url = \"https://b{number}.example/post\"\nsecret = \"env:SECRET_{number}\"\n"
        );
        for contract in 0..contracts_each {
            write!(
                text,
                "[contracts.c{contract}]\nvertical = \"mortgage\"\nfilter = 'state in [\"CA\", \"WA\", \"OR\"] && (loan_amount >= 100000 || !has(loan_amount))'\nprice = \"bid\"\nmax_bid = \"{contract}.50\"\ncaps = [{{ count = 100, per = \"day\" }}]\nhours = [\"mon-fri 08:00-18:00\"]\ntime_zone = \"America/Los_Angeles\"\ntags = [\"all\"]\n"
            )
            .unwrap();
        }
        bundle.files.insert(format!("buyers/b{number}.toml"), text);
    }
    let tree = "vertical = \"mortgage\"\n[[tiers]]\nmode = \"competitive\"\ncontracts = [\"tag:all\", \"harbor/west\"]\n";
    bundle.files.insert("trees/mortgage.toml".to_owned(), tree.to_owned());
    bundle
}

#[test]
fn a_large_market_is_read_whole() {
    let (parts, warnings) = read(&large(50, 10)).unwrap();
    assert_eq!((parts.contracts.len(), parts.trees[0].tiers[0].contracts.len(), warnings.len()), (501, 501, 0));
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn speed() {
    let bundle = large(1000, 10);
    let start = std::time::Instant::now();
    let (parts, _) = read(&bundle).unwrap();
    println!("{} contracts in {:?}", parts.contracts.len(), start.elapsed());
}

#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn speed_of_filters() {
    let (parts, _) = read(&small()).unwrap();
    let mut lists = Lists::default();
    for text in ["state == \"CA\"", "state in [\"CA\", \"WA\", \"OR\"] && (loan_amount >= 100000 || !has(loan_amount))"] {
        let start = std::time::Instant::now();
        const TIMES: u32 = 2000;
        for _ in 0..TIMES {
            let terms = Terms { vertical: &parts.verticals[0], unsure: &BTreeSet::new(), currency: Currency::USD, lists: &mut lists };
            compile(text, terms).unwrap();
        }
        println!("{:?} a filter: {text}", start.elapsed() / TIMES);
    }
}
