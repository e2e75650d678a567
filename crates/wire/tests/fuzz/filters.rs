//! CEL filters: what compiles means the same each time, also in its own words.

use exchange::{
    filter::NoMatch,
    id::Revision,
    lead::read_ping,
    market::Market,
    raw::{RawFields, RawValue},
};
use fuzz::{Seen, seen};
use wire::market::read;

use crate::world::{loans, small};

pub const WORDS: &[&str] = &[
    "state",
    "amount",
    "zip",
    "rooms",
    "score",
    "owner",
    "kind",
    "birth_date",
    "phone",
    "has(",
    "list(\"x\")",
    " in ",
    "[",
    "]",
    "true",
    "false",
    ".startsWith(\"9\")",
    " == ",
    " != ",
    " >= ",
    " < ",
    " <= ",
    " > ",
    " && ",
    " || ",
    "!",
    "(",
    ")",
    "\"CA\"",
    "'NY'",
    "100000",
    "200000",
    "18",
    "\"purchase\"",
    "7",
    "-1",
    "1.5",
    "9223372036854775808",
    "1e400",
    "0x1f",
    "r'x'",
    "\"\"\"",
    "\\x41",
    "?",
    ":",
    "{",
    "}",
    "//",
    "1u",
    "b'x'",
    "size(",
    "state.",
    "[\"CA\", \"NY\"]",
    "((((((((",
    "!!!!!!!!",
];

/// A few pings, from a full one to one that says the least.
fn pings() -> Vec<exchange::attribute::PingPart> {
    let raw = |pairs: &[(&str, &str)]| -> RawFields { pairs.iter().map(|(name, text)| ((*name).to_owned(), RawValue::of_text(*text))).collect() };
    let today = jiff::civil::date(2026, 11, 23);
    [
        raw(&[
            ("state", "CA"),
            ("zip", "90012"),
            ("amount", "150000"),
            ("rooms", "7"),
            ("score", "612.5"),
            ("owner", "true"),
            ("kind", "purchase"),
            ("birth_date", "1979-06-14"),
        ]),
        raw(&[("state", "NY"), ("zip", "100"), ("amount", "0-99999"), ("owner", "no")]),
        raw(&[("state", "TX")]),
    ]
    .iter()
    .map(|raw| read_ping(loans(), raw, today).unwrap().attributes)
    .collect()
}

/// The market with this filter, or the mends of what is wrong with it.
fn market(filter: &str) -> Result<Market, Vec<String>> {
    let mut bundle = small();
    let quoted = serde_json::Value::from(filter).to_string().replace('\u{7f}', "\\u007f");
    let buyer = bundle.files.get_mut("buyers/harbor.toml").unwrap();
    *buyer = buyer.replace("'state == \"CA\"'", &quoted);
    bundle.files.insert("lists/x.txt".into(), "CA\nNY\n".into());
    match read(&bundle) {
        Ok((parts, _)) => Ok(Market::new(Revision(1), parts)),
        Err(problems) => Err(problems.into_iter().map(|problem| problem.mend).collect()),
    }
}

fn truths(market: &Market) -> Vec<bool> {
    let filter = market.parts().contracts[0].filter.as_ref().unwrap();
    pings().iter().map(|ping| filter.matches(ping)).collect()
}

pub fn filter(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let market = match market(&text) {
        Ok(market) => market,
        Err(mends) => return seen(mends),
    };
    let truths_of_it = truths(&market);
    let filter = market.parts().contracts[0].filter.as_ref().unwrap();
    let mut told = Vec::new();
    for (ping, matches) in pings().iter().zip(&truths_of_it) {
        let why_not = filter.why_not(ping, loans());
        // What doesn't match says why, and what matches has nothing to say.
        assert_eq!(why_not.is_none(), *matches);
        if let Some(NoMatch::Clause(clause)) = &why_not {
            let again = self::market(clause).unwrap_or_else(|mends| panic!("a clause is told that is no filter: {clause}: {mends:?}"));
            let holds = again.parts().contracts[0].filter.as_ref().unwrap().matches(ping);
            assert!(!holds, "the clause that doesn't hold does: {clause}");
        }
        told.push(why_not.map(|why| matches!(why, NoMatch::Clause(_))));
    }
    // A filter and its negation are never both true: what is missing decides neither.
    if let Ok(negated) = self::market(&format!("!({text})")) {
        let both = truths_of_it.iter().zip(truths(&negated)).any(|(one, other)| *one && other);
        assert!(!both, "true, and so is its negation");
    }
    seen((told, text.len() / 16))
}
