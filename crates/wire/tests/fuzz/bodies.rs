//! Bodies of requests: JSON, forms, XML, and the headers that say which.

use exchange::raw::{RawFields, RawValue};
use fuzz::{Seen, seen};
use serde_json::Value;
use wire::{
    answer::negotiate,
    body::{BodyError, Limits, read, take_test},
};

pub const JSON_WORDS: &[&str] = &[
    "\"phone\": ",
    "\"test\": true",
    "\"a\": {\"b\": [1]}",
    "{\"a\":",
    "[",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\\"",
    "1.5e300",
    "-0",
    "1E+2",
    "\"\":",
    ", ",
    "[[[[[[[[",
    "\u{feff}{",
    "true",
    "false",
    "nul",
    "\u{2028}",
];
pub const FORM_WORDS: &[&str] = &["phone=", "&", "&&", "=", "%20", "%2B", "%c3%a9", "%c3", "%", "%4", "+", "test=true", "a[]=", "a=b&", "%26", "%3D", "=%"];
pub const XML_WORDS: &[&str] = &[
    "<lead>",
    "</lead>",
    "<a>",
    "</a>",
    "<a/>",
    "<a b='c'>",
    "<n:a>",
    "&amp;",
    "&lt;",
    "&#65;",
    "&#x41;",
    "&#xD;",
    "&#32;",
    "&bogus;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version='1.0' encoding='utf-8'?>",
    "<?xml version=\"1.1\"?>",
    "<?pi ?>",
    "<!DOCTYPE lead [<!ENTITY a \"b\">]>",
    "encoding='latin-1'",
    "<a><a><a><a>",
    "\r\n",
];
pub const HEADER_WORDS: &[&str] = &[
    "application/json",
    "application/xml",
    "text/xml",
    "application/x-www-form-urlencoded",
    "application/problem+json",
    "; charset=utf-8",
    ";charset=\"UTF-8\"",
    "; q=0.5",
    ";q=0",
    "q=1.000",
    "*/*",
    "application/*",
    "text/*",
    ", ",
    "+json",
    "+xml",
    ";;",
    "charset",
];

const LIMITS: Limits = Limits::DEFAULT;

/// Reads twice, and holds what every body must.
fn read_as(kind: &str, bytes: &[u8]) -> Result<RawFields, BodyError> {
    let read_once = || read(Some(kind), bytes).map(|body| body.fields);
    let fields = read_once();
    assert!(fields == read_once(), "read twice, it reads otherwise");
    match &fields {
        Ok(fields) => {
            assert!(fields.len() <= LIMITS.fields, "{} fields", fields.len());
            let size: usize = fields.iter().map(|(name, value)| name.len() + text(value).map_or(0, str::len)).sum();
            assert!(size <= bytes.len(), "{size} bytes out of {}", bytes.len());
            let mut rest = fields.clone();
            let _either = take_test(&mut rest);
            assert!(rest.iter().all(|(name, _)| !name.eq_ignore_ascii_case("test")));
        }
        Err(BodyError::Unreadable { line, column, .. }) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!((1..=lines).contains(line) && (1..=bytes.len() + 1).contains(column), "line {line} of {lines}, column {column} of {}", bytes.len());
        }
        Err(BodyError::UnsupportedType) => panic!("{kind} is supported"),
    }
    fields
}

fn text(value: &RawValue) -> Option<&str> {
    match value {
        RawValue::Text(text) => Some(text),
        RawValue::Number(digits) => Some(digits),
        RawValue::Boolean(_) | RawValue::Null | RawValue::Nested => None,
    }
}

/// What an outcome was, without its places.
fn told(fields: &Result<RawFields, BodyError>) -> Seen {
    let kind = |value: &RawValue| match value {
        RawValue::Text(text) if text.is_empty() => 'e',
        RawValue::Text(text) if !text.is_ascii() => 'u',
        RawValue::Text(_) => 't',
        RawValue::Number(_) => 'n',
        RawValue::Boolean(_) => 'b',
        RawValue::Null => '0',
        RawValue::Nested => 's',
    };
    match fields {
        Ok(fields) => seen(fields.iter().take(8).map(|(_, value)| kind(value)).collect::<String>()),
        Err(BodyError::Unreadable { what, .. }) => seen(what),
        Err(BodyError::UnsupportedType) => 0,
    }
}

