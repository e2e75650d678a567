//! The kinds of values that market files have: texts, numbers, money, words, names.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use exchange::money::{Currency, Money, Percent};
use serde_json::{Value, json};
use toml::de::DeValue;

use super::{
    keys::{At, Found, Key, Keys},
    nested::word_of,
    problem::{Wrong, quoted},
    source::shown,
};

impl<'a> Keys<'a> {
    /// A text of 1 to `most` characters.
    pub fn text(&mut self, key: Key, most: usize) -> Option<At<&'a str>> {
        self.value(key, None, || json!({ "type": "string", "minLength": 1, "maxLength": most }), |found| short_text(found, most))
    }

    /// A text that another type reads; `mend` tells how it is written.
    pub fn parsed<T>(&mut self, key: Key, kind: &str, mend: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<At<T>> {
        let describe = || json!({ "type": "string", "minLength": 1 });
        self.value(key, None, describe, |found| {
            let text = found.text()?;
            parse(text).ok_or_else(|| Wrong::new(format!("is {}, which is no {kind}", quoted(text)), mend))
        })
    }

    /// Names of the market: 1 to 64 of a-z, A-Z, 0-9, `-` and `_`.
    pub fn names<T: FromStr<Err: Display>>(&mut self, key: Key, most: usize) -> Option<At<Vec<At<T>>>> {
        self.list(key, None, 0..=most, name_schema, read_name)
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, key: Key, bounds: RangeInclusive<i64>) -> Option<At<i64>> {
        self.value(key, None, || integer_schema(&bounds), |found| read_integer(found, &bounds))
    }

    /// A whole number within bounds that has a default.
    pub fn integer_or(&mut self, key: Key, bounds: RangeInclusive<i64>, default: i64) -> i64 {
        self.value(key, Some(json!(default)), || integer_schema(&bounds), |found| read_integer(found, &bounds)).map_or(default, |at| at.value)
    }

    pub fn boolean(&mut self, key: Key, default: bool) -> bool {
        let read =
            |found: Found<'_>| found.value.as_bool().ok_or_else(|| Wrong::new(format!("is {}", shown(found.value)), "write true or false, without quotes"));
        self.value(key, Some(json!(default)), || json!({ "type": "boolean" }), read).map_or(default, |at| at.value)
    }

    /// One of a few words. Without a default, the key must be required or its absence mean something to the caller.
    pub fn word<T: Clone>(&mut self, key: Key, words: &[(&str, T)], default: Option<&str>) -> Option<At<T>> {
        let describe = || json!({ "enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>() });
        self.value(key, default.map(|word| json!(word)), describe, |found| word_of(found.text()?, words))
    }

    /// An amount of zero or more, in quotes.
    pub fn money(&mut self, key: Key, currency: Currency) -> Option<At<Money>> {
        self.value(key, None, money_schema, |found| read_money(found, currency))
    }

    /// An amount above zero, in quotes.
    pub fn price(&mut self, key: Key, currency: Currency) -> Option<At<Money>> {
        self.value(key, None, money_schema, |found| positive(read_money(found, currency)?))
    }

    pub fn money_or_zero(&mut self, key: Key, currency: Currency) -> Money {
        self.value(key, Some(json!("0")), money_schema, |found| read_money(found, currency)).map_or(Money::ZERO, |at| at.value)
    }

    /// 0 to 100: an integer, or a text with decimals.
    pub fn percent(&mut self, key: Key, default: u32) -> Percent {
        let describe =
            || json!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 100 }, { "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,4})?$" }] });
        let default_percent = Percent::of_whole(default).unwrap_or(Percent::ZERO);
        self.value(key, Some(json!(default)), describe, read_percent).map_or(default_percent, |at| at.value)
    }
}

/// A text that obeys the rule of names, but names nothing that has a type of its own: an alias, a tag.
pub(super) struct PlainName(pub String);

impl FromStr for PlainName {
    type Err = exchange::id::NotAName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        exchange::id::check_name(text).map(|()| Self(text.to_owned()))
    }
}

pub(super) fn name_schema() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" })
}

fn integer_schema(bounds: &RangeInclusive<i64>) -> Value {
    json!({ "type": "integer", "minimum": bounds.start(), "maximum": bounds.end() })
}

fn money_schema() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,6})?$" })
}

pub(super) fn short_text<'a>(found: Found<'a>, most: usize) -> Result<&'a str, Wrong> {
    let text = found.text()?;
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(Wrong::new("is empty", format!("write 1 to {most} characters"))),
        length if length > most => Err(Wrong::new(format!("has {length} characters"), format!("write at most {most}"))),
        _ if text.contains(char::is_control) => Err(Wrong::new("has a control character", "write one line of plain text")),
        _ => Ok(text),
    }
}

pub(super) fn read_name<T: FromStr<Err: Display>>(found: Found<'_>) -> Result<T, Wrong> {
    let text = found.text()?;
    text.parse().map_err(|error: T::Err| Wrong::new(format!("is {}", quoted(text)), error.to_string()))
}

pub(super) fn read_integer(found: Found<'_>, bounds: &RangeInclusive<i64>) -> Result<i64, Wrong> {
    let mend = || format!("write a whole number from {} to {}, without quotes", bounds.start(), bounds.end());
    let DeValue::Integer(number) = found.value else {
        return Err(Wrong::new(format!("is {}, which is no whole number", shown(found.value)), mend()));
    };
    let value = i64::from_str_radix(number.as_str(), number.radix()).ok().filter(|value| bounds.contains(value));
    value.ok_or_else(|| Wrong::new(format!("is {number}, which is out of bounds"), mend()))
}

pub(super) fn read_money(found: Found<'_>, currency: Currency) -> Result<Money, Wrong> {
    let DeValue::String(text) = found.value else {
        return Err(Wrong::new(format!("is {}, which is no text", shown(found.value)), "write an amount in quotes, like \"12.50\""));
    };
    let money = Money::parse(text, currency.decimals()).map_err(|error| Wrong::new(format!("is {}, which is no amount", quoted(text)), error.to_string()))?;
    if money < Money::ZERO { Err(Wrong::new(format!("is {}, which is below zero", quoted(text)), "write an amount of zero or more")) } else { Ok(money) }
}

pub(super) fn positive(money: Money) -> Result<Money, Wrong> {
    if money.is_positive() { Ok(money) } else { Err(Wrong::new("is zero", "write an amount above zero")) }
}

fn read_percent(found: Found<'_>) -> Result<Percent, Wrong> {
    let percent = match found.value {
        DeValue::Integer(_) => read_integer(found, &(0..=100)).ok().and_then(|whole| Percent::of_whole(u32::try_from(whole).ok()?)),
        DeValue::String(text) => Percent::parse(text),
        _ => None,
    };
    percent.filter(|percent| *percent >= Percent::ZERO).ok_or_else(|| {
        Wrong::new(
            format!("is {}, which is no percentage", shown(found.value)),
            "write 0 to 100: an integer like 20, or a text with at most four decimals like \"17.5\"",
        )
    })
}
