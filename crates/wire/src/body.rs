//! A request's body becomes fields, whatever format it came in.
//!
//! Bounds: [`Limits`]; the caller bounds the bytes. Nothing received ever stands in an error.

mod form;
mod json;
mod media;
mod xml;

#[cfg(test)]
mod tests;

use std::fmt;

use exchange::raw::{RawFields, RawValue};

pub use self::media::MediaType;

/// How much a body may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub fields: usize,
    /// Objects, lists and elements inside each other, the outermost counted.
    pub depth: usize,
}

impl Limits {
    pub const DEFAULT: Self = Self { fields: 1000, depth: 32 };
}

/// The fields of a body, in the order sent, with every repeat.
#[derive(Clone, PartialEq, Eq)]
pub struct RawBody {
    pub fields: RawFields,
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawBody({} fields)", self.fields.len())
    }
}

/// Why a body can't be read. Says where, never what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// An answer of 400.
    #[error("the body can't be read: {what}, at line {line}, column {column}")]
    Unreadable {
        what: &'static str,
        /// From 1.
        line: usize,
        /// In bytes, from 1.
        column: usize,
    },
    /// An answer of 415.
    #[error("send application/json, application/x-www-form-urlencoded, application/xml or text/xml, in UTF-8")]
    UnsupportedType,
}

pub fn read(content_type: Option<&str>, bytes: &[u8]) -> Result<RawBody, BodyError> {
    read_within(content_type, bytes, Limits::DEFAULT)
}

pub fn read_within(content_type: Option<&str>, bytes: &[u8], limits: Limits) -> Result<RawBody, BodyError> {
    let fields = match MediaType::of(content_type).ok_or(BodyError::UnsupportedType)? {
        MediaType::Json => json::read(bytes, limits),
        MediaType::Form => form::read(bytes, limits),
        MediaType::Xml => xml::read(bytes, limits),
    }?;
    Ok(RawBody { fields })
}

/// As [`read`], but what is nested gives fields as well: their names are the path to them, with dots between. XML's root and lists
/// have no name: a list stays nested.
pub fn read_flat(media: MediaType, bytes: &[u8]) -> Result<RawFields, BodyError> {
    match media {
        MediaType::Json => json::read_flat(bytes, Limits::DEFAULT),
        MediaType::Form => form::read(bytes, Limits::DEFAULT),
        MediaType::Xml => xml::read_flat(bytes, Limits::DEFAULT),
    }
}

/// In bytes: of a name that is a path.
const MOST_PATH: usize = 256;

/// The pairs of a query, as a form's.
pub fn read_query(query: &str) -> Result<RawFields, BodyError> {
    form::read(query.as_bytes(), Limits::DEFAULT)
}

/// A `test` field that says neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`test` is true or false")]
pub struct NotATest;

/// Takes the field `test` out, whatever its case, and says whether it was set. Absent, null and empty mean no.
pub fn take_test(fields: &mut RawFields) -> Result<bool, NotATest> {
    let mut said = Vec::new();
    fields.retain(|(name, value)| {
        let is_test = name.eq_ignore_ascii_case("test");
        if is_test {
            said.push(yes_or_no(value));
        }
        !is_test
    });
    match said[..] {
        [] => Ok(false),
        [Some(yes)] => Ok(yes),
        // Said twice, or neither yes nor no: a guess could sell a test, or lose a lead.
        _ => Err(NotATest),
    }
}

fn yes_or_no(value: &RawValue) -> Option<bool> {
    match value {
        RawValue::Boolean(yes) => Some(*yes),
        RawValue::Null => Some(false),
        RawValue::Number(digits) => word(digits),
        RawValue::Text(text) => word(text),
        RawValue::Nested => None,
    }
}

fn word(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" | "" => Some(false),
        _ => None,
    }
}
