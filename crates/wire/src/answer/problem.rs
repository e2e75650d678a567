//! What went wrong, for people and programs: RFC 9457.

use std::borrow::Cow;

use super::{Format, Node, json, xml};

/// One fault of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name in its vertical.
    pub field: String,
    /// A word that stays the same: `required`, `wrong_type`.
    pub code: Cow<'static, str>,
    /// A sentence. Never carries the value.
    pub message: String,
}

/// A refusal, with all its faults at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Of the answer.
    pub status: u16,
    /// A word that stays the same. The problem's type is `/problems/` and this word: a page that says more.
    pub kind: &'static str,
    /// The same for each problem of this kind.
    pub title: &'static str,
    /// What happened this time, and how to mend it.
    pub detail: Option<String>,
    pub errors: Vec<FieldProblem>,
}

impl Problem {
    #[must_use]
    pub fn new(status: u16, kind: &'static str, title: &'static str) -> Self {
        Self { status, kind, title, detail: None, errors: Vec::new() }
    }

    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// To be sent as [`Format::problem_type`].
    #[must_use]
    pub fn render(&self, format: Format) -> Vec<u8> {
        match format {
            Format::Json => json::render(&self.node()),
            Format::Xml => xml::render("problem", Some("urn:ietf:rfc:7807"), &self.node()),
        }
    }

    fn node(&self) -> Node {
        let error = |error: &FieldProblem| {
            Node::Object(vec![
                ("field", Node::text(error.field.clone())),
                ("code", Node::text(error.code.clone())),
                ("message", Node::text(error.message.clone())),
            ])
        };
        // The entries of a list are `<i>` in the RFC's XML.
        let errors = Node::list("i", self.errors.iter().map(error));
        Node::object([
            ("type", Some(Node::of(format_args!("/problems/{}", self.kind)))),
            ("title", Some(Node::text(self.title))),
            ("status", Some(Node::Integer(i64::from(self.status)))),
            ("detail", self.detail.clone().map(Node::text)),
            ("errors", Some(errors).filter(|_| !self.errors.is_empty())),
        ])
    }
}
