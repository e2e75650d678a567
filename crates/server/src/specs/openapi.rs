//! The instructions as an OpenAPI 3.1 document: this supplier's calls, with the fields of its verticals.

use serde_json::{Map, Value, json};

use super::spec::{FieldSpec, Spec, VerticalSpec};

pub fn of(spec: &Spec) -> Value {
    let mut paths = Map::new();
    for vertical in &spec.verticals {
        let lead = json!({ "$ref": "#/components/schemas/Lead" });
        paths.insert(
            format!("/v1/pings/{}", vertical.name),
            call("ping", vertical, &vertical.ping, |field| field.ping, json!({ "$ref": "#/components/schemas/Quote" })),
        );
        paths.insert(format!("/v1/leads/{}", vertical.name), call("direct post", vertical, &vertical.post, |field| field.post, lead.clone()));
        let mut post = call("post of a ping", vertical, &vertical.post, |field| field.post, lead);
        post["post"]["parameters"] = json!([{ "name": "ping_id", "in": "path", "required": true, "schema": { "type": "string" } }]);
        // OpenAPI has one entry for a path: the verticals' bodies are alternatives.
        merge(&mut paths, "/v1/pings/{ping_id}/post", post);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": format!("Posting instructions for {}", spec.label), "version": spec.revision.to_string() },
        "servers": [{ "url": spec.address }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Quote": { "type": "object", "required": ["ping_id", "status"], "properties": {
                    "ping_id": { "type": "string" }, "status": { "enum": ["matched", "unmatched"] }, "price": { "type": "string" }, "currency": { "type": "string" },
                    "firm": { "type": "boolean" }, "expires_at": { "type": "string", "format": "date-time" }, "reason": { "type": "string" } } },
                "Lead": { "type": "object", "required": ["lead_id", "status"], "properties": {
                    "lead_id": { "type": "string" }, "status": { "enum": ["sold", "unsold", "duplicate", "pending", "returned"] }, "price": { "type": "string" },
                    "currency": { "type": "string" }, "redirect_url": { "type": "string" }, "reason": { "type": "string" } } },
                "Problem": { "type": "object", "properties": { "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
                    "detail": { "type": "string" }, "errors": { "type": "array", "items": { "type": "object", "properties": {
                        "field": { "type": "string" }, "code": { "type": "string" }, "message": { "type": "string" } } } } } },
            },
        },
    })
}

fn call(what: &str, vertical: &VerticalSpec, example: &Map<String, Value>, when: fn(&FieldSpec) -> &'static str, answer: Value) -> Value {
    let fields = || vertical.fields.iter().filter(|field| when(field) != "never");
    let required: Vec<&str> = fields().filter(|field| when(field) == "required").map(|field| field.name.as_str()).collect();
    let mut properties: Map<String, Value> = fields().map(|field| (field.name.clone(), property(field))).collect();
    properties.insert("test".into(), json!({ "type": "boolean", "description": "Books nothing; calls buyers' test addresses only" }));
    let schema = json!({ "title": vertical.label, "type": "object", "required": required, "properties": properties });
    let problem =
        |means: &str| json!({ "description": means, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    json!({ "post": {
        "summary": format!("{}: {what}", vertical.label),
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema, "example": example } } },
        "responses": {
            "200": { "description": "What came of it", "content": { "application/json": { "schema": answer } } },
            "422": problem("Fields that must be corrected"),
            "default": problem("See /problems"),
        },
    } })
}

fn property(field: &FieldSpec) -> Value {
    json!({ "type": "string", "description": format!("{}: {}. In a ping, buyers see: {}", field.kind, field.rule, field.shown), "examples": [field.example] })
}

fn merge(paths: &mut Map<String, Value>, path: &str, call: Value) {
    let place = ["post", "requestBody", "content", "application/json", "schema"];
    let pointer = format!("/{}", place.join("/").replace("application/json", "application~1json"));
    let Some(there) = paths.get_mut(path) else {
        paths.insert(path.to_owned(), call);
        return;
    };
    let (Some(schema), Some(other)) = (there.pointer_mut(&pointer), call.pointer(&pointer)) else { return };
    match schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        Some(all) => all.push(other.clone()),
        None => *schema = json!({ "oneOf": [schema.clone(), other.clone()] }),
    }
}
