//! One exact value of a lead. It may be contact data, so it never prints itself and is wiped when dropped.

use std::fmt;

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::{attribute::decimal_text, money::Money};

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

    /// The plain bytes that are sealed: a letter for the type and the text.
    pub(crate) fn to_sealable(&self) -> Zeroizing<Vec<u8>> {
        let letter = match self {
            Self::Text(_) => b't',
            Self::Integer(_) => b'i',
            Self::Decimal(_) => b'd',
            Self::Money(_) => b'm',
            Self::Boolean(_) => b'b',
            Self::Date(_) => b'D',
        };
        let micros = match self {
            Self::Decimal(micros) => Some(*micros),
            Self::Money(money) => Some(money.micros()),
            _ => None,
        };
        let mut bytes = Zeroizing::new(vec![letter]);
        match micros {
            Some(micros) => bytes.extend_from_slice(micros.to_string().as_bytes()),
            None => bytes.extend_from_slice(self.text().as_bytes()),
        }
        bytes
    }

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
        for value in
            [Value::of_text("ünï"), Value::Integer(-3), Value::Decimal(2_500_000), Value::Money(Money::from_units(7)), Value::Boolean(true), Value::Date(date)]
        {
            assert!(Value::from_sealable(&value.to_sealable()) == Some(value.clone()));
            assert_eq!(format!("{value:?}"), "Value(…)");
        }
    }
}
