//! The documents name what the code has.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    Wrong,
    repository::{Repository, dependencies_in},
};

/// Each direct dependency of each crate stands in docs/dependencies.md, and nothing stands there that isn't one.
pub fn dependencies(repository: &Repository) -> Wrong {
    let page = repository.text("docs/dependencies.md");
    let of_crates: Vec<&str> = repository.manifests().map(|(name, _)| name).collect();
    let mut used = BTreeSet::new();
    for (_, manifest) in repository.manifests() {
        used.extend(["dependencies", "dev-dependencies", "build-dependencies"].iter().flat_map(|kind| dependencies_in(manifest, kind)));
    }
    let used: BTreeSet<&str> = used.into_iter().filter(|name| !of_crates.contains(name)).collect();
    let told: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    let missing = used.difference(&told).map(|name| format!("docs/dependencies.md: {name}: say why it earns its place, and its licence"));
    let gone = told.difference(&used).map(|name| format!("docs/dependencies.md: {name}: no crate depends on it any more"));
    missing.chain(gone).collect()
}

const COMMANDS: &str = "crates/server/src/commands.rs";

pub fn commands(repository: &Repository) -> Wrong {
    let all = repository.text(COMMANDS);
    let body = all.split_once("enum Command {").and_then(|(_, rest)| rest.split_once("\n}")).map_or("", |(body, _)| body);
    let variants = body.lines().filter_map(|line| line.strip_prefix("    ").filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase())));
    let names: Vec<String> = variants.map(|line| kebab(line.split(['(', ',', ' ']).next().unwrap_or_default())).collect();
    let mut wrong = Wrong::new();
    if names.is_empty() {
        wrong.push(format!("{COMMANDS}: no commands found in `enum Command`"));
    }
    let is_page = |path: &&String| *path == "README.md" || (path.starts_with("docs/") && path.ends_with(".md"));
    let pages: String = repository.files.keys().filter(is_page).map(|path| repository.text(path)).collect();
    for name in names {
        if !pages.contains(&format!("pingpost {name}")) && !pages.contains(&format!("`{name}")) {
            wrong.push(format!("README.md: the command {name} is named neither there nor in docs/"));
        }
    }
    wrong
}

fn kebab(variant: &str) -> String {
    let mut name = String::new();
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

const SCHEMA: &str = "crates/wire/src/market/tests/snapshots/wire__market__tests__schema__the_schema_stays_as_it_is.snap";

/// Each key of the market files' schema, which a snapshot holds, stands in docs/market.md in code.
pub fn market_keys(repository: &Repository) -> Wrong {
    let snapshot = repository.text(SCHEMA).splitn(3, "---\n").nth(2).unwrap_or_default();
    let Ok(schema) = serde_json::from_str::<Value>(snapshot) else { return vec![format!("{SCHEMA}: no JSON")] };
    let mut keys = BTreeSet::new();
    properties(&schema, &mut keys);
    let page = repository.text("docs/market.md");
    let words: BTreeSet<&str> =
        page.split('`').skip(1).step_by(2).flat_map(|code| code.split(|part: char| !(part.is_ascii_alphanumeric() || part == '_'))).collect();
    let mut wrong = Wrong::new();
    if keys.is_empty() {
        wrong.push(format!("{SCHEMA}: no key found"));
    }
    wrong.extend(keys.iter().filter(|key| !words.contains(key.as_str())).map(|key| format!("docs/market.md: the key {key} is not described")));
    wrong
}

fn properties(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(own)) = members.get("properties") {
                keys.extend(own.keys().cloned());
            }
            members.values().for_each(|member| properties(member, keys));
        }
        Value::Array(members) => members.iter().for_each(|member| properties(member, keys)),
        _ => {}
    }
}

/// Each kind of problem and each code of a field stands in docs/problems.md.
pub fn problems(repository: &Repository) -> Wrong {
    let (_, codes) = repository.text("crates/exchange/src/lead.rs").split_once("pub fn word").unwrap_or_default();
    let codes = codes.split_once("\n    }").map_or("", |(codes, _)| codes);
    let codes = codes.lines().filter_map(|line| line.split_once("=> \"")).filter_map(|(_, rest)| rest.split_once('"')).map(|(code, _)| code);
    let kinds = repository.text("crates/server/src/problem.rs").split("StatusCode::").skip(1).filter_map(kind_after_status);
    let kinds: Vec<&str> = kinds.chain(repository.text("crates/server/src/problem.rs").split("Self::conflict(\"").skip(1).filter_map(until_quote)).collect();
    let codes: Vec<&str> = codes.collect();
    let mut wrong = Wrong::new();
    if codes.is_empty() || kinds.is_empty() {
        wrong.push("crates/server/src/problem.rs: no kind or code of a problem found".to_owned());
    }
    let page = repository.text("docs/problems.md");
    let all: BTreeSet<&str> = kinds.into_iter().chain(codes).collect();
    wrong.extend(all.iter().filter(|word| !page.contains(&format!("`{word}`"))).map(|word| format!("docs/problems.md: {word} is not described")));
    wrong
}

/// `NOT_FOUND, "not_found", …` → `not_found`
fn kind_after_status(rest: &str) -> Option<&str> {
    let (status, rest) = rest.split_once(',')?;
    let is_status = status.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    rest.trim_start().strip_prefix('"').filter(|_| is_status).and_then(until_quote)
}

fn until_quote(rest: &str) -> Option<&str> {
    rest.split_once('"').map(|(text, _)| text)
}

/// A link to a file of the repository names one that is there.
pub fn links(repository: &Repository) -> Wrong {
    let mut wrong = Wrong::new();
    for (path, text) in repository.files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let target = link.split('#').next().unwrap_or_default().trim_end_matches('/');
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let target = resolved(folder, target);
            let is_there = repository.paths.iter().any(|path| *path == target || path.starts_with(&format!("{target}/")));
            if !is_there {
                wrong.push(format!("{path}: the link to {link} leads nowhere"));
            }
        }
    }
    wrong
}

fn resolved(folder: &str, link: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
