//! One raw value to one typed value, normalised: phones to E.164, e-mail to lower case, states to capitals.

use std::borrow::Cow;

use email_address::{EmailAddress, Options};
use jiff::civil::Date;

use super::Code;
use crate::{
    evidence,
    geography::{is_state, state_of_zip},
    money::{Money, NotMoney},
    raw::RawValue,
    schema::FieldType,
    value::Value,
};

/// A mistake in one value: its code and what to do, without the value.
pub(super) type Mistake = (Code, String);

/// Free texts that have no length of their own are at most this long, in characters.
const MOST_TEXT: usize = 500;
const MOST_URL: usize = 2048;
const MOST_COMPANIES: usize = 10_000;

pub(super) fn parse(kind: &FieldType, raw: &RawValue) -> Result<Value, Mistake> {
    let wrong = |what: &str| Err((Code::WrongType, format!("send {what}")));
    match kind {
        FieldType::Boolean => match raw {
            RawValue::Boolean(yes) => Ok(Value::Boolean(*yes)),
            _ => boolean(text_of(raw, "true or false")?),
        },
        FieldType::Integer { min, max } => match raw {
            RawValue::Boolean(_) => wrong("a whole number"),
            _ => integer(text_of(raw, "a whole number")?, *min, *max),
        },
        FieldType::Decimal | FieldType::Money => match raw {
            RawValue::Boolean(_) => wrong("a number"),
            _ => amount(text_of(raw, "a number")?, *kind == FieldType::Money),
        },
        _ => match raw {
            RawValue::Boolean(_) => wrong("a text"),
            _ => text(kind, text_of(raw, "a text")?),
        },
    }
}

/// The text of a scalar, trimmed.
fn text_of<'a>(raw: &'a RawValue, wanted: &str) -> Result<&'a str, Mistake> {
    match raw {
        RawValue::Text(text) => Ok(text.trim()),
        RawValue::Number(digits) => Ok(digits),
        RawValue::Boolean(_) | RawValue::Null | RawValue::Nested => Err((Code::WrongType, format!("send {wanted}, not a list or an object"))),
    }
}

fn boolean(text: &str) -> Result<Value, Mistake> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "on" => Ok(Value::Boolean(true)),
        "false" | "no" | "n" | "0" | "off" => Ok(Value::Boolean(false)),
        _ => Err((Code::WrongType, "send true or false".into())),
    }
}

fn integer(text: &str, min: i64, max: i64) -> Result<Value, Mistake> {
    let number: i64 = without_commas(text).parse().map_err(|_| (Code::WrongType, "send a whole number".to_owned()))?;
    if (min..=max).contains(&number) { Ok(Value::Integer(number)) } else { Err((Code::OutOfRange, range(min, max))) }
}

/// As people write thousands.
fn without_commas(text: &str) -> Cow<'_, str> {
    if text.contains(',') { Cow::Owned(text.replace(',', "")) } else { Cow::Borrowed(text) }
}

fn range(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, max) => format!("send at most {max}"),
        (min, i64::MAX) => format!("send at least {min}"),
        (min, max) => format!("send a number from {min} to {max}"),
    }
}

fn amount(text: &str, is_money: bool) -> Result<Value, Mistake> {
    let digits = if is_money { without_commas(text.trim_start_matches('$')) } else { Cow::Borrowed(text) };
    match Money::parse(&digits, 6) {
        Ok(money) if is_money => Ok(Value::Money(money)),
        Ok(number) => Ok(Value::Decimal(number.micros())),
        Err(NotMoney::TooLarge) => Err((Code::OutOfRange, "send an amount of at most 1,000,000,000".into())),
        Err(NotMoney::TooManyDecimals(most)) => Err((Code::Invalid, format!("send at most {most} decimals"))),
        Err(NotMoney::Unreadable) => Err((Code::WrongType, "send a number in digits, like 250000 or \"250000.00\"".into())),
    }
}

