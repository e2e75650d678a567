//! Reading JSON objects that others wrote: bounded in depth, numbers kept as their digits.

use std::{borrow::Cow, fmt};

use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Where and how a text is no JSON object. Never carries what the text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonFault {
    pub what: &'static str,
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
}

/// A value as it stands in the text.
#[derive(Clone, Copy)]
pub(crate) struct Json<'a>(&'a str);

/// What a value is. Numbers are their digits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    Null,
    Boolean(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    Nested,
}

impl<'a> Json<'a> {
    /// Where this value lies in the text that it was read from.
    pub(crate) fn fault_in(self, bytes: &[u8], what: &'static str) -> JsonFault {
        fault_at(bytes, (self.0.as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize), what)
    }

    /// As it stands there.
    pub(crate) fn text(self) -> &'a str {
        self.0
    }

    /// None for a text that is no Unicode: half a surrogate pair, escaped.
    pub(crate) fn scalar(self) -> Option<Scalar<'a>> {
        Some(match self.0.as_bytes().first()? {
            b'n' => Scalar::Null,
            b't' => Scalar::Boolean(true),
            b'f' => Scalar::Boolean(false),
            b'"' => Scalar::Text(self.unquoted()?),
            b'{' | b'[' => Scalar::Nested,
            _ => Scalar::Number(self.0),
        })
    }

    /// Of a value that stands in quotes. What nothing is escaped in is the text itself.
    fn unquoted(self) -> Option<Cow<'a, str>> {
        let plain = self.0.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| !inner.contains('\\'));
        plain.map(Cow::Borrowed).or_else(|| serde_json::from_str(self.0).ok().map(Cow::Owned))
    }
}

/// The members of the object that `bytes` are, in their order and with every repeat. A byte order mark is skipped.
pub(crate) fn members(bytes: &[u8], max_depth: usize) -> Result<Vec<(Cow<'_, str>, Json<'_>)>, JsonFault> {
    let text = std::str::from_utf8(bytes).map_err(|error| fault_at(bytes, error.valid_up_to(), "not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_depth(text, max_depth)?;
    if text.trim_start_matches([' ', '\t', '\r', '\n']).bytes().next().is_some_and(|first| first != b'{') {
        return Err(JsonFault { what: "not a JSON object", line: 1, column: 1 });
    }
    let members: Members<'_> =
        serde_json::from_str(text).map_err(|error| JsonFault { what: "not JSON", line: error.line().max(1), column: error.column().max(1) })?;
    Ok(members.0)
}

/// Where a byte lies in a text.
pub(crate) fn fault_at(bytes: &[u8], place: usize, what: &'static str) -> JsonFault {
    let before = &bytes[..place.min(bytes.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    JsonFault { what, line: before.iter().filter(|byte| **byte == b'\n').count() + 1, column: before.len() - line_start + 1 }
}

/// Counts brackets outside strings, so that no parser meets a text that nests deeper.
fn check_depth(text: &str, max_depth: usize) -> Result<(), JsonFault> {
    // Most texts have fewer brackets than that in all.
    if text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count() <= max_depth {
        return Ok(());
    }
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > max_depth {
                    return Err(fault_at(text.as_bytes(), place, "nested too deeply"));
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name, Json(value.get())));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A text that stands in what is read wherever nothing is escaped in it.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
