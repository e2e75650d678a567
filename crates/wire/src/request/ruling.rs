//! What an operator rules: how an unknown sale ends, and whether a return is taken back.

use exchange::{lead::FieldError, raw::RawFields};

use super::fields::Fields;

/// How a sale ends that nobody could settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    Sold,
    Void,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Refuse,
}

pub fn read_resolution(raw: &RawFields) -> Result<Resolution, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let resolution = fields.word("as", &[("sold", Resolution::Sold), ("void", Resolution::Void)]);
    fields.into_result(resolution)
}

pub fn read_decision(raw: &RawFields) -> Result<Decision, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let decision = fields.word("decision", &[("accept", Decision::Accept), ("refuse", Decision::Refuse)]);
    fields.into_result(decision)
}
