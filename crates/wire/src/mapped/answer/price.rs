//! Amounts as people write them: `$1,234.50`, `12,50 €`, `1250` cents.

use std::borrow::Cow;

use exchange::{
    mapping::{Price, Unit},
    money::{Currency, Money, NotMoney},
};

const NO_AMOUNT: &str = "price: not an amount";

/// The amount that a text says, above zero or not; in what is wrong there are no words of the buyer's.
pub(in crate::mapped) fn amount(text: &str, price: &Price, currency: Currency) -> Result<Money, &'static str> {
    let digits = if is_plain(text) && !price.decimal_comma { Cow::Borrowed(text) } else { Cow::Owned(plain(text, price.decimal_comma)?) };
    let decimals = match price.unit {
        Unit::Whole => currency.decimals(),
        Unit::Cents => 0,
    };
    let digits = trimmed(&digits, decimals, price.round);
    let amount = Money::parse(digits, decimals).map_err(told)?;
    Ok(match price.unit {
        Unit::Whole => amount,
        Unit::Cents => Money::from_micros(amount.micros() / 10i64.pow(u32::from(currency.decimals()))),
    })
}

/// Digits with a point between them, or none: as most amounts are.
fn is_plain(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// For comparisons: whatever decimals it has.
pub(super) fn signed_amount(text: &str) -> Result<Money, &'static str> {
    Money::parse(trimmed(&plain(text, false)?, 6, true), 6).map_err(told)
}

fn told(error: NotMoney) -> &'static str {
    match error {
        NotMoney::Unreadable => NO_AMOUNT,
        NotMoney::TooManyDecimals(_) => "price: too many decimals",
        NotMoney::TooLarge => "price: too large",
    }
}

/// Digits with at most one point: without currency signs and codes around them, and thousands parted as they may be.
fn plain(text: &str, decimal_comma: bool) -> Result<String, &'static str> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let is_around = |character: char| character.is_alphabetic() || character.is_whitespace() || "$€£¥₹".contains(character);
    let digits = text.trim_matches(is_around);
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) if sign.is_empty() => ("-", rest),
        _ => (sign, digits),
    };
    let around = text.len() - digits.len();
    let (point, thousands) = if decimal_comma { (',', '.') } else { ('.', ',') };
    let (whole, fraction) = digits.split_once(point).map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = grouped(whole, thousands).filter(|_| around <= 16).ok_or(NO_AMOUNT)?;
    Ok(match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    })
}

/// Digits, be they parted into threes.
fn grouped(text: &str, separator: char) -> Option<String> {
    let mut groups = text.split([separator, ' ', '\u{a0}', '\'']);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    let mut is_parted = false;
    for group in groups {
        is_parted = true;
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    let is_fine = (1..=if is_parted { 3 } else { usize::MAX }).contains(&first.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_fine.then_some(digits)
}

/// Without zeros that say nothing, and without what is cut off where that is allowed.
fn trimmed(digits: &str, decimals: u8, round: bool) -> &str {
    let Some(point) = digits.find('.') else { return digits };
    let least = point + 1 + usize::from(decimals);
    let mut end = digits.len();
    let bytes = digits.as_bytes();
    while end > least && (bytes[end - 1] == b'0' || (round && bytes[end - 1].is_ascii_digit())) {
        end -= 1;
    }
    if end == point + 1 && digits.len() > end { &digits[..point] } else { &digits[..end] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, price: Price) -> String {
        amount(text, &price, Currency::USD).map_or_else(str::to_owned, |money| money.to_string())
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        let plain = Price { place: 0, or: None, unit: Unit::Whole, decimal_comma: false, round: false };
        let comma = Price { decimal_comma: true, ..plain };
        let cents = Price { unit: Unit::Cents, ..plain };
        for (text, price, expected) in [
            ("12.5", plain, "12.50"),
            ("$1,234.50", plain, "1234.50"),
            ("USD 12", plain, "12.00"),
            ("12.500000", plain, "12.50"),
            ("12.345", plain, "price: too many decimals"),
            ("12.345", Price { round: true, ..plain }, "12.34"),
            ("12.3.4", Price { round: true, ..plain }, "price: not an amount"),
            ("12,50", plain, "price: not an amount"),
            ("1,23,456", plain, "price: not an amount"),
            ("1234,567", plain, "price: not an amount"),
            ("-$3.00", plain, "-3.00"),
            ("$-3.00", plain, "-3.00"),
            ("--3", plain, "price: not an amount"),
            ("1e3", plain, "price: not an amount"),
            ("", plain, "price: not an amount"),
            ("12.", plain, "price: not an amount"),
            (".5", plain, "price: not an amount"),
            ("free", plain, "price: not an amount"),
            ("99999999999", plain, "price: too large"),
            ("12,50", comma, "12.50"),
            ("1.234,50 €", comma, "1234.50"),
            ("12.50", comma, "price: not an amount"),
            ("1250", cents, "12.50"),
            ("1250.00", cents, "12.50"),
            ("1250.5", cents, "price: too many decimals"),
            ("1", cents, "0.01"),
        ] {
            assert_eq!(read(text, price), expected, "{text} {price:?}");
        }
    }
}
