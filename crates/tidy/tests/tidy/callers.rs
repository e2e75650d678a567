//! Who may make a value that is a permission.

use std::collections::BTreeMap;

use crate::{Wrong, repository::Repository};

/// Made by an engine, after its commit, in one place.
const MADE_AFTER_COMMIT: [&str; 2] = ["Reservation::after_commit(", "Reveal::after_commit("];

pub fn one_maker_per_engine(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for call in MADE_AFTER_COMMIT {
        let mut per_engine: BTreeMap<&str, u32> = engines(repository).into_iter().map(|engine| (engine, 0)).collect();
        for (path, text) in repository.product("crates/") {
            let calls = text.matches(call).count();
            match engine_of(path).and_then(|engine| per_engine.get_mut(engine)) {
                Some(sum) => *sum += u32::try_from(calls).unwrap(),
                None if calls > 0 => wrong.push(format!("{path}: {call}…): only an engine of the store may call it, after its commit")),
                None => {}
            }
        }
        for (engine, calls) in per_engine.into_iter().filter(|(_, calls)| *calls != 1) {
            wrong.push(format!("crates/store/src/{engine}: {calls} callers of {call}…): an engine has exactly one, after its commit"));
        }
    }
    wrong
}

fn engines(repository: &Repository) -> Vec<&'static str> {
    ["sqlite", "postgres"].into_iter().filter(|engine| repository.rust(&format!("crates/store/src/{engine}/")).next().is_some()).collect()
}

/// The engine that a file of the store belongs to.
fn engine_of(path: &str) -> Option<&str> {
    path.strip_prefix("crates/store/src/")?.split_once('/').map(|(engine, _)| engine)
}

pub fn sale_only_in_flow(repository: &Repository) -> Wrong {
    let elsewhere = repository.product("crates/").filter(|(path, text)| text.contains("Sale::of(") && !path.starts_with("crates/exchange/src/flow"));
    elsewhere.map(|(path, _)| format!("{path}: Sale::of: a sale is made in crates/exchange/src/flow only")).collect()
}
