//! Whether an answer has the shape that the OpenAPI document says.

use serde_json::Value;

use super::{Call, World};

/// The schemas of the document.
pub struct Shapes(Value);

impl Shapes {
    pub fn of(world: &World) -> Self {
        Self(Call::get(world.url("/openapi.json")).send().expect(200).json())
    }

    /// Fails where the answer of a call has a member that the document doesn't say, lacks one that it requires, or has one of another type.
    #[track_caller]
    pub fn hold(&self, method: &str, path: &str, answer: &Value) {
        let schema = &self.0["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {path} has no shape");
        self.fits(schema, answer, &format!("{method} {path}"));
    }

    #[track_caller]
    fn fits(&self, schema: &Value, value: &Value, place: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            return self.fits(&self.0["components"]["schemas"][name.rsplit('/').next().unwrap()], value, place);
        }
        if let Some(either) = schema["oneOf"].as_array() {
            // utoipa writes an optional object as null or a reference.
            let some = either.iter().find(|one| one["type"] != "null").unwrap();
            return self.fits(some, value, place);
        }
        let kind = match value {
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Null => "null",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
        };
        let said = &schema["type"];
        let is_said = |kind: &str| said == kind || said.as_array().is_some_and(|kinds| kinds.iter().any(|said| said == kind));
        assert!(is_said(kind) || (kind == "integer" && is_said("number")), "{place} is {value}, not {said}");
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| self.fits(&schema["items"], entry, &format!("{place}[]"))),
            Value::Object(members) if schema["properties"].is_object() => {
                for (name, member) in members {
                    let of_member = &schema["properties"][name];
                    assert!(of_member.is_object(), "{place}.{name} isn't in the document");
                    self.fits(of_member, member, &format!("{place}.{name}"));
                }
                for required in schema["required"].as_array().into_iter().flatten() {
                    assert!(members.contains_key(required.as_str().unwrap()), "{place} without {required}");
                }
            }
            _ => {}
        }
    }
}
