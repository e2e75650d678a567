//! Reading a lead: raw fields become typed values and the anonymous part of a ping, or all their errors at once.
//!
//! No error ever repeats a value: it may be contact data.

mod parse;
mod read;
mod status;

pub use read::{FromPing, ReadPing, ReadPost, read_ping, read_post};
pub use status::LeadStatus;

/// One thing that is wrong with a lead, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's own name, whatever alias it came under.
    pub field: String,
    pub code: Code,
    pub message: String,
}

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Required,
    WrongType,
    Invalid,
    NotInValues,
    OutOfRange,
    TooLong,
    GivenTwice,
    /// A personal field in a ping: refused, never passed on, never stored.
    ContactInPing,
    /// The ZIP lies in another state.
    ZipStateMismatch,
    /// A band where the post needs the exact value.
    NotExact,
    /// The post shows a field otherwise than its ping did.
    AttributeChanged,
}

impl Code {
    pub const ALL: [Self; 11] = [
        Self::Required,
        Self::WrongType,
        Self::Invalid,
        Self::NotInValues,
        Self::OutOfRange,
        Self::TooLong,
        Self::GivenTwice,
        Self::ContactInPing,
        Self::ZipStateMismatch,
        Self::NotExact,
        Self::AttributeChanged,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WrongType => "wrong_type",
            Self::Invalid => "invalid",
            Self::NotInValues => "not_in_values",
            Self::OutOfRange => "out_of_range",
            Self::TooLong => "too_long",
            Self::GivenTwice => "given_twice",
            Self::ContactInPing => "contact_in_ping",
            Self::ZipStateMismatch => "zip_state_mismatch",
            Self::NotExact => "not_exact",
            Self::AttributeChanged => "attribute_changed",
        }
    }
}

/// A phone number or e-mail in its normal form, for lists of people; none for what is neither.
#[must_use]
pub fn person(text: &str) -> Option<(crate::seal::PersonKind, String)> {
    use crate::seal::PersonKind;
    let text = text.trim();
    if text.contains('@') { parse::email(text).map(|email| (PersonKind::Email, email)) } else { parse::phone(text).map(|phone| (PersonKind::Phone, phone)) }
}
