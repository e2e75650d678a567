//! JSON: the members of the object at the top.

use exchange::raw::{RawFields, RawValue};

use super::{BodyError, Limits};
use crate::json::{JsonFault, Scalar, members};

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<RawFields, BodyError> {
    let members = members(bytes, limits.depth).map_err(unreadable)?;
    if members.len() > limits.fields {
        return Err(unreadable(JsonFault { what: "too many fields", line: 1, column: 1 }));
    }
    members
        .into_iter()
        .map(|(name, value)| {
            let scalar = value.scalar().ok_or_else(|| unreadable(value.fault_in(bytes, "a text that is not Unicode")))?;
            Ok((name.into_owned(), raw(scalar)))
        })
        .collect()
}

fn raw(scalar: Scalar<'_>) -> RawValue {
    match scalar {
        Scalar::Null => RawValue::Null,
        Scalar::Boolean(yes) => RawValue::Boolean(yes),
        Scalar::Number(digits) => RawValue::Number(digits.to_owned()),
        Scalar::Text(text) => RawValue::of_text(text.into_owned()),
        Scalar::Nested => RawValue::Nested,
    }
}

fn unreadable(JsonFault { what, line, column }: JsonFault) -> BodyError {
    BodyError::Unreadable { what, line, column }
}