fn text(kind: &FieldType, text: &str) -> Result<Value, Mistake> {
    let most = match kind {
        FieldType::Text { max_length } => *max_length,
        FieldType::Url | FieldType::Certificate | FieldType::TrustedForm => MOST_URL,
        FieldType::Companies => MOST_COMPANIES,
        _ => MOST_TEXT,
    };
    // A text has no more characters than bytes.
    if text.len() > most && text.chars().count() > most {
        return Err((Code::TooLong, format!("send at most {most} characters")));
    }
    let invalid = |mend: &str| Err((Code::Invalid, mend.to_owned()));
    match kind {
        FieldType::Date => date(text),
        FieldType::Enum { values } => one_of(values, text),
        FieldType::Zip => match zip(text) {
            Some(zip) => Ok(Value::of_text(zip)),
            None => invalid("send a ZIP code of the United States: five digits, or nine"),
        },
        FieldType::State => match text.to_ascii_uppercase() {
            code if is_state(&code) => Ok(Value::of_text(code)),
            _ => invalid("send the two letters of a state, like CA"),
        },
        FieldType::Phone => match phone(text) {
            Some(e164) => Ok(Value::of_text(e164)),
            None => invalid("send a phone number with its area code, like 202-555-0123, or in the form +12025550123"),
        },
        FieldType::Email => match email(text) {
            Some(normal) => Ok(Value::of_text(normal)),
            None => invalid("send an e-mail address, like name@example.com"),
        },
        FieldType::Ssn => match digits_of(text, "- ").filter(|digits| digits.len() == 9) {
            Some(digits) => Ok(Value::of_text(digits)),
            None => invalid("send nine digits"),
        },
        FieldType::Ip => match text.parse::<std::net::IpAddr>() {
            Ok(address) => Ok(Value::of_text(address.to_string())),
            Err(_) => invalid("send an IP address"),
        },
        FieldType::Url => match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Value::of_text(text)),
            _ => invalid("send a web address that starts with http:// or https://"),
        },
        FieldType::TrustedForm if !evidence::is_trusted_form(text) => {
            invalid("send the certificate's address: https://cert.trustedform.com/… or https://ping.trustedform.com/…")
        }
        FieldType::Jornaya if !evidence::is_jornaya(text) => invalid("send the LeadiD token: 36 characters like 0B5F2A6C-0000-0000-0000-000000000000"),
        _ if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') => invalid("send text without control characters"),
        _ => Ok(Value::of_text(text)),
    }
}

fn one_of(values: &[String], text: &str) -> Result<Value, Mistake> {
    match values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
        Some(value) => Ok(Value::of_text(value.clone())),
        None => Err((Code::NotInValues, format!("send one of: {}", values.join(", ")))),
    }
}

/// `1985-04-12`, or `04/12/1985` as American forms write it.
fn date(text: &str) -> Result<Value, Mistake> {
    let american = || {
        let mut parts = text.split('/');
        let (month, day, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        (parts.next().is_none() && year.len() == 4).then(|| Date::new(year.parse().ok()?, month, day).ok())?
    };
    let iso = || (text.len() == 10).then(|| text.parse::<Date>().ok())?;
    match iso().or_else(american) {
        Some(date) if (1900..=2200).contains(&date.year()) => Ok(Value::Date(date)),
        _ => Err((Code::Invalid, "send a date like 1985-04-12".into())),
    }
}

/// Five digits of a ZIP that exists; the four digits of a ZIP+4 are dropped.
fn zip(text: &str) -> Option<String> {
    let digits = digits_of(text, "- ").filter(|digits| digits.len() == 5 || digits.len() == 9)?;
    state_of_zip(&digits[..5]).map(|_| digits[..5].to_owned())
}

/// The digits of a text that has nothing else but these separators.
fn digits_of(text: &str, separators: &str) -> Option<String> {
    let rest: String = text.chars().filter(|c| !separators.contains(*c)).collect();
    (!rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())).then_some(rest)
}

/// E.164. A number without a country is of the North American plan, whose rules are checked here, because the
/// library's are looser there: area code and exchange start with 2 to 9, and neither is a service code.
pub(super) fn phone(text: &str) -> Option<String> {
    let bare = digits_of(text.strip_prefix('+').unwrap_or(text), "-. ()/")?;
    let national = match (text.starts_with('+'), bare.len()) {
        (_, 11) if bare.starts_with('1') => &bare[1..],
        (false, 10) => bare.as_str(),
        (true, _) => {
            let number = phonenumber::parse(None, format!("+{bare}")).ok()?;
            return (number.code().value() != 1 && phonenumber::is_valid(&number)).then(|| format!("+{bare}"));
        }
        (false, _) => return None,
    };
    let digit = |place: usize| national.as_bytes()[place];
    let is_service = |from: usize| digit(from + 1) == b'1' && digit(from + 2) == b'1';
    let fits = (b'2'..=b'9').contains(&digit(0)) && (b'2'..=b'9').contains(&digit(3)) && !is_service(0) && !is_service(3);
    fits.then(|| format!("+1{national}"))
}

