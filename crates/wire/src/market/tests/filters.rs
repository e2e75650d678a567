//! Filters: what they mean to a ping, with and without its attributes; and what `check` says to those that mean nothing.

use std::collections::BTreeSet;

use exchange::{
    attribute::{Attribute, PingPart},
    filter::{Filter, NoMatch},
    money::{Currency, Money},
    schema::Vertical,
};

use super::bundle;
use crate::market::{
    filter::{Terms, compile},
    list::Lists,
    read,
};

const AUTO: &str = r#"label = "Auto"
[fields.state]
type = "state"
ping = "value"
[fields.zip]
type = "zip"
ping = "value"
[fields.zip3]
type = "zip"
ping = { prefix = 3 }
[fields.coverage]
type = "enum"
values = ["basic", "standard", "superior"]
ping = "value"
[fields.insured]
type = "boolean"
ping = "value"
aliases = ["has_insurance"]
[fields.vehicles]
type = "integer"
min = 0
max = 20
ping = "value"
[fields.ratio]
type = "decimal"
ping = "value"
[fields.premium]
type = "money"
ping = "value"
[fields.loan]
type = "money"
ping = { bands = [0, 100_000, 200_000] }
[fields.birth_date]
type = "date"
ping = { age_bands = [18, 25, 65] }
[fields.make]
type = "text"
max_length = 20
ping = "value"
[fields.code]
type = "text"
ping = { prefix = 4 }
[fields.phone]
type = "phone"
[fields.income]
type = "money"
"#;

fn vertical() -> Vertical {
    let (parts, _) = read(&bundle(&[("market.toml", "currency = \"USD\"\n"), ("verticals/auto.toml", AUTO)])).unwrap();
    parts.verticals.into_iter().next().unwrap()
}

fn lists() -> Lists {
    let mut lists = Lists::default();
    lists.add("west", "CA\n\n WA \nOR\n");
    lists.add("metros", "90210\n90211\n");
    lists.add("bad", "CA\nCalifornia\nca\n");
    lists
}

fn compiled(text: &str, vertical: &Vertical) -> Result<Filter, Vec<String>> {
    let terms = Terms { vertical, unsure: &BTreeSet::new(), currency: Currency::USD, lists: &mut lists() };
    compile(text, terms).map_err(|wrong| wrong.into_iter().map(|wrong| format!("{}: {}", wrong.what, wrong.mend)).collect())
}

/// A ping that shows everything but what is in `without`.
fn ping(vertical: &Vertical, without: &[&str]) -> PingPart {
    let text = |text: &str| Attribute::Text(text.to_owned());
    let all = [
        ("state", text("CA")),
        ("zip", text("90210")),
        ("zip3", text("902")),
        ("coverage", text("standard")),
        ("insured", Attribute::Boolean(true)),
        ("vehicles", Attribute::Integer(2)),
        ("ratio", Attribute::Decimal(2_500_000)),
        ("premium", Attribute::Money(Money::from_micros(12_500_000))),
        ("loan", Attribute::Band(1)),
        ("birth_date", Attribute::Band(1)),
        ("make", text("Acme")),
        ("code", text("AB12")),
    ];
    let shown = all.into_iter().filter(|(name, _)| !without.contains(name));
    PingPart::new(shown.map(|(name, attribute)| (vertical.find(name).unwrap(), attribute)).collect())
}

