//! A TOML file as key paths with their values: `contracts.west.price` → `"14.00"`.

use std::collections::{BTreeMap, BTreeSet};

use exchange::id::check_name;
use toml::de::{DeArray, DeTable, DeValue};

/// The keys whose literal values nobody is shown.
const SECRET_KEYS: [&str; 2] = ["secret", "notify_secret"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// As TOML, whatever way it was written.
    value: String,
    /// What is shown instead.
    mask: Option<&'static str>,
}

impl Leaf {
    pub fn shown(&self) -> String {
        self.mask.map_or_else(|| self.value.clone(), str::to_owned)
    }
}

/// A text that isn't TOML is one value without a key. A long one has thousands of values: between them, it pauses.
pub(super) fn flatten(text: &str, pause: fn()) -> BTreeMap<String, Leaf> {
    let mut leaves = BTreeMap::new();
    match DeTable::parse(text) {
        Ok(table) => add_table("", table.get_ref(), &mut leaves, pause),
        Err(_) => drop(leaves.insert("(all)".to_owned(), Leaf { value: text.to_owned(), mask: Some("(not TOML)") })),
    }
    leaves
}

fn add_table(path: &str, table: &DeTable<'_>, leaves: &mut BTreeMap<String, Leaf>, pause: fn()) {
    for (key, value) in table.iter() {
        pause();
        let key = key.get_ref();
        let key = if check_name(key).is_ok() { key.to_string() } else { format!("{key:?}") };
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        add(&inner, &key, value.get_ref(), leaves, pause);
    }
}

fn add(path: &str, key: &str, value: &DeValue<'_>, leaves: &mut BTreeMap<String, Leaf>, pause: fn()) {
    match value {
        DeValue::Table(table) => add_table(path, table, leaves, pause),
        DeValue::Array(rows) => match names(rows) {
            // By name, so that a tier put first doesn't change all others; their order is a value of its own.
            Some(names) => {
                leaves.insert(path.to_owned(), Leaf { value: format!("[{}]", names.join(", ")), mask: None });
                for (name, row) in names.iter().zip(rows.iter()) {
                    add(&format!("{path}.{name}"), key, row.get_ref(), leaves, pause);
                }
            }
            None => drop(leaves.insert(path.to_owned(), Leaf { value: written(value), mask: None })),
        },
        _ => {
            let masked = SECRET_KEYS.contains(&key) && !value.as_str().is_some_and(|text| text.starts_with("env:"));
            let mask = masked.then_some("(a literal secret)");
            leaves.insert(path.to_owned(), Leaf { value: written(value), mask });
        }
    }
}

/// The names of tables in a list, if each has its own.
fn names(rows: &DeArray<'_>) -> Option<Vec<String>> {
    let name = |row: &DeValue<'_>| row.as_table()?.get("name")?.get_ref().as_str().map(str::to_owned);
    let names: Vec<String> = rows.iter().map(|row| name(row.get_ref())).collect::<Option<_>>()?;
    let distinct = names.iter().collect::<BTreeSet<_>>().len() == names.len();
    (distinct && !names.is_empty()).then_some(names)
}

fn written(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_or_else(|_| number.to_string(), |number| number.to_string()),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Array(entries) => format!("[{}]", entries.iter().map(|entry| written(entry.get_ref())).collect::<Vec<_>>().join(", ")),
        DeValue::Table(table) => {
            let pairs: Vec<String> = table.iter().map(|(key, value)| format!("{} = {}", key.get_ref(), written(value.get_ref()))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}
