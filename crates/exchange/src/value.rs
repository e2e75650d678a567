//! One exact value of a lead. It may be contact data, so it never prints itself and is wiped when dropped.

use std::{fmt, io::Write};

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::{attribute::decimal_text, money::Money};

/// Of the length before a value that is sealed.
const LENGTH_BYTES: usize = 4;

#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Text(Zeroizing<String>),
    Integer(i64),
    /// In millionths.
    Decimal(i64),
    Money(Money),
    Boolean(bool),
    Date(Date),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

impl Value {
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        Self::Text(Zeroizing::new(text.into()))
    }

    /// The text that a post carries.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Text(text) => text.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(micros) => decimal_text(*micros),
            Self::Money(money) => money.to_string(),
            Self::Boolean(yes) => yes.to_string(),
            Self::Date(date) => date.to_string(),
        })
    }

    /// Adds the plain bytes that are sealed: how many there are, a letter for the type and the text.
    pub(crate) fn write_sealable(&self, bytes: &mut Vec<u8>) {
        let begins = bytes.len();
        bytes.extend_from_slice(&[0; LENGTH_BYTES]);
        bytes.push(self.letter());
        match self {
            Self::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            // A vector takes whatever is written to it.
            Self::Decimal(micros) => drop(write!(bytes, "{micros}")),
            Self::Money(money) => drop(write!(bytes, "{}", money.micros())),
            Self::Integer(number) => drop(write!(bytes, "{number}")),
            Self::Boolean(yes) => drop(write!(bytes, "{yes}")),
            Self::Date(date) => drop(write!(bytes, "{date}")),
        }
        let length = (bytes.len() - begins - LENGTH_BYTES) as u32;
        bytes[begins..begins + LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
    }

    /// So many at most.
    pub(crate) fn most_sealable_bytes(&self) -> usize {
        /// Of a number, a date or a truth.
        const SHORT: usize = 24;
        LENGTH_BYTES + 1 + if let Self::Text(text) = self { text.len() } else { SHORT }
    }

    const fn letter(&self) -> u8 {
        match self {
            Self::Text(_) => b't',
            Self::Integer(_) => b'i',
            Self::Decimal(_) => b'd',
            Self::Money(_) => b'm',
            Self::Boolean(_) => b'b',
            Self::Date(_) => b'D',
        }
    }

    /// Reads what [`Self::write_sealable`] wrote, and leaves what follows it.
    pub(crate) fn read_sealable(bytes: &mut &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        *bytes = rest;
        Self::from_sealable(value)
    }

    /// Of a letter and the text alone.
    pub(crate) fn from_sealable(bytes: &[u8]) -> Option<Self> {
        let (letter, text) = bytes.split_first()?;
        let text = std::str::from_utf8(text).ok()?;
        Some(match letter {
            b't' => Self::of_text(text),
            b'i' => Self::Integer(text.parse().ok()?),
            b'd' => Self::Decimal(text.parse().ok()?),
            b'm' => Self::Money(Money::from_micros(text.parse().ok()?)),
            b'b' => Self::Boolean(text.parse().ok()?),
            b'D' => Self::Date(text.parse().ok()?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_sealing_and_never_prints() {
        let date = jiff::civil::date(1985, 4, 12);
        let values = [
            Value::of_text("ünï"),
            Value::of_text(""),
            Value::Integer(i64::MIN),
            Value::Decimal(2_500_000),
            Value::Money(Money::from_micros(i64::MIN)),
            Value::Boolean(false),
            Value::Date(date),
        ];
        let mut bytes = Vec::new();
        for value in &values {
            let before = bytes.len();
            value.write_sealable(&mut bytes);
            assert!(bytes.len() - before <= value.most_sealable_bytes());
            assert_eq!(format!("{value:?}"), "Value(…)");
        }
        let mut left = bytes.as_slice();
        for value in &values {
            assert!(Value::read_sealable(&mut left).as_ref() == Some(value));
        }
        assert!(left.is_empty());
        assert!(Value::read_sealable(&mut &bytes[..5]).is_none(), "cut short");
    }
}
