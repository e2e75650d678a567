//! Why a buyer wants to return a sale: `POST /v1/sales/{sale_id}/return`.

use exchange::{lead::FieldError, raw::RawFields};

use super::fields::{Bound, Fields};

/// A buyer's words. They may name the person: they are for the operator alone, and go with the lead when it is erased.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnText {
    pub reason: String,
    pub note: Option<String>,
}

impl std::fmt::Debug for ReturnText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReturnText(…)")
    }
}

const REASON: Bound = Bound { most: 200, lines: false };
const NOTE: Bound = Bound { most: 1000, lines: true };

pub fn read_return(raw: &RawFields) -> Result<ReturnText, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let reason = fields.required("reason", REASON);
    let note = fields.text("note", NOTE);
    fields.into_result(reason.map(|reason| ReturnText { reason, note }))
}
