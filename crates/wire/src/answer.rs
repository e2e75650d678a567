//! What the exchange answers: a small tree, written as JSON or XML as the caller asks.

mod json;
mod negotiate;
mod problem;
mod xml;

#[cfg(test)]
mod tests;

pub use negotiate::negotiate;
pub use problem::{FieldProblem, Problem};

use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }

    /// Of a problem (RFC 9457).
    #[must_use]
    pub fn problem_type(self) -> &'static str {
        match self {
            Self::Json => "application/problem+json",
            Self::Xml => "application/problem+xml; charset=utf-8",
        }
    }
}

/// A piece of an answer. Keys are written in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Text(Cow<'static, str>),
    Integer(i64),
    /// Written with the digits that it has: `12.50`.
    Decimal(String),
    Boolean(bool),
    /// JSON's null; an empty element in XML.
    Null,
    /// XML writes each entry in an element of this name.
    List {
        entry: &'static str,
        entries: Vec<Node>,
    },
    Object(Vec<(&'static str, Node)>),
}

impl Node {
    #[must_use]
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Written by its `Display`: ids, money, times.
    #[must_use]
    pub fn of(value: impl std::fmt::Display) -> Self {
        Self::Text(value.to_string().into())
    }

    #[must_use]
    pub fn list(entry: &'static str, entries: impl IntoIterator<Item = Node>) -> Self {
        Self::List { entry, entries: entries.into_iter().collect() }
    }

    /// Without the keys that have no value.
    #[must_use]
    pub fn object(members: impl IntoIterator<Item = (&'static str, Option<Node>)>) -> Self {
        Self::Object(members.into_iter().filter_map(|(key, node)| Some((key, node?))).collect())
    }

    /// Money as a number, for those who expect one.
    #[must_use]
    pub fn decimal(money: &exchange::money::Money) -> Self {
        Self::Decimal(money.to_string())
    }

    /// XML's root is `<response>`.
    #[must_use]
    pub fn render(&self, format: Format) -> Vec<u8> {
        self.render_in(format, "response")
    }

    /// As [`Self::render`], with another root.
    #[must_use]
    pub fn render_in(&self, format: Format, root: &str) -> Vec<u8> {
        match format {
            Format::Json => json::render(self),
            Format::Xml => xml::render(root, None, self),
        }
    }
}
