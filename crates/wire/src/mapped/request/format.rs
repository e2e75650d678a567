//! A value's text, as a buyer wants to have it.

use std::fmt::Write;

use exchange::{
    attribute::decimal_text,
    mapping::{Format, Kind},
    money::Money,
    time::Timestamp,
};
use jiff::fmt::strtime;

use super::known::Shown;

/// Writes the text. None where there is nothing to write.
pub(super) fn write(shown: &Shown<'_>, format: &Format, decimals: u8, out: &mut String) -> Option<Kind> {
    match shown {
        Shown::Text(text) => text_of(text, format, out),
        Shown::Integer(number) => {
            put(out, *number);
            Some(if *format == Format::Text { Kind::Text } else { Kind::Number })
        }
        Shown::Decimal(micros) => {
            out.push_str(&decimal_text(*micros));
            Some(number_if(format))
        }
        Shown::Money(money) => money_of(*money, format, decimals, out),
        Shown::Boolean(yes) => match format {
            Format::YesNo(yes_text, no_text) => {
                out.push_str(if *yes { yes_text } else { no_text });
                Some(Kind::Text)
            }
            Format::Number => {
                out.push(if *yes { '1' } else { '0' });
                Some(Kind::Number)
            }
            _ => {
                out.push_str(if *yes { "true" } else { "false" });
                Some(if *format == Format::Text { Kind::Text } else { Kind::Boolean })
            }
        },
        Shown::Date(date) => {
            match format {
                Format::Time(pattern) => out.push_str(&strtime::format(&**pattern, *date).ok()?),
                Format::Digits => out.push_str(&strtime::format("%Y%m%d", *date).ok()?),
                _ => put(out, date),
            }
            Some(Kind::Text)
        }
        Shown::Band(bands, band) => {
            let edge = |place: usize| bands.edges().get(place).copied();
            match format {
                Format::Low => put(out, edge(usize::from(*band))?),
                Format::High => put(out, edge(usize::from(*band) + 1)? - 1),
                _ => {
                    out.push_str(&bands.label(*band));
                    return Some(Kind::Text);
                }
            }
            Some(Kind::Number)
        }
    }
}

/// The present, by RFC 3339 where no pattern says otherwise.
pub(super) fn write_time(now: Timestamp, format: &Format, out: &mut String) -> Option<Kind> {
    let at = jiff::Timestamp::from_microsecond(now.micros()).ok()?;
    match format {
        Format::Time(pattern) => out.push_str(&strtime::format(&**pattern, &at.to_zoned_datetime(jiff::tz::TimeZone::UTC)).ok()?),
        Format::Number => {
            put(out, at.as_second());
            return Some(Kind::Number);
        }
        _ => put(out, at.strftime("%Y-%m-%dT%H:%M:%SZ")),
    }
    Some(Kind::Text)
}

fn put(out: &mut String, value: impl std::fmt::Display) {
    // A string takes whatever is written.
    let _ = write!(out, "{value}");
}

fn number_if(format: &Format) -> Kind {
    if matches!(format, Format::Number | Format::Low | Format::High | Format::Units | Format::Cents) { Kind::Number } else { Kind::Text }
}

fn money_of(money: Money, format: &Format, decimals: u8, out: &mut String) -> Option<Kind> {
    match format {
        Format::Cents => put(out, money.micros() / 10i64.pow(6 - u32::from(decimals.min(6)))),
        Format::Units | Format::Low | Format::High => put(out, money.micros().div_euclid(1_000_000)),
        _ => put(out, money),
    }
    Some(number_if(format))
}

fn text_of(text: &str, format: &Format, out: &mut String) -> Option<Kind> {
    if text.is_empty() {
        return None;
    }
    match format {
        Format::Upper => out.extend(text.chars().flat_map(char::to_uppercase)),
        Format::Lower => out.extend(text.chars().flat_map(char::to_lowercase)),
        Format::Digits => out.push_str(national(&digits(text))),
        Format::Dashes => phone(text, out, |out, [area, exchange, line]| put(out, format_args!("{area}-{exchange}-{line}"))),
        Format::National => phone(text, out, |out, [area, exchange, line]| put(out, format_args!("({area}) {exchange}-{line}"))),
        Format::Number if text.parse::<f64>().is_ok_and(f64::is_finite) && text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte)) => {
            return number(text, out);
        }
        _ => out.push_str(text),
    }
    Some(Kind::Text)
}

