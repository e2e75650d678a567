//! Whatever the files say, the reader comes back with a market or with problems.

use std::collections::BTreeSet;

use exchange::money::Currency;
use proptest::prelude::*;

use super::{bundle, read, small, with};
use crate::market::{
    Bundle,
    filter::{Terms, compile},
    list::Lists,
};

/// Pieces of filters, so that random texts are often nearly right.
const PIECES: &[&str] = &[
    "state",
    "loan_amount",
    "phone",
    "has",
    "list",
    "in",
    "true",
    "false",
    "startsWith",
    "==",
    "!=",
    ">=",
    "<",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "\"CA\"",
    "'x'",
    "100000",
    "-1",
    "1.5",
    "9223372036854775808",
    "1e400",
    "0x1f",
    "\"",
    "'",
    "\\",
    "\n",
    "é",
    "\u{0}",
    "?",
    ":",
    "{",
    "}",
    "//",
    "r'",
    "\"\"\"",
    "-",
    "in list(\"x\")",
];

fn compiles(text: &str) -> bool {
    let (parts, _) = read(&small()).unwrap();
    let mut lists = Lists::default();
    lists.add("x", "CA\nnonsense\n");
    compile(text, Terms { vertical: &parts.verticals[0], unsure: &BTreeSet::new(), currency: Currency::USD, lists: &mut lists }).is_ok()
}

/// The answer doesn't matter: that there is one does.
fn reads(bundle: &Bundle) {
    let _either = read(bundle).is_ok();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_filter_or_a_problem(text in ".{0,200}") {
        let _either = compiles(&text);
    }

    #[test]
    fn any_pieces_are_a_filter_or_a_problem(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let _either = compiles(&pieces.join(" "));
        let _either = compiles(&pieces.concat());
    }

    #[test]
    fn any_text_is_a_file_or_a_problem(path in "(market|buyers/a|trees/a|verticals/a|suppliers/a|lists/a|[a-z/.]{0,12})\\.(toml|txt)", text in "(?s).{0,300}") {
        let mut market = small();
        market.files.insert(path, text);
        reads(&market);
    }

    /// One byte range of a good file cut out: the likeliest mistakes.
    #[test]
    fn any_cut_is_a_file_or_a_problem(path in prop::sample::select(vec!["market.toml", "buyers/harbor.toml", "trees/mortgage.toml", "verticals/mortgage.toml"]), from in 0usize..300, length in 0usize..60) {
        let mut market = small();
        let text = market.files.get_mut(path).unwrap();
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        text.replace_range(from..to, "");
        reads(&market);
    }
}

/// Deep and long texts, on the 2 MB of stack that a test's thread has.
#[test]
fn no_filter_exhausts_the_stack() {
    let long = |piece: &str| piece.repeat(16_000 / piece.len());
    for text in [
        long("("),
        long("["),
        long("!"),
        long("-"),
        long("a."),
        long("a("),
        long("[0]"),
        long("a == "),
        long("(a) == "),
        long("a in "),
        long("a && "),
        long("insured && "),
        long("a ? "),
        long("\"\" "),
        long("'"),
        long("\\"),
        long("{"),
        long("has("),
        format!("{}state == \"CA\"", long("state == \"CA\" && ")),
        format!("{}state == \"CA\"", long("state == \"CA\" || ")),
        format!("state in [{}\"CA\"]", long("\"CA\", ")),
        format!("{}has(state)", long("!")),
        format!("{}has(state){}", "(".repeat(24), ")".repeat(24)),
        format!("{}has(state){}", "!(".repeat(24), ")".repeat(24)),
    ] {
        let _either = compiles(&text);
    }
    assert!(compiles(&format!("{}state == \"CA\"", "state == \"CA\" && ".repeat(800))));
    // The brackets of `has` are the deepest.
    assert!(compiles(&format!("{}has(state){}", "!(".repeat(23), ")".repeat(23))));
}

#[test]
fn no_file_exhausts_the_stack() {
    for text in [
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{a=".repeat(100_000)),
        format!("{} = 1", "a.".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        "[a]\n".repeat(20_000),
        "= \n".repeat(50_000),
    ] {
        reads(&bundle(&[("market.toml", "currency = \"USD\""), ("buyers/a.toml", &text)]));
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let mut market = small();
    market.files.insert("lists/huge.txt".to_owned(), "x\n".repeat((64 << 20) / 2));
    let problems = read(&market).unwrap_err();
    assert_eq!(problems.len(), 1);
    let filter = format!("state in [{}\"CA\"]", "\"CA\", ".repeat(4000));
    let problems = read(&with("buyers/harbor.toml", "state in [\"CA\", \"WA\"]", &filter)).unwrap_err();
    assert!(problems[0].what.contains("bytes"), "{problems:?}");
}