#[test]
fn a_filter_says_yes_or_no() {
    let vertical = vertical();
    let ping = ping(&vertical, &[]);
    for (text, expected) in [
        ("state == \"CA\"", true),
        ("state != \"CA\"", false),
        ("\"CA\" == state", true),
        ("state in [\"WA\", \"CA\"]", true),
        ("state in ['NY']", false),
        ("state in list(\"west\")", true),
        ("!(state in list(\"west\"))", false),
        ("zip in list(\"metros\")", true),
        ("zip == \"90210\"", true),
        ("zip.startsWith(\"902\")", true),
        ("zip.startsWith(\"91\")", false),
        ("zip3 == \"902\"", true),
        ("zip3.startsWith(\"9\")", true),
        ("coverage == 'standard'", true),
        ("insured", true),
        ("!insured", false),
        ("!!insured", true),
        ("insured == true", true),
        ("false == insured", false),
        ("insured in [true, false]", true),
        ("vehicles >= 2", true),
        ("vehicles > 2", false),
        ("2 <= vehicles", true),
        ("2 < vehicles", false),
        ("1 < vehicles", true),
        ("2 > vehicles", false),
        ("3 > vehicles", true),
        ("vehicles in [1, 2, 3]", true),
        ("vehicles == 2.0", true),
        ("ratio == 2.5", true),
        ("ratio > -1", true),
        ("ratio >= 2.500001", false),
        ("premium == 12.50", true),
        ("premium < 12.51", true),
        ("premium <= 12", false),
        ("loan >= 0", true),
        ("loan >= 100000", true),
        ("loan < 100000", false),
        ("100000 <= loan", true),
        ("200000 > loan", true),
        ("loan == \"100000-199999\"", true),
        ("loan in [\"200000+\", \"100000-199999\"]", true),
        ("loan != \"200000+\"", true),
        ("birth_date >= 25", true),
        ("birth_date < 25", false),
        ("birth_date == \"25-64\"", true),
        ("make == \"Acme\"", true),
        ("make == \"acme\"", false),
        ("make.startsWith(\"Ac\")", true),
        ("code == \"AB12\"", true),
        ("has(state)", true),
        ("!has(state)", false),
        ("true", true),
        ("false", false),
        ("true && state == \"CA\" && vehicles == 2 && (loan < 100000 || insured)", true),
        ("state == \"NY\" || vehicles == 2", true),
    ] {
        let filter = compiled(text, &vertical).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        assert_eq!(filter.matches(&ping), expected, "{text}");
        assert_eq!(filter.why_not(&ping, &vertical).is_none(), expected, "{text}");
    }
}

#[test]
fn what_is_missing_is_unknown_and_so_is_its_negation() {
    let vertical = vertical();
    let ping = ping(&vertical, &["state", "vehicles", "insured", "loan"]);
    let missing = |names: &[&str]| Some(NoMatch::Missing(names.iter().map(|name| (*name).to_owned()).collect()));
    let clause = |text: &str| Some(NoMatch::Clause(text.to_owned()));
    for (text, expected) in [
        ("state == \"CA\"", missing(&["state"])),
        ("!(state == \"CA\")", missing(&["state"])),
        ("state != \"CA\"", missing(&["state"])),
        ("state in [\"CA\"]", missing(&["state"])),
        ("!(state in list(\"west\"))", missing(&["state"])),
        ("insured", missing(&["insured"])),
        ("!insured", missing(&["insured"])),
        ("loan < 100000", missing(&["loan"])),
        ("state == \"CA\" || true", None),
        ("state == \"CA\" && true", missing(&["state"])),
        ("state == \"CA\" && false", clause("false")),
        ("state == \"CA\" && zip == \"10001\"", clause("zip == \"10001\"")),
        ("state == \"CA\" || zip == \"90210\"", None),
        ("state == \"CA\" || vehicles == 1", missing(&["state", "vehicles"])),
        ("has(state)", clause("has(state)")),
        ("!has(state)", None),
        ("!has(vehicles) || vehicles == 2", None),
        ("has(vehicles) && vehicles == 2", clause("has(vehicles)")),
    ] {
        assert_eq!(compiled(text, &vertical).unwrap().why_not(&ping, &vertical), expected, "{text}");
    }
}

/// A reason names one clause, however many are joined.
#[test]
fn clauses_are_flat() {
    let vertical = vertical();
    let filter = compiled("state == \"CA\" && (vehicles == 2 && (zip == \"90210\" && insured == false)) && true", &vertical).unwrap();
    assert_eq!(filter.why_not(&ping(&vertical, &[]), &vertical), Some(NoMatch::Clause("insured == false".to_owned())));
}

