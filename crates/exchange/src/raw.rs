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
}

impl fmt::Debug for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawValue(…)")
    }
}

/// In the order sent, with every repeat. The names are the sender's, so they may be contact data as well.
pub type RawFields = Vec<(String, RawValue)>;
