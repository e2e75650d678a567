//! A check that can't fail checks nothing: each finds what is broken on purpose.

use crate::{Wrong, callers, dependencies, documents, repository::Repository, words};

/// A check, the files it is shown, and what it must say of them; nothing where they are as they should be.
type Case = (fn(&Repository) -> Wrong, &'static [(&'static str, &'static str)], &'static [&'static str]);

const LINTS: &str = "unsafe_code = \"forbid\"\nunwrap_used = \"deny\"\nexpect_used = \"deny\"\ndisallowed_methods = \"deny\"\n";
const SCHEMA: &str = "crates/wire/src/market/tests/snapshots/wire__market__tests__schema__the_schema_stays_as_it_is.snap";
const CODES: (&str, &str) = ("crates/exchange/src/lead.rs", "    pub fn word(self) {\n  Self::Invalid => \"invalid\",\n    }\n");
const KINDS: (&str, &str) = (
    "crates/server/src/problem.rs",
    "Self::new(StatusCode::GONE, \"erased\", \"\")\nSelf::new(\n    StatusCode::NOT_FOUND,\n    \"not_found\",\n)\nSelf::conflict(\"in_flight\", detail)",
);

const CASES: &[Case] = &[
    (dependencies::point_one_way, &[("crates/store/Cargo.toml", "[dependencies]\nwire.workspace = true\n")], &["store must not depend on wire"]),
    (dependencies::point_one_way, &[("crates/wire/Cargo.toml", "[dev-dependencies]\nstore = { path = \"../store\" }\n")], &["wire must not depend on store"]),
    (dependencies::point_one_way, &[("crates/exchange/Cargo.toml", "[dependencies.tokio]\nversion = \"1\"\n")], &["tokio has no place in exchange"]),
    (dependencies::point_one_way, &[("crates/server/Cargo.toml", "[dependencies]\nrusqlite = \"0.43\"\n")], &["rusqlite has no place in server"]),
    (dependencies::point_one_way, &[("crates/wire/Cargo.toml", "[dependencies]\nfuzz.workspace = true\n")], &["fuzz has no place in wire"]),
    (dependencies::point_one_way, &[("crates/wire/Cargo.toml", "[dev-dependencies]\nfuzz.workspace = true\n")], &[]),
    (dependencies::point_one_way, &[("crates/store/Cargo.toml", "[dependencies]\ncluster.workspace = true\n")], &["cluster has no place in store"]),
    (dependencies::point_one_way, &[("crates/store/Cargo.toml", "[dev-dependencies]\ncluster.workspace = true\n")], &[]),
    (dependencies::point_one_way, &[("crates/extra/Cargo.toml", "[package]\n")], &["a new crate"]),
    (dependencies::point_one_way, &[("crates/store/Cargo.toml", "[dependencies]\nexchange.workspace = true\nrusqlite.workspace = true\n")], &[]),
    (dependencies::no_io_in_pure_crates, &[("crates/exchange/src/a.rs", "\nlet a = std::fs::read(b);\n")], &["a.rs:2: std::fs"]),
    (dependencies::no_io_in_pure_crates, &[("crates/wire/src/a.rs", "call().await\n#[cfg(test)]\nmod tests {\n    std::fs\n}\n")], &["a.rs:1: .await"]),
    (dependencies::no_io_in_pure_crates, &[("crates/wire/src/tests/a.rs", "std::fs"), ("crates/server/src/a.rs", "std::fs")], &[]),
    (
        dependencies::sql_only_in_the_store,
        &[("crates/server/src/a.rs", "\"SELECT id FROM leads\""), ("crates/store/src/a.rs", "\"SELECT 1\"")],
        &["server/src/a.rs:1"],
    ),
    (dependencies::client_only_in_egress, &[("crates/server/src/intake/a.rs", "use hyper_util::client;")], &["egress only"]),
    (dependencies::client_only_in_egress, &[("crates/server/src/egress/a.rs", "use hyper_util::client;")], &[]),
    (
        dependencies::no_planted_bugs,
        &[("crates/server/Cargo.toml", "sim = { workspace = true, features = [\"planted\"] }"), ("crates/sim/Cargo.toml", "default = [\"planted\"]")],
        &["server: names the feature", "no default feature"],
    ),
    (dependencies::no_planted_bugs, &[("crates/sim/src/lib.rs", "mod planted;")], &["behind their feature"]),
    (
        dependencies::no_planted_bugs,
        &[("crates/sim/src/lib.rs", "#[cfg(feature = \"planted\")]\nmod planted;"), ("crates/sim/Cargo.toml", "planted = []")],
        &[],
    ),
    (dependencies::lints_everywhere, &[("Cargo.toml", LINTS), ("crates/wire/Cargo.toml", "[package]\n")], &["wire/Cargo.toml: takes the lints"]),
    (dependencies::lints_everywhere, &[("Cargo.toml", "unwrap_used = \"deny\"\n")], &["unsafe_code", "expect_used", "disallowed_methods"]),
    (callers::one_maker, &[("crates/store/src/sql/a.rs", "Reservation::after_commit(x)\nReveal::after_commit(x)")], &[]),
    (
        callers::one_maker,
        &[("crates/store/src/sql/a.rs", "Reservation::after_commit(x)"), ("crates/store/src/sql/b.rs", "Reservation::after_commit(x)")],
        &["2 callers of Reservation", "0 callers of Reveal"],
    ),
    (
        callers::one_maker,
        &[("crates/store/src/sql/a.rs", "Reservation::after_commit(x)\nReveal::after_commit(x)"), ("crates/store/src/sqlite/a.rs", "Reveal::after_commit(x)")],
        &["sqlite/a.rs"],
    ),
    (callers::sale_only_in_flow, &[("crates/server/src/a.rs", "Sale::of(x)"), ("crates/exchange/src/flow/a.rs", "Sale::of(x)")], &["server/src/a.rs"]),
    (
        words::banned,
        &[("crates/server/src/a.rs", "fn get_lead()\nstruct CallManager;\n// TO\nmod utils;\nunsafe { a }\n")],
        &["a.rs:1", "a.rs:2", "a.rs:4", "a.rs:5"],
    ),
    (
        words::banned,
        &[("crates/server/src/a.rs", "// it is so for now\n// TODO more\n// FIXME\n// XXX\ntodo!()\n")],
        &["a.rs:1", "a.rs:2", "a.rs:3", "a.rs:4", "a.rs:5"],
    ),
    (
        documents::dependencies,
        &[("crates/wire/Cargo.toml", "[dependencies]\ncel = \"0.15\"\n"), ("docs/dependencies.md", "| `toml` | files |\n")],
        &["cel: say why", "toml: no crate"],
    ),
    (
        documents::commands,
        &[("crates/server/src/commands.rs", "enum Command {\n    Serve(A),\n    MasterKey(B),\n}\n"), ("README.md", "`pingpost serve`")],
        &["command master-key"],
    ),
    (documents::commands, &[("README.md", "")], &["no commands found"]),
    (
        documents::market_keys,
        &[
            (SCHEMA, "---\nsource: a\n---\n{\"$defs\": {\"buyer\": {\"properties\": {\"credit\": {}, \"label\": {}}}}}"),
            ("docs/market.md", "| `label` | credit |"),
        ],
        &["the key credit"],
    ),
    (documents::market_keys, &[(SCHEMA, "---\na\n---\n{}")], &["no key found"]),
    (documents::problems, &[CODES, KINDS, ("docs/problems.md", "`erased` `in_flight`")], &["invalid", "not_found"]),
    (documents::problems, &[], &["no kind or code"]),
    (documents::links, &[("docs/a.md", "[b](../b.md), [c](c/) and [d](https://d.example)"), ("docs/c/e.md", "")], &["../b.md leads nowhere"]),
];

#[test]
fn each_check_finds_what_is_broken() {
    for (check, files, says) in CASES {
        assert_says(&check(&Repository::of(files)), says, files);
    }
}

#[test]
fn a_long_file_is_found() {
    let file = |lines: usize| "\n".repeat(lines);
    assert_says(&words::short_files(&Repository::of(&[("a.rs", &file(601)), ("b.rs", &file(600))])), &["a.rs: 601 lines"], &[]);
}

#[test]
fn a_local_path_is_found() {
    let text = ["see /ho", "me/somebody/notes"].concat();
    assert_says(&words::local_paths(&Repository::of(&[("docs/a.md", &text), ("docs/b.md", "homework")])), &["docs/a.md:1"], &[]);
}

fn assert_says(wrong: &Wrong, says: &[&str], files: &[(&str, &str)]) {
    let is_as_said = wrong.len() == says.len() && says.iter().all(|word| wrong.iter().any(|line| line.contains(word)));
    assert!(is_as_said, "of {files:?}\nexpected {says:#?}\nfound {wrong:#?}");
}