const WRONG: &[&str] = &[
    // Fields.
    "stat == \"CA\"",
    "phone == \"5551234567\"",
    "income >= 1000",
    "has(income)",
    "has_insurance == true",
    "State == \"CA\"",
    // Literals.
    "state == \"ca\"",
    "state == \"XX\"",
    "state == 5",
    "zip == \"9021\"",
    "zip == 90210",
    "zip3 == \"90210\"",
    "zip3.startsWith(\"9021\")",
    "coverage == \"standrd\"",
    "coverage in [\"basic\", \"gold\"]",
    "insured == \"yes\"",
    "insured == 1",
    "vehicles == 2.5",
    "vehicles > 21",
    "vehicles == \"2\"",
    "ratio == 1.2345678",
    "premium == 12.345",
    "premium == \"12.50\"",
    "make == \"a text of more than twenty characters\"",
    "code == \"AB123\"",
    "vehicles == 5u",
    // TOML has underscores in numbers, CEL has none.
    "loan >= 100_000",
    "state == null",
    "state == b'CA'",
    // Bands.
    "loan >= 150000",
    "loan > 100000",
    "loan <= 100000",
    "loan == 100000",
    "loan == \"0-100000\"",
    "loan < \"100000-199999\"",
    "loan in [100000]",
    "birth_date >= 30",
    "birth_date == true",
    // Order.
    "state < \"CA\"",
    "zip >= \"90000\"",
    "coverage > \"basic\"",
    "insured >= true",
    "make < \"B\"",
    // Shapes.
    "",
    "   ",
    "state",
    "\"CA\"",
    "state == zip",
    "\"CA\" == \"CA\"",
    "state = \"CA\"",
    "state == \"CA\" &&",
    "state == \"CA\" and insured",
    "state == \"CA\" & insured",
    "vehicles + 1 > 2",
    "vehicles > 1 ? insured : false",
    "size(state) == 2",
    "state.size() == 2",
    "state.startsWith(\"C\")",
    "zip.startsWith(90)",
    "zip.startsWith(\"\")",
    "make.endsWith(\"e\")",
    "make.matches(\".*\")",
    "state in []",
    "state in \"CA\"",
    "state in list(\"wets\")",
    "state in list(west)",
    "state in list(\"west\", \"east\")",
    "\"CA\" in state",
    "list(\"west\")",
    "has(state.x)",
    "has(state, zip)",
    "[1, 2].exists(x, x == 1)",
    "state == \"CA\" == true",
    "(state == \"CA\") == true",
    "state == \"CA",
    "(state == \"CA\"",
    "for == 1",
    // Several at once.
    "stat == \"CA\" && phone == \"1\" && loan > 5 && state in [\"xx\", \"CA\", \"yy\"]",
];

#[test]
fn a_filter_that_means_nothing_is_told_why() {
    let vertical = vertical();
    let told = WRONG.iter().map(|text| {
        let wrong = compiled(text, &vertical).expect_err(text);
        format!("── {text}\n{}\n\n", wrong.iter().map(|line| format!("`filter` {line}")).collect::<Vec<_>>().join("\n"))
    });
    insta::assert_snapshot!(told.collect::<String>());
}

#[test]
fn a_lists_wrong_entries_are_told_once_at_their_lines() {
    let vertical = vertical();
    let mut lists = lists();
    for _ in 0..3 {
        let terms = Terms { vertical: &vertical, unsure: &BTreeSet::new(), currency: Currency::USD, lists: &mut lists };
        assert!(compile("state in list(\"bad\")", terms).is_ok());
    }
    let told: Vec<String> = lists.into_problems().iter().filter(|problem| problem.is_error()).map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "lists/bad.txt:2: the entry is \"California\", for `state` of auto: write the two letters of a state, in upper case",
            "lists/bad.txt:3: the entry is \"ca\", for `state` of auto: write \"CA\"",
        ]
    );
}