/// As a number of JSON: without zeros first.
fn number(text: &str, out: &mut String) -> Option<Kind> {
    match Money::parse(text, 6) {
        Ok(amount) => {
            out.push_str(&decimal_text(amount.micros()));
            Some(Kind::Number)
        }
        Err(_) => {
            out.push_str(text);
            Some(Kind::Text)
        }
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A North American number without its country code.
fn national(digits: &str) -> &str {
    if digits.len() == 11 { digits.strip_prefix('1').unwrap_or(digits) } else { digits }
}

/// A number of another length stays as it is.
fn phone(text: &str, out: &mut String, write: impl FnOnce(&mut String, [&str; 3])) {
    let digits = digits(text);
    match national(&digits) {
        ten if ten.len() == 10 => write(out, [&ten[..3], &ten[3..6], &ten[6..]]),
        _ => out.push_str(text),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use exchange::schema::Bands;

    use super::*;

    #[test]
    fn values_have_the_texts_that_buyers_want() {
        let bands = Bands::new(vec![0, 100_000, 200_000]).unwrap();
        let text = |text: &'static str| Shown::Text(Cow::Borrowed(text));
        let money = Shown::Money(Money::from_micros(245_000_500_000));
        let date = Shown::Date(jiff::civil::date(1979, 6, 14));
        let pattern = |pattern: &str| Format::Time(pattern.into());
        let yes_no = Format::YesNo("Y".into(), "N".into());
        for (shown, format, expected) in [
            (text("+16465550142"), Format::Digits, Some("6465550142 Text")),
            (text("+16465550142"), Format::Dashes, Some("646-555-0142 Text")),
            (text("+16465550142"), Format::National, Some("(646) 555-0142 Text")),
            (text("+442079460000"), Format::Dashes, Some("+442079460000 Text")),
            (text("+16465550142"), Format::Plain, Some("+16465550142 Text")),
            (text("own"), Format::Upper, Some("OWN Text")),
            (text("007"), Format::Number, Some("7 Number")),
            (text("1e5"), Format::Number, Some("1e5 Text")),
            (text(""), Format::Plain, None),
            (Shown::Money(Money::from_micros(245_000_500_000)), Format::Cents, Some("24500050 Number")),
            (Shown::Money(Money::from_micros(245_000_500_000)), Format::Units, Some("245000 Number")),
            (Shown::Money(Money::from_micros(245_000_500_000)), Format::Number, Some("245000.50 Number")),
            (money, Format::Plain, Some("245000.50 Text")),
            (Shown::Decimal(2_500_000), Format::Number, Some("2.5 Number")),
            (Shown::Integer(3), Format::Plain, Some("3 Number")),
            (Shown::Integer(3), Format::Text, Some("3 Text")),
            (Shown::Boolean(true), Format::Plain, Some("true Boolean")),
            (Shown::Boolean(false), yes_no, Some("N Text")),
            (Shown::Boolean(true), Format::Number, Some("1 Number")),
            (Shown::Date(jiff::civil::date(1979, 6, 14)), pattern("%m/%d/%Y"), Some("06/14/1979 Text")),
            (Shown::Date(jiff::civil::date(1979, 6, 14)), Format::Digits, Some("19790614 Text")),
            (date, Format::Plain, Some("1979-06-14 Text")),
            (Shown::Band(&bands, 1), Format::Plain, Some("100000-199999 Text")),
            (Shown::Band(&bands, 1), Format::Low, Some("100000 Number")),
            (Shown::Band(&bands, 1), Format::High, Some("199999 Number")),
            (Shown::Band(&bands, 2), Format::High, None),
        ] {
            let mut out = String::new();
            let kind = write(&shown, &format, 2, &mut out);
            assert_eq!(kind.map(|kind| format!("{out} {kind:?}")).as_deref(), expected, "{format:?}");
        }
    }

    #[test]
    fn the_present_is_written_by_a_pattern() {
        let now = Timestamp::from_micros(1_731_705_121_000_000);
        for (format, expected) in [(Format::Plain, "2024-11-15T21:12:01Z"), (Format::Time("%Y%m%d%H%M".into()), "202411152112"), (Format::Number, "1731705121")]
        {
            let mut out = String::new();
            write_time(now, &format, &mut out);
            assert_eq!(out, expected);
        }
    }
}
