//! Why a buyer wants to return a sale: `POST /v1/sales/{sale_id}/return`.

use exchange::{lead::FieldError, raw::RawFields, returns::ReturnReason};
use zeroize::Zeroizing;

use super::fields::{Bound, Fields};

#[derive(Clone, PartialEq, Eq)]
pub struct ReturnText {
    pub reason: ReturnReason,
    /// The buyer's own words. They may name the person: to be sealed at once.
    pub note: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for ReturnText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReturnText({})", self.reason.word())
    }
}

const NOTE: Bound = Bound { most: 1000, lines: true };

pub fn read_return(raw: &RawFields) -> Result<ReturnText, Vec<FieldError>> {
    let mut fields = Fields::of(raw);
    let reason = fields.word("reason", &ReturnReason::WORDS);
    let note = fields.text("note", NOTE).map(Zeroizing::new);
    fields.into_result(reason.map(|reason| ReturnText { reason, note }))
}
