//! The market files as JSON Schema, by the same calls that read them.

use serde_json::{Map, Value, json};

use super::{
    buyer::buyer,
    context::Context,
    keys::{Keys, SHARED},
    list::Lists,
    settings::settings,
    supplier::supplier,
    tree::tree,
    vertical::vertical,
};

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
    let mut definitions = Map::new();
    for (kind, path, mut schema) in kinds {
        schema["title"] = json!(path);
        share(&mut schema, &mut definitions);
        definitions.insert(kind.to_owned(), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pingpost market files",
        "description": "Each TOML file of a market's directory is one of these. Lists (lists/NAME.txt) have one value a line.",
        "oneOf": one_of,
        "$defs": definitions,
    })
}

/// Puts what stands in many places among the definitions; each place refers to it, with a description of its own.
fn share(schema: &mut Value, definitions: &mut Map<String, Value>) {
    match schema {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| share(entry, definitions)),
        Value::Object(object) => {
            object.values_mut().for_each(|inner| share(inner, definitions));
            let Some(Value::String(name)) = object.remove(SHARED) else { return };
            let description = object.remove("description");
            let mut reference = json!({ "$ref": format!("#/$defs/{name}") });
            if let Some(description) = description {
                reference["description"] = description;
            }
            definitions.insert(name, std::mem::replace(schema, reference));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
