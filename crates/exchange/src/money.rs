//! Money: whole micro-units of the exchange's one currency. No float comes near it.

use std::{fmt, iter::Sum, ops};

use serde::{Deserialize, Serialize};

const MICROS: i64 = 1_000_000;

/// An amount in millionths of the currency's unit. `12.50` is 12,500,000.
///
/// Bounds: any parsed amount is at most [`Money::MAX`] in size, so that sums of millions of them can't overflow.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money(i64);

/// Why a text is no amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    #[error("write an amount in digits, like \"12.50\"")]
    Unreadable,
    #[error("an amount has at most {0} decimals")]
    TooManyDecimals(u8),
    #[error("an amount is at most 1,000,000,000")]
    TooLarge,
}

impl Money {
    pub const ZERO: Self = Self(0);
    /// A thousand million units.
    pub const MAX: Self = Self(1_000_000_000 * MICROS);

    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Self(units * MICROS)
    }

    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Reads digits with an optional sign and at most `decimals` decimals (6 at most); no exponent, no separators.
    pub fn parse(text: &str, decimals: u8) -> Result<Self, NotMoney> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (units, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if units.is_empty() || !only_digits(units) || !only_digits(fraction) || digits.ends_with('.') {
            return Err(NotMoney::Unreadable);
        }
        if fraction.len() > usize::from(decimals.min(6)) {
            return Err(NotMoney::TooManyDecimals(decimals.min(6)));
        }
        let units: i64 =
            units.trim_start_matches('0').parse().or_else(|_| if units.trim_start_matches('0').is_empty() { Ok(0) } else { Err(NotMoney::TooLarge) })?;
        let fraction = (0..6).fold(0, |micros, place| micros * 10 + fraction.as_bytes().get(place).map_or(0, |digit| i64::from(digit - b'0')));
        let micros = units.checked_mul(MICROS).and_then(|micros| micros.checked_add(fraction)).ok_or(NotMoney::TooLarge)?;
        if micros > Self::MAX.0 { Err(NotMoney::TooLarge) } else { Ok(Self(sign * micros)) }
    }
}

/// At least two decimals, more where the amount has them.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let mut text = format!("{}{}.{:06}", if self.0 < 0 { "-" } else { "" }, size / MICROS as u64, size % MICROS as u64);
        let least = text.len() - 4;
        text.truncate(text.trim_end_matches('0').len().max(least));
        f.pad(&text)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ops::Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl ops::Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl ops::Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl ops::AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, ops::Add::add)
    }
}

/// The exchange's one currency: an ISO 4217 code and how many decimals its amounts have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

impl Currency {
    pub const USD: Self = Self { code: *b"USD", decimals: 2 };

    /// Knows the codes that lead exchanges trade in; decimals are ISO 4217's.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let decimals = match code {
            "USD" | "CAD" | "EUR" | "GBP" | "AUD" | "NZD" | "MXN" | "BRL" | "CHF" | "SEK" | "NOK" | "DKK" | "PLN" | "ZAR" | "INR" | "SGD" => 2,
            "JPY" | "KRW" | "CLP" => 0,
            _ => return None,
        };
        let code = code.as_bytes().try_into().ok()?;
        Some(Self { code, decimals })
    }

    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    #[must_use]
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    /// The smallest amount that is paid out: a cent.
    #[must_use]
    pub const fn cent(&self) -> Money {
        Money(MICROS / 10i64.pow(self.decimals as u32))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A share of 0 to 100 percent, exact to a ten-thousandth of a percent.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Percent {
    millionths: u32,
}

impl Percent {
    pub const ZERO: Self = Self { millionths: 0 };

    #[must_use]
    pub const fn of_whole(percent: u32) -> Option<Self> {
        if percent <= 100 { Some(Self { millionths: percent * 10_000 }) } else { None }
    }

    /// Reads `"12.5"`: 0 to 100 with at most four decimals.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let percent = Money::parse(text, 4).ok()?;
        let millionths = u32::try_from(percent.micros() / 100).ok()?;
        (millionths <= 1_000_000).then_some(Self { millionths })
    }

    /// The share of `amount`, rounded up to a whole `step`.
    #[must_use]
    pub fn of_rounded_up(self, amount: Money, step: Money) -> Money {
        let share = i128::from(amount.0.max(0)) * i128::from(self.millionths);
        let step = i128::from(step.0.max(1)) * 1_000_000;
        let steps = (share + step - 1) / step;
        Money(i64::try_from(steps * step / 1_000_000).unwrap_or(i64::MAX))
    }

    /// The share of a count or amount, rounded down.
    #[must_use]
    pub fn of_rounded_down(self, amount: i64) -> i64 {
        i64::try_from(i128::from(amount) * i128::from(self.millionths) / 1_000_000).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.millionths / 10_000, self.millionths % 10_000);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} %")
    }
}

/// What the exchange keeps of each sale: a percentage, but at least `min`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    pub percent: Percent,
    pub min: Money,
}

impl Margin {
    /// What the supplier gets of a bid: net = bid − max(bid × percent rounded up to the cent, min).
    /// A net of zero or less is no offer.
    #[must_use]
    pub fn net(&self, bid: Money, currency: Currency) -> Option<Money> {
        let kept = self.percent.of_rounded_up(bid, currency.cent()).max(self.min);
        Some(bid - kept).filter(|net| net.is_positive())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, 2).unwrap()
    }

    #[test]
    fn amounts_read_and_print() {
        for (text, micros, printed) in [("12.5", 12_500_000, "12.50"), ("0", 0, "0.00"), ("007.01", 7_010_000, "7.01"), ("-3", -3_000_000, "-3.00")] {
            let money = Money::parse(text, 6).unwrap();
            assert_eq!((money.micros(), money.to_string().as_str()), (micros, printed), "{text}");
        }
        assert_eq!(Money::from_micros(1_234_567).to_string(), "1.234567");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1e3", "NaN", "1,000", "+1", "0x1", "--1", "1.2.3", " 1", "٣"] {
            assert_eq!(Money::parse(text, 2), Err(NotMoney::Unreadable), "{text}");
        }
        assert_eq!(Money::parse("1.234", 2), Err(NotMoney::TooManyDecimals(2)));
        assert_eq!(Money::parse("1000000000.01", 2), Err(NotMoney::TooLarge));
        assert_eq!(Money::parse("99999999999999999999999", 2), Err(NotMoney::TooLarge));
    }

    #[test]
    fn the_margin_is_rounded_up_to_the_cent_and_has_a_minimum() {
        let margin = Margin { percent: Percent::of_whole(20).unwrap(), min: usd("1.00") };
        for (bid, net) in
            [("12.51", Some("10.00")), ("12.50", Some("10.00")), ("5.00", Some("4.00")), ("4.00", Some("3.00")), ("1.00", None), ("1.01", Some("0.01"))]
        {
            assert_eq!(margin.net(usd(bid), Currency::USD), net.map(usd), "{bid}");
        }
        let yen = Margin { percent: Percent::parse("12.5").unwrap(), min: Money::ZERO };
        assert_eq!(yen.net(Money::from_units(100), Currency::of_code("JPY").unwrap()), Some(Money::from_units(87)));
    }
}
