//! The market files as JSON Schema, by the same calls that read them.

use serde_json::{Value, json};

use super::{buyer::buyer, context::Context, keys::Keys, list::Lists, settings::settings, supplier::supplier, tree::tree, vertical::vertical};

/// One schema (draft 2020-12) with a definition for each kind of TOML file: market, vertical, supplier, buyer, tree.
#[must_use]
pub fn schema() -> Value {
    let context = Context::default();
    let kinds = [
        ("market", "market.toml", Keys::describe(settings)),
        ("vertical", "verticals/NAME.toml", Keys::describe(|keys| vertical(keys, None))),
        ("supplier", "suppliers/NAME.toml", Keys::describe(|keys| supplier(keys, None, &context))),
        ("buyer", "buyers/NAME.toml", Keys::describe(|keys| buyer(keys, None, &context, &mut Lists::default()))),
        ("tree", "trees/NAME.toml", Keys::describe(|keys| tree(keys, None, &context))),
    ];
    let one_of: Vec<Value> = kinds.iter().map(|(kind, ..)| json!({ "$ref": format!("#/$defs/{kind}") })).collect();
    let definitions = kinds.into_iter().map(|(kind, path, mut schema)| {
        schema["title"] = json!(path);
        (kind.to_owned(), schema)
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pingpost market files",
        "description": "Each TOML file of a market's directory is one of these. Lists (lists/NAME.txt) have one value a line.",
        "oneOf": one_of,
        "$defs": Value::Object(definitions.collect()),
    })
}
