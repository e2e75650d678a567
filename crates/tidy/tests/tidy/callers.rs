//! Who may make a value that is a permission.

use crate::{Wrong, repository::Repository};

/// Made after the commit of a batch, in one place that all engines share.
const MADE_AFTER_COMMIT: [&str; 2] = ["Reservation::after_commit(", "Reveal::after_commit("];
/// Where that place is.
const SHARED: &str = "crates/store/src/sql/";

pub fn one_maker(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for call in MADE_AFTER_COMMIT {
        let mut made = 0;
        for (path, text) in repository.product("crates/") {
            let calls = text.matches(call).count();
            if path.starts_with(SHARED) {
                made += calls;
            } else if calls > 0 {
                wrong.push(format!("{path}: {call}…): only {SHARED} may call it, after an engine's commit"));
            }
        }
        if made != 1 {
            wrong.push(format!("{SHARED}: {made} callers of {call}…): there is exactly one, after an engine's commit"));
        }
    }
    wrong
}

pub fn sale_only_in_flow(repository: &Repository) -> Wrong {
    let elsewhere = repository.product("crates/").filter(|(path, text)| text.contains("Sale::of(") && !path.starts_with("crates/exchange/src/flow"));
    elsewhere.map(|(path, _)| format!("{path}: Sale::of: a sale is made in crates/exchange/src/flow only")).collect()
}
