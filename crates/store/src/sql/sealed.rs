//! Sealed values in columns, in both forms that they have had: the first byte tells which.

use exchange::{
    id::Subject,
    seal::{ContactPart, SealedField, SealedTogether, SealedValues, WrappedKey},
};
use serde::de::DeserializeOwned;

use super::{
    column::{FORMAT, format_and_packed, packed_as},
    db::Row,
    failure::{Failure, Result},
};

/// Of what was sealed field by field: the first form of all packed values.
const EACH: u8 = FORMAT;
const TOGETHER: u8 = 2;

pub(super) fn values(values: &SealedValues) -> Result<Vec<u8>> {
    match values {
        SealedValues::Each(fields) => packed_as(EACH, fields),
        SealedValues::Together(together) => packed_as(TOGETHER, &**together),
    }
}

/// A part with all that it needs, in one column.
pub(super) fn whole(part: &ContactPart) -> Result<Vec<u8>> {
    match &part.values {
        SealedValues::Each(fields) => packed_as(EACH, &(part.subject, &part.key, fields)),
        SealedValues::Together(together) => packed_as(TOGETHER, &(part.subject, &part.key, &**together)),
    }
}

impl Row {
    pub fn sealed_values(&self, column: usize) -> Result<SealedValues> {
        either(&self.value::<Vec<u8>>(column)?, SealedValues::Each, |together| SealedValues::Together(Box::new(together)))
    }

    pub fn whole_part(&self, column: usize) -> Result<ContactPart> {
        type Whole<V> = (Subject, WrappedKey, V);
        either(
            &self.value::<Vec<u8>>(column)?,
            |(subject, key, fields): Whole<Vec<SealedField>>| ContactPart { subject, key, values: SealedValues::Each(fields) },
            |(subject, key, together): Whole<SealedTogether>| ContactPart { subject, key, values: SealedValues::Together(Box::new(together)) },
        )
    }
}

fn either<E: DeserializeOwned, T: DeserializeOwned, R>(bytes: &[u8], each: impl FnOnce(E) -> R, together: impl FnOnce(T) -> R) -> Result<R> {
    match format_and_packed(bytes)? {
        (EACH, packed) => postcard::from_bytes(packed).map(each),
        (TOGETHER, packed) => postcard::from_bytes(packed).map(together),
        _ => return Err(Failure::Column),
    }
    .map_err(|_| Failure::Column)
}

#[cfg(test)]
mod tests {
    use exchange::id::LeadId;

    use super::*;
    use crate::sql::db::Value;

    fn part(values: SealedValues) -> ContactPart {
        ContactPart { subject: Subject::Lead(LeadId::from_bytes([2; 16])), key: WrappedKey { nonce: [3; 24], ciphertext: vec![4; 48] }, values }
    }

    #[test]
    fn both_forms_read_back() {
        let field = SealedField { name: "phone".into(), nonce: [5; 24], ciphertext: vec![6; 30] };
        let together = SealedTogether { names: vec!["phone".into(), "income".into()], nonce: [7; 24], ciphertext: vec![8; 50] };
        for part in [part(SealedValues::Each(vec![field])), part(SealedValues::Together(Box::new(together)))] {
            let row = Row(vec![Value::Bytes(values(&part.values).unwrap()), Value::Bytes(whole(&part).unwrap())]);
            assert_eq!((row.sealed_values(0).unwrap(), row.whole_part(1).unwrap()), (part.values.clone(), part));
        }
    }

    /// Taken from a store of before: the values of a lead with one field.
    #[test]
    fn a_row_of_before_reads_as_it_was_written() {
        let mut bytes = vec![1, 1, 5];
        bytes.extend(b"phone");
        bytes.extend([5; 24]);
        bytes.push(3);
        bytes.extend([6; 3]);
        let field = SealedField { name: "phone".into(), nonce: [5; 24], ciphertext: vec![6; 3] };
        assert_eq!(Row(vec![Value::Bytes(bytes)]).sealed_values(0).unwrap(), SealedValues::Each(vec![field]));
    }
}
