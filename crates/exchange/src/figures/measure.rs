//! What a figure comes to: a number with its unit.

use std::{fmt, time::Duration};

use crate::money::Money;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Count(u64),
    Money(Money),
    /// So many of so many.
    Share(u64, u64),
    Time(Duration),
    /// There is nothing to measure it by: no lead, no bid.
    Nothing,
}

impl Measure {
    /// An amount for each of so many, to the millionth and rounded towards zero.
    #[must_use]
    pub fn each(amount: Money, count: u64) -> Self {
        match i64::try_from(count) {
            Ok(count @ 1..) => Self::Money(Money::from_micros(amount.micros() / count)),
            _ => Self::Nothing,
        }
    }

    /// In tenths of a percent, rounded to the nearest. None of nothing.
    #[must_use]
    pub fn per_mille(part: u64, whole: u64) -> Option<u64> {
        let (part, whole) = (u128::from(part), u128::from(whole));
        (part * 2000 + whole).checked_div(whole * 2).and_then(|share| u64::try_from(share).ok())
    }

    /// The bare number, as programs read it: money a decimal, a share its percent, a time its milliseconds. None where there is none.
    #[must_use]
    pub fn number(&self) -> Option<String> {
        match self {
            Self::Count(count) => Some(count.to_string()),
            Self::Money(money) => Some(money.to_string()),
            Self::Share(part, whole) => Self::per_mille(*part, *whole).map(|share| format!("{}.{}", share / 10, share % 10)),
            Self::Time(time) => Some(format!("{}.{}", time.as_millis(), time.as_micros() / 100 % 10)),
            Self::Nothing => None,
        }
    }
}

/// As people read it.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(number) = self.number() else { return f.write_str("–") };
        match self {
            Self::Count(_) | Self::Nothing => grouped(&number, f),
            Self::Money(money) => grouped(&Cents(*money).to_string(), f),
            Self::Share(..) => write!(f, "{number} %"),
            Self::Time(_) => write!(f, "{number} ms"),
        }
    }
}

/// An amount to the cent, rounded half away from zero.
struct Cents(Money);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.micros();
        let cents = (micros.unsigned_abs() + 5_000) / 10_000;
        let sign = if micros < 0 && cents > 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// A comma for every thousand.
fn grouped(number: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    f.write_str(sign)?;
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            f.write_str(",")?;
        }
        write!(f, "{digit}")?;
    }
    fraction.map_or(Ok(()), |fraction| write!(f, ".{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_told() {
        let money = |micros| Measure::Money(Money::from_micros(micros));
        let told = [
            (Measure::Count(1_234_567), "1,234,567", Some("1234567")),
            (Measure::Count(0), "0", Some("0")),
            (money(-1_234_565_000), "-1,234.57", Some("-1234.565")),
            (money(-4_000), "0.00", Some("-0.004")),
            (Measure::each(Money::from_units(100), 3), "33.33", Some("33.333333")),
            (Measure::each(Money::from_units(100), 0), "–", None),
            (Measure::Share(2, 3), "66.7 %", Some("66.7")),
            (Measure::Share(1, 0), "–", None),
            (Measure::Time(Duration::from_micros(12_345)), "12.3 ms", Some("12.3")),
        ];
        for (measure, text, number) in told {
            assert_eq!((measure.to_string().as_str(), measure.number().as_deref()), (text, number));
        }
    }
}
