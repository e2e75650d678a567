//! Named texts of a request. All mistakes are told at once.

use exchange::{
    lead::{Code, FieldError},
    raw::{RawFields, RawValue},
};

/// How long a text may be, and what else it may not be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// In characters.
    pub most: usize,
    /// Whether it may have line breaks. Other control characters are never taken.
    pub lines: bool,
}

/// The fields of a request, with what was wrong with those that were looked at.
pub(super) struct Fields<'a> {
    raw: &'a RawFields,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    pub fn of(raw: &'a RawFields) -> Self {
        Self { raw, errors: Vec::new() }
    }

    pub fn wrong(&mut self, field: &str, code: Code, message: impl Into<String>) {
        self.errors.push(FieldError { field: field.into(), code, message: message.into() });
    }

    /// A text or the digits of a number, trimmed. Absent, null and empty give none.
    pub fn text(&mut self, field: &str, bound: Bound) -> Option<String> {
        let mut given = self.raw.iter().filter(|(name, value)| name == field && !value.is_empty());
        let (first, second) = (given.next(), given.next());
        if second.is_some() {
            self.wrong(field, Code::GivenTwice, "send it once");
            return None;
        }
        let text = match first.map(|(_, value)| value)? {
            RawValue::Text(text) => text.trim(),
            RawValue::Number(digits) => digits.as_str(),
            RawValue::Boolean(_) | RawValue::Null | RawValue::Nested => {
                self.wrong(field, Code::WrongType, "send a text");
                return None;
            }
        };
        if text.chars().count() > bound.most {
            self.wrong(field, Code::TooLong, format!("send at most {} characters", bound.most));
            return None;
        }
        if text.chars().any(|character| character.is_control() && !(bound.lines && character == '\n')) {
            self.wrong(field, Code::Invalid, "send text without control characters");
            return None;
        }
        Some(text.to_owned())
    }

    /// One of these words.
    pub fn word<T: Copy>(&mut self, field: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.required(field, Bound { most: 64, lines: false })?;
        let known = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if known.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(field, Code::NotInValues, format!("send one of: {}", words.join(", ")));
        }
        known
    }

    pub fn required(&mut self, field: &str, bound: Bound) -> Option<String> {
        let before = self.errors.len();
        let text = self.text(field, bound);
        if text.is_none() && self.errors.len() == before {
            self.wrong(field, Code::Required, "this call needs it");
        }
        text
    }

    /// What was read, or all mistakes.
    pub fn into_result<T>(self, read: Option<T>) -> Result<T, Vec<FieldError>> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(self.errors),
        }
    }
}
