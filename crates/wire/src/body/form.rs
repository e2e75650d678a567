//! `application/x-www-form-urlencoded`: the pairs between `&`, as the URL standard decodes them, but only in UTF-8.

use exchange::raw::{RawFields, RawValue};

use super::{BodyError, Limits};

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<RawFields, BodyError> {
    let mut fields = RawFields::new();
    let mut place = 0;
    for pair in bytes.split(|byte| *byte == b'&') {
        let start = place;
        place += pair.len() + 1;
        if pair.is_empty() {
            continue;
        }
        if fields.len() == limits.fields {
            return Err(unreadable("too many fields", start));
        }
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(equals) => (&pair[..equals], &pair[equals + 1..]),
            None => (pair, &pair[pair.len()..]),
        };
        let (Some(name), Some(value)) = (decoded(name), decoded(value)) else { return Err(unreadable("not UTF-8", start)) };
        fields.push((name, RawValue::of_text(value)));
    }
    Ok(fields)
}

fn unreadable(what: &'static str, place: usize) -> BodyError {
    BodyError::Unreadable { what, line: 1, column: place + 1 }
}

/// `+` is a space, `%` and two hexadecimal digits a byte; any other `%` is itself. None for what is not UTF-8 then.
fn decoded(text: &[u8]) -> Option<String> {
    let digit = |place: usize| text.get(place).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut place = 0;
    while let Some(byte) = text.get(place) {
        place += 1;
        match (byte, digit(place), digit(place + 1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                place += 2;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}
