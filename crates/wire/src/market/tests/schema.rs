//! The schema says what the reader reads.

use serde_json::Value;

use super::sample::sample;
use crate::market::schema;

#[test]
fn the_schema_stays_as_it_is() {
    insta::assert_json_snapshot!(schema());
}

/// Every key of the sample is in the schema, with a description. The reader refuses keys that it doesn't know, so the sample's are all right.
#[test]
fn the_schema_knows_the_samples_keys() {
    let schema = schema();
    for (path, text) in sample().files.iter().filter(|(path, _)| path.ends_with(".toml")) {
        let kind = path.split(['/', '.']).next().unwrap();
        let kind = if kind == "market" { kind } else { kind.trim_end_matches('s') };
        let file: toml::Table = text.parse().unwrap();
        check(&serde_json::to_value(file).unwrap(), &schema["$defs"][kind], path);
    }
}

/// As much of JSON Schema as the schema uses for tables.
fn check(value: &Value, schema: &Value, path: &str) {
    let alternatives = schema["oneOf"].as_array();
    let schema = alternatives.and_then(|all| all.iter().find(|one| one["type"] == "object" && value.is_object())).unwrap_or(schema);
    match value {
        Value::Object(table) => {
            for required in schema["required"].as_array().into_iter().flatten() {
                assert!(table.contains_key(required.as_str().unwrap()), "{path} lacks {required}");
            }
            for (key, value) in table {
                let inner = schema["properties"].get(key).or(schema.get("additionalProperties").filter(|more| more.is_object()));
                let inner = inner.unwrap_or_else(|| panic!("{path}.{key} isn't in {schema}"));
                check(value, inner, &format!("{path}.{key}"));
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| check(entry, &schema["items"], path)),
        _ => {}
    }
}

#[test]
fn every_key_is_described() {
    fn walk(schema: &Value, path: &str) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.'), "{path}.{key} is described as {description:?}");
            walk(property, &format!("{path}.{key}"));
        }
        for inner in ["items", "additionalProperties"].iter().filter_map(|inner| schema.get(inner)) {
            walk(inner, &format!("{path}[]"));
        }
    }
    for (kind, definition) in schema()["$defs"].as_object().unwrap() {
        walk(definition, kind);
    }
}

/// A mapping says the same of four requests; the schema says it once, and every reference leads somewhere.
#[test]
fn what_stands_in_many_places_is_said_once() {
    fn referred<'s>(schema: &'s Value, all: &mut Vec<&'s str>) {
        match schema {
            Value::Object(object) => {
                all.extend(object.get("$ref").and_then(Value::as_str));
                assert!(!object.contains_key("$shared"), "{schema}");
                object.values().for_each(|inner| referred(inner, all));
            }
            Value::Array(entries) => entries.iter().for_each(|entry| referred(entry, all)),
            _ => {}
        }
    }
    let schema = schema();
    let mut all = Vec::new();
    referred(&schema, &mut all);
    assert!(all.iter().filter(|reference| **reference == "#/$defs/request").count() == 4);
    for reference in all {
        assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
