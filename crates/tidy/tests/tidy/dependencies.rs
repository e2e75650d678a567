//! What may depend on what.

use crate::{
    Wrong,
    repository::{Repository, dependencies_in},
};

/// Which of the project's crates each may depend on, in its tests too.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("cluster", &[]),
    ("fuzz", &[]),
    ("exchange", &[]),
    ("wire", &["exchange", "fuzz"]),
    ("store", &["exchange", "cluster"]),
    ("sim", &["exchange", "wire", "store"]),
    ("server", &["exchange", "wire", "store", "sim", "cluster", "fuzz"]),
    ("tidy", &[]),
];

/// What only tests use: a PostgreSQL of their own, and inputs made at random.
const ONLY_IN_TESTS: [&str; 2] = ["cluster", "fuzz"];

/// Not in the core: runtimes, sockets, databases, formats, clocks and randomness.
const NOT_IN_EXCHANGE: [&str; 17] = [
    "tokio",
    "tokio-util",
    "futures-util",
    "hyper",
    "hyper-util",
    "axum",
    "tower",
    "reqwest",
    "rusqlite",
    "tokio-postgres",
    "serde_json",
    "toml",
    "quick-xml",
    "csv",
    "getrandom",
    "rand",
    "tracing",
];
/// Not in the wire: whatever reads or sends by itself.
const NOT_IN_WIRE: [&str; 11] = ["tokio", "tokio-util", "hyper", "hyper-util", "axum", "tower", "reqwest", "rusqlite", "tokio-postgres", "getrandom", "rand"];
/// Only in the store.
const DATABASES: [&str; 7] = ["rusqlite", "libsqlite3-sys", "tokio-postgres", "postgres", "deadpool-postgres", "tokio-postgres-rustls", "sqlx"];

pub fn point_one_way(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for (name, manifest) in repository.manifests() {
        let Some((_, may_use)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("crates/{name}: a new crate: say in MAY_USE of the tidy test, and in ARCHITECTURE.md, what it may depend on"));
            continue;
        };
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        for used in kinds.iter().flat_map(|kind| dependencies_in(manifest, kind)) {
            let is_ours = MAY_USE.iter().any(|(known, _)| *known == used);
            if is_ours && !may_use.contains(&used) {
                wrong.push(format!("crates/{name}/Cargo.toml: {name} must not depend on {used}"));
            }
        }
        for used in dependencies_in(manifest, "dependencies") {
            let is_banned = match name {
                "exchange" => NOT_IN_EXCHANGE.contains(&used),
                "wire" => NOT_IN_WIRE.contains(&used),
                _ => name != "store" && DATABASES.contains(&used),
            };
            if is_banned || ONLY_IN_TESTS.contains(&used) {
                wrong.push(format!("crates/{name}/Cargo.toml: {used} has no place in {name}"));
            }
        }
    }
    wrong
}

/// The bugs that the simulator is tested with are in no release: whoever builds them says so by name, and no manifest does.
pub fn no_planted_bugs(repository: &Repository) -> Wrong {
    const FEATURE: &str = "planted";
    let mut wrong = Wrong::new();
    let root = ("the workspace", repository.text("Cargo.toml"));
    for (name, manifest) in repository.manifests().chain([root]).filter(|(name, _)| *name != "sim") {
        if manifest.contains(FEATURE) {
            wrong.push(format!("{name}: names the feature {FEATURE}, which is for tests of the simulator alone"));
        }
    }
    let sim = repository.text("crates/sim/Cargo.toml");
    if sim.lines().any(|line| line.trim_start().starts_with("default") && line.contains(FEATURE)) {
        wrong.push(format!("crates/sim/Cargo.toml: {FEATURE} is no default feature"));
    }
    let lib = repository.text("crates/sim/src/lib.rs");
    if lib.contains("mod planted") && !lib.contains("#[cfg(feature = \"planted\")]\nmod planted") {
        wrong.push("crates/sim/src/lib.rs: planted bugs are behind their feature".to_owned());
    }
    wrong
}

/// What a pure crate doesn't say. Its tests may: they read files.
const IO: [&str; 11] =
    ["std::fs", "std::env", "std::thread", "std::process", "std::io", "TcpStream", "TcpListener", "UdpSocket", "println!", "async fn", ".await"];

pub fn no_io_in_pure_crates(repository: &Repository) -> Wrong {
    let files = ["crates/exchange/src/", "crates/wire/src/"].into_iter().flat_map(|pure| repository.product(pure));
    found(files, &IO, "a pure crate does no IO")
}

const SQL: [&str; 8] = ["rusqlite", "tokio_postgres", "SELECT ", "INSERT INTO", "INSERT OR", "DELETE FROM", "CREATE TABLE", "PRAGMA "];

pub fn sql_only_in_the_store(repository: &Repository) -> Wrong {
    let files = repository.product("crates/").filter(|(path, _)| !path.starts_with("crates/store/"));
    found(files, &SQL, "only the store names SQL")
}

const CLIENTS: [&str; 5] = ["hyper::client", "hyper_util::client", "client::legacy", "reqwest", "TcpStream::connect"];

pub fn client_only_in_egress(repository: &Repository) -> Wrong {
    // The clusters are the tests' own: they ask which port of loopback is free.
    let exempt = ["crates/server/src/egress", "crates/cluster/"];
    let files = repository.product("crates/").filter(|(path, _)| !exempt.iter().any(|exempt| path.starts_with(exempt)));
    found(files, &CLIENTS, "calls go out through crates/server/src/egress only, which checks every address")
}

pub fn lints_everywhere(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for (name, manifest) in repository.manifests() {
        if !manifest.contains("[lints]\nworkspace = true") {
            wrong.push(format!("crates/{name}/Cargo.toml: takes the lints of the workspace: [lints] workspace = true"));
        }
    }
    for lint in ["unsafe_code = \"forbid\"", "unwrap_used = \"deny\"", "expect_used = \"deny\"", "disallowed_methods = \"deny\""] {
        if !repository.text("Cargo.toml").contains(lint) {
            wrong.push(format!("Cargo.toml: the workspace's lints have {lint}"));
        }
    }
    wrong
}

/// Where any of the words stands, a comment's lines left out.
fn found<'a>(files: impl Iterator<Item = (&'a str, &'a str)>, words: &[&str], rule: &str) -> Wrong {
    let mut wrong = Wrong::new();
    for (path, text) in files {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in words.iter().filter(|word| line.contains(*word)) {
                wrong.push(format!("{path}:{}: {word}: {rule}", number + 1));
            }
        }
    }
    wrong
}
