//! A literal as the attribute that a field's pings show: equal to what sealing a lead makes of the same value.

use exchange::{
    attribute::Attribute,
    filter::Comparison,
    geography::is_state,
    money::{Currency, Money},
    schema::{Bands, Field, FieldType, PingShows},
};

use crate::market::{
    nearest::suggestion,
    problem::{Wrong, quoted},
};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    /// In digits, as written: `-5`, `12.5`.
    Number(String),
    Boolean(bool),
}

impl Literal {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Number(digits) => digits.clone(),
            Self::Boolean(yes) => yes.to_string(),
        }
    }
}

/// What a comparison with a literal means for a field. The fault's text goes on after "`filter`".
pub(super) fn compared(field: &Field, comparison: Comparison, literal: &Literal, currency: Currency) -> Result<Attribute, Wrong> {
    match &field.shows {
        PingShows::Bands(bands) | PingShows::AgeBands(bands) => banded(field, bands, comparison, literal),
        PingShows::Value | PingShows::Prefix(_) | PingShows::Never => {
            if is_ordering(comparison) && !matches!(field.kind, FieldType::Integer { .. } | FieldType::Decimal | FieldType::Money) {
                let what = format!("orders `{}` with `{}`, but the type {} has no order", field.name, comparison.symbol(), field.kind.word());
                return Err(Wrong::new(what, "compare it with ==, != or in"));
            }
            plain(field, literal, currency)
        }
    }
}

/// A line of a list, which has no quotes to tell texts from numbers.
pub(super) fn entry(field: &Field, text: &str, currency: Currency) -> Result<Attribute, Wrong> {
    let numeric = matches!(field.kind, FieldType::Integer { .. } | FieldType::Decimal | FieldType::Money) && field.shows == PingShows::Value;
    let literal = if numeric { Literal::Number(text.to_owned()) } else { Literal::Text(text.to_owned()) };
    // In a list the value is the subject: `90210x` is …, not "compares …".
    compared(field, Comparison::Equal, &literal, currency).map_err(|wrong| Wrong::new(format!("is {}", quoted(text)), wrong.mend))
}

fn is_ordering(comparison: Comparison) -> bool {
    !matches!(comparison, Comparison::Equal | Comparison::NotEqual)
}

fn plain(field: &Field, literal: &Literal, currency: Currency) -> Result<Attribute, Wrong> {
    let wrong = |mend: String| Wrong::new(format!("compares `{}` with {}", field.name, literal.shown()), mend);
    let attribute = match (&field.kind, literal, &field.shows) {
        (FieldType::Integer { min, max }, Literal::Number(digits), _) => {
            let whole = digits.parse::<i64>().ok().filter(|whole| (min..=max).contains(&whole));
            return whole.map(Attribute::Integer).ok_or_else(|| wrong(format!("write a whole number from {min} to {max}")));
        }
        (FieldType::Decimal, Literal::Number(digits), _) => {
            Money::parse(digits, 6).map(|decimal| Attribute::Decimal(decimal.micros())).map_err(|_| "write a number with at most six decimals".to_owned())
        }
        (FieldType::Money, Literal::Number(digits), _) => Money::parse(digits, currency.decimals()).map(Attribute::Money).map_err(|error| error.to_string()),
        (FieldType::Integer { .. } | FieldType::Decimal | FieldType::Money, ..) => Err("write a number, without quotes".to_owned()),
        (FieldType::Boolean, Literal::Boolean(yes), _) => Ok(Attribute::Boolean(*yes)),
        (FieldType::Boolean, ..) => Err("write true or false, without quotes".to_owned()),
        (FieldType::State, Literal::Text(code), _) => text_if(code, is_state(code), || state_mend(code)),
        (FieldType::Zip, Literal::Text(zip), shows) => {
            let length = if let PingShows::Prefix(length) = shows { *length } else { 5 };
            let fits = zip.len() == length && zip.bytes().all(|byte| byte.is_ascii_digit());
            text_if(zip, fits, || format!("write {length} digits in quotes, which is what a ping shows"))
        }
        (FieldType::Enum { values }, Literal::Text(value), _) => {
            text_if(value, values.contains(value), || suggestion(value, values.iter().map(String::as_str)))
        }
        (FieldType::Text { max_length }, Literal::Text(text), shows) => {
            let most = if let PingShows::Prefix(length) = shows { *length } else { *max_length };
            let fits = (1..=most).contains(&text.chars().count());
            text_if(text, fits, || format!("write 1 to {most} characters, which is what a ping shows"))
        }
        (FieldType::State | FieldType::Zip | FieldType::Enum { .. } | FieldType::Text { .. }, ..) => Err("write a text in quotes".to_owned()),
        // No ping shows these as they are.
        _ => Err(format!("take it out: {} can't be compared", field.kind.word())),
    };
    attribute.map_err(wrong)
}