pub(super) fn email(text: &str) -> Option<String> {
    let normal = text.to_lowercase();
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    EmailAddress::parse_with_options(&normal, options).ok().map(|_| normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &FieldType, text: &str) -> Result<String, Code> {
        parse(kind, &RawValue::Text(zeroize::Zeroizing::new(text.to_owned()))).map(|value| value.text().to_string()).map_err(|(code, _)| code)
    }

    #[test]
    fn values_are_normalised_or_refused() {
        let any_integer = FieldType::Integer { min: 0, max: 10 };
        let choice = FieldType::Enum { values: vec!["full".into(), "liability".into()] };
        for (kind, text, expected) in [
            (FieldType::Phone, "(202) 555-0123", Ok("+12025550123")),
            (FieldType::Phone, "1 202 555 0123", Ok("+12025550123")),
            (FieldType::Phone, "+44 20 7946 0958", Ok("+442079460958")),
            (FieldType::Phone, "+13107549", Err(Code::Invalid)),
            (FieldType::Phone, "911-555-0123", Err(Code::Invalid)),
            (FieldType::Phone, "202-911-0123", Err(Code::Invalid)),
            (FieldType::Phone, "555-0123", Err(Code::Invalid)),
            (FieldType::Phone, "call me", Err(Code::Invalid)),
            (FieldType::Email, " Ann.Lee@Example.COM ", Ok("ann.lee@example.com")),
            (FieldType::Email, "ann@localhost", Err(Code::Invalid)),
            (FieldType::Email, "ann", Err(Code::Invalid)),
            (FieldType::Zip, "90210-1234", Ok("90210")),
            (FieldType::Zip, "00001", Err(Code::Invalid)),
            (FieldType::Zip, "9021", Err(Code::Invalid)),
            (FieldType::State, "ca", Ok("CA")),
            (FieldType::State, "XX", Err(Code::Invalid)),
            (FieldType::Date, "04/12/1985", Ok("1985-04-12")),
            (FieldType::Date, "1985-04-12", Ok("1985-04-12")),
            (FieldType::Date, "1985-02-30", Err(Code::Invalid)),
            (FieldType::Money, "$250,000", Ok("250000.00")),
            (FieldType::Money, "1e5", Err(Code::WrongType)),
            (FieldType::Money, "9999999999", Err(Code::OutOfRange)),
            (FieldType::Decimal, "2.50", Ok("2.5")),
            (any_integer.clone(), "7", Ok("7")),
            (any_integer.clone(), "11", Err(Code::OutOfRange)),
            (any_integer, "7.5", Err(Code::WrongType)),
            (FieldType::Boolean, "Yes", Ok("true")),
            (FieldType::Boolean, "maybe", Err(Code::WrongType)),
            (choice.clone(), "FULL", Ok("full")),
            (choice, "none", Err(Code::NotInValues)),
            (FieldType::Ssn, "123-45-6789", Ok("123456789")),
            (FieldType::Ip, "203.0.113.7", Ok("203.0.113.7")),
            (FieldType::Url, "javascript:alert(1)", Err(Code::Invalid)),
            (FieldType::Text { max_length: 3 }, "four", Err(Code::TooLong)),
            (FieldType::Name, "Bj\u{0}rn", Err(Code::Invalid)),
        ] {
            assert_eq!(of(&kind, text), expected.map(str::to_owned), "{} {text:?}", kind.word());
        }
    }

    #[test]
    fn no_mistake_repeats_the_value() {
        for kind in [
            FieldType::Phone,
            FieldType::Email,
            FieldType::Zip,
            FieldType::Date,
            FieldType::Money,
            FieldType::Ip,
            FieldType::Url,
            FieldType::State,
            FieldType::Boolean,
        ] {
            let secret = "S3CRET-value";
            let (_, message) = parse(&kind, &RawValue::Text(zeroize::Zeroizing::new(secret.into()))).unwrap_err();
            assert!(!message.contains("S3CRET"), "{}", kind.word());
        }
    }
}
