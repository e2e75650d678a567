//! What goes out: pieces of text with places for values, each with the way it is escaped there.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::{Pattern, stretch::Stretch};
use crate::schema::FieldIndex;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
}

words!(Method { Get = "GET", Post = "POST", Put = "PUT", Patch = "PATCH" });

/// One request, ready to be filled in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub method: Method,
    /// None where there is no body.
    pub content_type: Option<Box<str>>,
    pub headers: Vec<Header>,
    /// What is added to the address' path.
    pub path: Vec<Piece>,
    /// Pairs that are added to the address.
    pub query: Vec<Piece>,
    pub body: Vec<Piece>,
    /// What slots and conditions refer to.
    pub values: Vec<Value>,
    /// In a body of plain text: the characters that no value may bring in.
    pub separators: Box<str>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Header {
    /// In lower case.
    pub name: Box<str>,
    pub value: Vec<Piece>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Piece {
    Text(Box<str>),
    Slot(Slot),
    If { when: Condition, then: Vec<Piece>, otherwise: Vec<Piece> },
    Group(Group),
}

/// The place of a value.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// Of the request's values.
    pub value: usize,
    pub escape: Escape,
}

/// How a value is written so that it stays a value where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Escape {
    /// A part of a value, which is escaped as a whole.
    None,
    /// Inside a JSON string.
    JsonText,
    /// A whole JSON value: a text with its quotes, a number, a boolean, or null.
    JsonValue,
    /// A text or a quoted attribute.
    Xml,
    /// A name or value of a form or query.
    Form,
    /// A part of an address' path; without it, nothing can be sent.
    Path,
    Header,
    /// Plain text, where control characters and the request's separators become spaces.
    Text,
}

/// Parts in order, each left out where it has no value.
#[derive(Debug, Serialize, Deserialize)]
pub struct Group {
    pub open: Box<str>,
    pub between: Box<str>,
    pub parts: Vec<Part>,
    pub close: Box<str>,
    /// Written even if every part was left out.
    pub always: bool,
    #[serde(skip)]
    pub(super) stretches: OnceLock<Box<[Stretch]>>,
}

impl Group {
    #[must_use]
    pub fn new(open: &str, between: &str, parts: Vec<Part>, close: &str, always: bool) -> Self {
        Self { open: open.into(), between: between.into(), parts, close: close.into(), always, stretches: OnceLock::new() }
    }
}

/// One member, element, attribute or pair.
#[derive(Debug, Serialize, Deserialize)]
pub struct Part {
    pub open: Box<str>,
    pub pieces: Vec<Piece>,
    pub close: Box<str>,
    pub when: Option<Condition>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Condition {
    /// The value is there, and neither empty nor false.
    Holds(usize),
    /// The value's text is one of these.
    Is(usize, Vec<Box<str>>),
    Not(Box<Condition>),
}

/// A value: where it comes from and how it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Value {
    pub from: From,
    pub format: Format,
    /// Of the text, what this finds; nothing, where it finds nothing.
    pub part: Option<Pattern>,
    /// From a text to what stands for it.
    pub map: Vec<(Box<str>, Constant)>,
    /// What stands for every text that the map doesn't have; without it, such a text stays as it is.
    pub other: Option<Constant>,
    /// What stands where there is no value.
    pub default: Option<Constant>,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum From {
    Field(FieldIndex),
    Said(Said),
    /// The buyer's own reference, or the one of this name.
    Reference(Option<Box<str>>),
    Constant(Constant),
    Text(Vec<Piece>),
    /// The name of an environment variable.
    Secret(Box<str>),
    /// The present.
    Time,
    /// What this vertical's leads don't have.
    Nothing,
}

/// What the exchange says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    PingId,
    Vertical,
    Contract,
    Currency,
    Test,
    /// Of a ping alone.
    DeadlineMs,
    Exclusive,
    Shared,
    /// Of a post and its confirmation; of a status question the first alone.
    PostId,
    Sale,
    Price,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    pub text: Box<str>,
    pub kind: Kind,
}

/// What a value is where the format has kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Text,
    Number,
    Boolean,
}

/// How a value's text is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// As the native protocol has it: whole numbers and booleans as such, everything else as text.
    Plain,
    Text,
    Number,
    /// Money in cents.
    Cents,
    /// Money in whole units, rounded down.
    Units,
    /// Digits alone; a phone number without its country code.
    Digits,
    /// `202-555-0123`.
    Dashes,
    /// `(202) 555-0123`.
    National,
    Upper,
    Lower,
    /// The lower edge of a band.
    Low,
    /// The upper edge of a band; none of the last.
    High,
    /// What stands for yes and for no.
    YesNo(Box<str>, Box<str>),
    /// A date or time by a pattern of `strftime`.
    Time(Box<str>),
    /// What the value would be otherwise, in base64.
    Base64,
}