fn text_if(text: &str, fits: bool, mend: impl FnOnce() -> String) -> Result<Attribute, String> {
    if fits { Ok(Attribute::Text(text.to_owned())) } else { Err(mend()) }
}

fn state_mend(code: &str) -> String {
    let upper = code.to_ascii_uppercase();
    if is_state(&upper) { format!("write \"{upper}\"") } else { "write the two letters of a state, in upper case".to_owned() }
}

/// A label names its band; a number must be an edge, since within a band a ping can't tell.
fn banded(field: &Field, bands: &Bands, comparison: Comparison, literal: &Literal) -> Result<Attribute, Wrong> {
    let what = format!("has `{} {} {}`", field.name, comparison.symbol(), literal.shown());
    let edges = || bands.edges().iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let labels =
        || (0..bands.edges().len()).filter_map(|band| u16::try_from(band).ok()).map(|band| format!("\"{}\"", bands.label(band))).collect::<Vec<_>>().join(", ");
    let band = match (literal, comparison) {
        (Literal::Text(label), Comparison::Equal | Comparison::NotEqual) => {
            bands.of_label(label).ok_or_else(|| format!("write one of the bands that a ping shows: {}", labels()))
        }
        (Literal::Number(digits), Comparison::AtLeast | Comparison::Less) => {
            let edge = digits.parse().ok().and_then(|edge| bands.starting_at(edge));
            edge.ok_or_else(|| format!("a ping shows bands; write one of their edges: {}", edges()))
        }
        (Literal::Number(_), Comparison::Equal | Comparison::NotEqual) => Err(format!("a ping shows bands; write one of {}", labels())),
        (Literal::Number(_), _) => Err(format!("a ping shows bands [a, b); write `>=` or `<` and one of their edges: {}", edges())),
        (Literal::Text(_), _) => Err(format!("write `>=` or `<` and one of the edges: {}", edges())),
        (Literal::Boolean(_), _) => Err(format!("write `>=` or `<` and one of the edges, without quotes: {}", edges())),
    };
    band.map(Attribute::Band).map_err(|mend| Wrong::new(what, mend))
}

/// The text that a shown text starts with, if it can.
pub(super) fn prefix(field: &Field, text: &str) -> Result<String, Wrong> {
    let shown = if let PingShows::Prefix(length) = field.shows { Some(length) } else { None };
    let (most, digits) = match field.kind {
        FieldType::Zip => (shown.unwrap_or(5), true),
        FieldType::Text { max_length } => (shown.unwrap_or(max_length), false),
        _ => {
            return Err(Wrong::new(
                format!("calls startsWith on `{}`, whose type is {}", field.name, field.kind.word()),
                "only a text or ZIP code starts with something",
            ));
        }
    };
    let fits = (1..=most).contains(&text.chars().count()) && (!digits || text.bytes().all(|byte| byte.is_ascii_digit()));
    let of = if digits { "digits" } else { "characters" };
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(format!("asks whether `{}` starts with {}", field.name, quoted(text)), format!("write 1 to {most} {of}")))
    }
}
