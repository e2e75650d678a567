//! What all replies have in common: bounds, an object, texts and references with limits of their own.

use std::borrow::Cow;

use exchange::call::CallFailure;

use crate::json::{Scalar, members};

pub const MAX_REPLY_BYTES: usize = 64 * 1024;
/// Objects and lists inside each other.
pub const MAX_REPLY_DEPTH: usize = 32;
/// In characters; what is longer is cut.
const MAX_REASON: usize = 200;
/// In characters; what is longer is malformed.
pub(crate) const MAX_REFERENCE: usize = 256;

/// The object that a buyer answered with.
pub(super) struct Reply<'a> {
    members: Vec<(Cow<'a, str>, Option<Scalar<'a>>)>,
}

pub(super) fn malformed(what: &str) -> CallFailure {
    CallFailure::Malformed(what.to_owned())
}

impl<'a> Reply<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, CallFailure> {
        if bytes.len() > MAX_REPLY_BYTES {
            return Err(CallFailure::TooLarge);
        }
        let members = members(bytes, MAX_REPLY_DEPTH).map_err(|fault| malformed(fault.what))?;
        Ok(Self { members: members.into_iter().map(|(name, value)| (name, value.scalar())).collect() })
    }

    /// A key that is absent or null gives none. A key that stands there twice is malformed: two readers might differ.
    pub(super) fn value(&self, key: &str) -> Result<Option<&Scalar<'a>>, CallFailure> {
        let mut found = self.members.iter().filter(|(name, _)| name == key);
        match (found.next(), found.next()) {
            (None, _) | (Some((_, Some(Scalar::Null))), None) => Ok(None),
            (Some((_, Some(value))), None) => Ok(Some(value)),
            (Some((_, None)), None) => Err(malformed(key)),
            (Some(_), Some(_)) => Err(malformed(&format!("{key} twice"))),
        }
    }

    /// Whether the key stands there, be it null.
    pub(super) fn names(&self, key: &str) -> bool {
        self.members.iter().any(|(name, _)| name == key)
    }

    /// A text, or a number by its digits.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, CallFailure> {
        match self.value(key)? {
            None => Ok(None),
            Some(Scalar::Text(text)) => Ok(Some(text)),
            Some(Scalar::Number(digits)) => Ok(Some(digits)),
            Some(Scalar::Null | Scalar::Boolean(_) | Scalar::Nested) => Err(malformed(key)),
        }
    }

    /// What the buyer calls something of its own: given back to it as it came.
    pub(super) fn reference(&self, key: &str) -> Result<Option<String>, CallFailure> {
        match self.text(key)? {
            Some(text) if text.chars().count() > MAX_REFERENCE || text.chars().any(char::is_control) => Err(malformed(key)),
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// Why, in the buyer's words. A reason that is no text is none.
    pub(super) fn reason(&self) -> Option<String> {
        one_line(self.text("reason").ok()??)
    }
}

/// A buyer's words as one line, cut to a bounded length.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let line: String = text.chars().map(|character| if character.is_whitespace() { ' ' } else { character }).filter(|c| !c.is_control()).collect();
    let line: String = line.trim().chars().take(MAX_REASON).collect();
    Some(line).filter(|line| !line.is_empty())
}

/// The answer to a call that must bring an object with a 2xx.
pub(super) fn of_success(status: u16, bytes: &[u8]) -> Result<Reply<'_>, CallFailure> {
    if (200..300).contains(&status) { Reply::read(bytes) } else { Err(CallFailure::Status(status)) }
}