pub fn json(bytes: &[u8]) -> Seen {
    let fields = read_as("application/json", bytes);
    // A reader of somebody else's says the same of it.
    let theirs = serde_json::from_slice::<Value>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes));
    match (&fields, &theirs) {
        (Ok(fields), Ok(Value::Object(members))) => {
            for (name, value) in members {
                let ours = fields.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value);
                assert!(is_same(ours.unwrap_or_else(|| panic!("a member is lost")), value), "another value");
            }
            assert!(fields.iter().all(|(name, _)| members.contains_key(name)), "a member too many");
        }
        (Ok(_), Ok(_)) => panic!("not an object, and read as one"),
        (Err(BodyError::Unreadable { what, .. }), Ok(value)) => {
            let is_wide = value.as_object().is_some_and(|members| depth(value) <= LIMITS.depth && members.len() <= LIMITS.fields);
            // Repeats count as fields here, and as one there.
            assert!(!is_wide || *what == "too many fields", "refused: {what}");
        }
        // A number that is too large for a float is a text of digits to us; half a surrogate pair is nothing to either.
        _ => {}
    }
    if let Ok(fields) = &fields {
        let written = format!("{{{}}}", fields.iter().map(member).collect::<Vec<_>>().join(","));
        assert!(read_as("application/json", written.as_bytes()).as_ref() == Ok(fields), "written and read again, it is another");
    }
    told(&fields)
}

fn is_same(ours: &RawValue, theirs: &Value) -> bool {
    match (ours, theirs) {
        (RawValue::Null, Value::Null) | (RawValue::Nested, Value::Array(_) | Value::Object(_)) => true,
        (RawValue::Boolean(ours), Value::Bool(theirs)) => ours == theirs,
        (RawValue::Text(ours), Value::String(theirs)) => ours.as_str() == theirs,
        (RawValue::Number(digits), Value::Number(number)) => is_near(digits.parse().unwrap_or(f64::NAN), number.as_f64().unwrap_or(f64::NAN)),
        _ => false,
    }
}

/// Their reader rounds the last bit otherwise at times.
fn is_near(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= ours.abs() * 1e-14
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(entries) => 1 + entries.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn member((name, value): &(String, RawValue)) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let value = match value {
        RawValue::Text(text) => quoted(text),
        RawValue::Number(digits) => digits.clone(),
        RawValue::Boolean(yes) => yes.to_string(),
        RawValue::Null => "null".into(),
        RawValue::Nested => "[]".into(),
    };
    format!("{}:{value}", quoted(name))
}

pub fn form(bytes: &[u8]) -> Seen {
    let fields = read_as("application/x-www-form-urlencoded", bytes);
    if let Ok(fields) = &fields {
        // The URL standard's own reader says the same where all is UTF-8.
        let theirs: Vec<(String, String)> = form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let ours: Vec<(String, String)> = fields.iter().map(|(name, value)| (name.clone(), text(value).unwrap_or_default().to_owned())).collect();
        assert!(ours == theirs, "other pairs");
        let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&ours).finish();
        assert!(read_as("application/x-www-form-urlencoded", written.as_bytes()).as_ref() == Ok(fields), "written and read again, it is another");
    }
    told(&fields)
}

pub fn xml(bytes: &[u8]) -> Seen {
    let fields = read_as("application/xml", bytes);
    if let Ok(fields) = &fields {
        let is_plain = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let plain: RawFields = fields.iter().filter(|(name, _)| is_plain(name)).cloned().collect();
        let elements: String = plain.iter().map(element).collect();
        let again = read_as("application/xml", format!("<r>{elements}</r>").as_bytes());
        assert!(again.as_ref() == Ok(&plain), "written and read again, it is another");
        // Nothing stands in a field that didn't stand in the body: there are no entities to expand.
        assert!(std::str::from_utf8(bytes).is_ok());
    }
    told(&fields)
}

fn element((name, value): &(String, RawValue)) -> String {
    match text(value) {
        Some(text) => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;");
            format!("<{name}>{text}</{name}>")
        }
        None => format!("<{name}><x/></{name}>"),
    }
}

/// The first line is a content type, the second an `Accept`.
pub fn headers(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let (kind, accept) = text.split_once('\n').unwrap_or((&text, ""));
    let body = read(Some(kind), b"{}");
    assert_eq!(body, read(Some(&kind.to_ascii_uppercase()), b"{}"), "case makes no difference");
    let format = negotiate(Some(accept));
    assert_eq!(format, negotiate(Some(accept)));
    assert_eq!(format, negotiate(Some(&format!(" {accept} "))), "space around makes no difference");
    seen((body.as_ref().map(|body| body.fields.len()).map_err(std::mem::discriminant), format))
}
