//! What an operator rules: how an unknown sale ends, and whether a return is taken back.

use exchange::{contract::UnknownEnd, lead::FieldError, raw::RawFields};

use super::fields::Fields;

/// How a sale ends that nobody could settle.
pub fn read_resolution(raw: &RawFields) -> Result<UnknownEnd, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let end = fields.word("as", &[("sold", UnknownEnd::Sold), ("void", UnknownEnd::Void)]);
    fields.into_result(end)
}

/// Whether a return is accepted.
pub fn read_decision(raw: &RawFields) -> Result<bool, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let accept = fields.word("decision", &[("accept", true), ("refuse", false)]);
    fields.into_result(accept)
}
