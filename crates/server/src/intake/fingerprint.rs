//! The keyed hash of a request: the same for the same fields, in whatever order or format they came.

use exchange::{
    raw::{RawFields, RawValue},
    seal::{Fingerprint, MasterKey},
};

/// `purpose` is the call and what it is about, so that one key can't be used for two calls.
pub fn fingerprint(master: &MasterKey, purpose: &[&str], fields: &RawFields, test: bool) -> Fingerprint {
    let mut sorted: Vec<&(String, RawValue)> = fields.iter().filter(|(_, value)| !value.is_empty()).collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| text_of(&a.1).cmp(text_of(&b.1))));
    let mut parts: Vec<&[u8]> = purpose.iter().map(|part| part.as_bytes()).collect();
    parts.push(if test { b"test" } else { b"" });
    for (name, value) in sorted {
        parts.push(name.as_bytes());
        parts.push(text_of(value).as_bytes());
    }
    master.fingerprint(&parts)
}

/// A number and the same digits as a text are the same.
fn text_of(value: &RawValue) -> &str {
    match value {
        RawValue::Text(text) => text.trim(),
        RawValue::Number(digits) => digits,
        RawValue::Boolean(true) => "true",
        RawValue::Boolean(false) => "false",
        RawValue::Null => "",
        RawValue::Nested => "(nested)",
    }
}
