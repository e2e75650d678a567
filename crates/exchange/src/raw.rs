//! The fields of a request as they came: named and typed by the sender, not yet by a schema.

use std::fmt;

use zeroize::Zeroizing;

/// One value as it was sent. It may be contact data, so it never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub enum RawValue {
    Text(Zeroizing<String>),
    /// The digits as they were sent.
    Number(String),
    Boolean(bool),
    Null,
    /// A list or an object, where a schema has one value.
    Nested,
}

impl RawValue {
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        Self::Text(Zeroizing::new(text.into()))
    }

    /// What is written as a text or as a number.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(digits) => Some(digits),
            Self::Boolean(_) | Self::Null | Self::Nested => None,
        }
    }

    /// Null, or a text of nothing but spaces: an empty input of a form.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Boolean(_) | Self::Nested => false,
        }
    }
}

impl fmt::Debug for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawValue(…)")
    }
}

/// In the order sent, with every repeat. The names are the sender's, so they may be contact data as well.
pub type RawFields = Vec<(String, RawValue)>;
