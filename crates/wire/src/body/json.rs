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

/// Objects give their members, under their path.
pub(super) fn read_flat(bytes: &[u8], limits: Limits) -> Result<RawFields, BodyError> {
    let mut fields = RawFields::new();
    add_flat("", bytes, limits, &mut fields)?;
    Ok(fields)
}

fn add_flat(path: &str, bytes: &[u8], limits: Limits, fields: &mut RawFields) -> Result<(), BodyError> {
    let inner = Limits { depth: limits.depth.saturating_sub(1), ..limits };
    for (name, value) in members(bytes, limits.depth).map_err(unreadable)? {
        let name = if path.is_empty() { name.into_owned() } else { format!("{path}.{name}") };
        if name.len() > super::MOST_PATH {
            return Err(unreadable(value.fault_in(bytes, "a name that is too long")));
        }
        if value.text().starts_with('{') {
            add_flat(&name, value.text().as_bytes(), inner, fields)?;
            continue;
        }
        if fields.len() == limits.fields {
            return Err(unreadable(JsonFault { what: "too many fields", line: 1, column: 1 }));
        }
        let scalar = value.scalar().ok_or_else(|| unreadable(value.fault_in(bytes, "a text that is not Unicode")))?;
        fields.push((name, raw(scalar)));
    }
    Ok(())
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
