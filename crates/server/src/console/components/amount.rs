//! An amount of money: grouped digits, the currency's code beside it where the page doesn't name it elsewhere.

use askama::Template;
use exchange::money::{Currency, Money};

#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = r#"<span class="amount{% if negative %} negative{% endif %}">{{ digits }}{% if let Some(code) = code %} <small>{{ code }}</small>{% endif %}</span>"#
)]
pub struct Amount {
    digits: String,
    negative: bool,
    code: Option<String>,
}

impl Amount {
    pub fn of(money: Money) -> Self {
        Self { digits: grouped(&money.to_string()), negative: money < Money::ZERO, code: None }
    }

    pub fn with_code(money: Money, currency: Currency) -> Self {
        Self { code: Some(currency.code().to_owned()), ..Self::of(money) }
    }
}

/// Thousands apart, by a comma; a true minus before.
pub fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("\u{2212}", digits));
    let (units, fraction) = digits.split_once('.').map_or((digits, None), |(units, fraction)| (units, Some(fraction)));
    let mut grouped = String::from(sign);
    for (place, digit) in units.chars().enumerate() {
        if place > 0 && (units.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        for (text, expected) in [("0.00", "0.00"), ("999.50", "999.50"), ("1000", "1,000"), ("1234567.125", "1,234,567.125"), ("-1234.00", "\u{2212}1,234.00")]
        {
            assert_eq!(grouped(text), expected);
        }
    }

    #[test]
    fn render() {
        let loss = Amount::with_code(Money::parse("-1200.5", 2).unwrap(), Currency::USD);
        assert_eq!(loss.to_string(), "<span class=\"amount negative\">\u{2212}1,200.50 <small>USD</small></span>");
    }
}
