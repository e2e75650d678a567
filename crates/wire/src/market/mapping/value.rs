//! A value as it is written down: a text with places, a constant, a secret, or a table that says more.

use exchange::mapping::{Constant, Format, Kind, Pattern};
use serde_json::{Value, json};
use toml::de::DeValue;

use super::{
    super::{
        keys::{Found, Key, Keys},
        problem::{Wrong, quoted},
        source::shown,
    },
    body_format::BodyFormat,
    path,
    template::{self, Part, When},
};

#[derive(Clone, Debug)]
pub(super) struct ValueDraft {
    pub from: Source,
    /// The text is a document of this format, whatever it stands in.
    pub document: Option<BodyFormat>,
    pub style: Style,
    pub when: Option<When>,
}

#[derive(Clone, Debug)]
pub(super) enum Source {
    Template(Vec<Part>),
    Constant(Constant),
    /// The name of an environment variable.
    Secret(String),
}

/// How a value is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Style {
    pub format: Option<Format>,
    pub part: Option<Pattern>,
    pub map: Vec<(String, Constant)>,
    pub other: Option<Constant>,
    pub default: Option<Constant>,
}

impl Style {
    pub fn is_plain(&self) -> bool {
        self.format.is_none() && self.part.is_none() && self.map.is_empty() && self.other.is_none() && self.default.is_none()
    }
}

/// How a field of the lead is called and written.
#[derive(Clone, Debug)]
pub(super) struct FieldDraft {
    /// None: by its own name.
    pub name: Option<String>,
    pub send: bool,
    pub style: Style,
}

const LONGEST: usize = 10_000;

pub(super) fn value<'a>(keys: &mut Keys<'a>, name: &str, found: Found<'a>) -> Option<ValueDraft> {
    if found.value.is_table() {
        return keys.inside(Key::optional("from", ""), found, format!("{name}."), value_table)?.value;
    }
    let from = match found.value {
        DeValue::String(text) => source(text),
        _ => constant(found.value).map(Source::Constant),
    };
    match from {
        Ok(from) => Some(ValueDraft { from, document: None, style: Style::default(), when: None }),
        Err(wrong) => {
            keys.wrong(name, found.line, &wrong);
            None
        }
    }
}

fn source(text: &str) -> Result<Source, Wrong> {
    let Some(name) = text.strip_prefix("env:") else { return template::parse(text).map(Source::Template) };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit();
    let mend = "write env: and a name of letters, digits and `_`, like \"env:HARBOR_KEY\"";
    if is_name { Ok(Source::Secret(name.to_owned())) } else { Err(Wrong::new("names no environment variable", mend)) }
}

fn value_table(keys: &mut Keys<'_>) -> Option<ValueDraft> {
    let from = Key::optional("from", "The name of a field of the lead, of a value of yours, or of what the exchange says.");
    let from = keys.value(
        from,
        None,
        || json!({ "type": "string" }),
        |found| {
            let text = found.text()?;
            let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
            let wrong = || Wrong::new(format!("is {}, which is no name", quoted(text)), "write a name, like from = \"zip\", or a text as text = \"…\"");
            if is_name { Ok(Source::Template(vec![Part::Name(text.to_owned())])) } else { Err(wrong()) }
        },
    );
    let text = Key::optional("text", "Instead of `from`: a text, with names in double braces.");
    let text = keys.value(
        text,
        None,
        || json!({ "type": ["string", "integer", "boolean"] }),
        |found| match found.value {
            DeValue::String(text) => source(text),
            value => constant(value).map(Source::Constant),
        },
    );
    if keys.has("from") == keys.has("text") {
        keys.problem(keys.line(), "a value comes either from a name or from a text", "write one of from = \"NAME\" and text = \"…\"");
    }
    let from = from.or(text);
    let document = Key::optional("document", "The text is a document by itself, inside of what it goes out in: values are escaped for it.");
    let document = keys.word(document, &[("json", BodyFormat::Json), ("xml", BodyFormat::Xml)], None);
    if let (Some(document), false) = (&document, keys.has("text")) {
        keys.problem(document.line, "`document` is of a text", "write text = '…' beside it, with names in double braces");
    }
    let style = style(keys);
    let when = when(keys);
    Some(ValueDraft { from: from?.value, document: document.map(|at| at.value), style, when })
}

pub(super) fn when(keys: &mut Keys<'_>) -> Option<When> {
    let key = Key::optional("when", "It goes out only if this holds: `NAME`, `!NAME`, `NAME == one|two`, `NAME != one`.");
    keys.value(key, None, || json!({ "type": "string", "minLength": 1 }), |found| template::when(found.text()?)).map(|at| at.value)
}

fn style(keys: &mut Keys<'_>) -> Style {
    let format = Key::optional(
        "format",
        "How the value is written: text, number, cents, units, digits, dashes, national, upper, lower, low, high, base64, a pattern with % for dates, or YES/NO.",
    );
    let format = keys.value(format, None, || json!({ "type": "string", "minLength": 1 }), |found| read_format(found.text()?));
    let part = Key::optional("part", "Of its text, what this regular expression's first group matches, like '^\\+1(\\d{3})'.");
    let part = keys.value(part, None, || json!({ "type": "string", "minLength": 1 }), |found| path::pattern(found.text()?));
    let describe = || json!({ "type": ["string", "integer", "boolean"] });
    let read = |keys: &mut Keys<'_>, name: &str, found: Found<'_>| constant(found.value).inspect_err(|wrong| keys.wrong(name, found.line, wrong)).ok();
    let map = keys.entries(Key::optional("map", "What stands for which value."), describe, read);
    let mut one = |name, doc| keys.value(Key::optional(name, doc), None, describe, |found| constant(found.value)).map(|at| at.value);
    let other = one("other", "What stands for a value that `map` doesn't have.");
    let default = one("default", "What stands where there is no value.");
    Style {
        format: format.map(|at| at.value),
        part: part.map(|at| at.value),
        map: map.into_iter().map(|(text, at)| (text, at.value)).collect(),
        other,
        default,
    }
}

pub(super) fn constant(value: &DeValue<'_>) -> Result<Constant, Wrong> {
    let (text, kind) = match value {
        DeValue::String(text) if text.chars().count() > LONGEST => return Err(Wrong::new("is too long", format!("write at most {LONGEST} characters"))),
        DeValue::String(text) => (text.to_string(), Kind::Text),
        DeValue::Integer(number) => {
            (i64::from_str_radix(number.as_str(), number.radix()).map_or_else(|_| number.to_string(), |number| number.to_string()), Kind::Number)
        }
        DeValue::Boolean(yes) => (yes.to_string(), Kind::Boolean),
        _ => return Err(Wrong::new(format!("is {}", shown(value)), "write a text, a whole number, true or false")),
    };
    Ok(Constant { text: text.into(), kind })
}

fn read_format(text: &str) -> Result<Format, Wrong> {
    const WORDS: [(&str, Format); 12] = [
        ("text", Format::Text),
        ("number", Format::Number),
        ("cents", Format::Cents),
        ("units", Format::Units),
        ("digits", Format::Digits),
        ("dashes", Format::Dashes),
        ("national", Format::National),
        ("upper", Format::Upper),
        ("lower", Format::Lower),
        ("low", Format::Low),
        ("high", Format::High),
        ("base64", Format::Base64),
    ];
    if let Some((_, format)) = WORDS.iter().find(|(word, _)| *word == text) {
        return Ok(format.clone());
    }
    if text.contains('%') {
        let sample = jiff::civil::date(1999, 12, 31).to_zoned_datetime(jiff::tz::TimeZone::UTC);
        let is_pattern = sample.is_ok_and(|sample| jiff::fmt::strtime::format(text, &sample).is_ok());
        let mend = "write a pattern of strftime, like \"%m/%d/%Y\"";
        return if is_pattern { Ok(Format::Time(text.into())) } else { Err(Wrong::new(format!("is {}, which is no pattern for dates", quoted(text)), mend)) };
    }
    match text.split_once('/') {
        Some((yes, no)) if !yes.is_empty() && !no.contains('/') => Ok(Format::YesNo(yes.into(), no.into())),
        _ => {
            let words: Vec<String> = WORDS.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let mend = format!("write one of {}, a pattern like \"%m/%d/%Y\", or words for yes and no like \"Y/N\"", words.join(", "));
            Err(Wrong::new(format!("is {}", quoted(text)), mend))
        }
    }
}

pub(super) fn describe_value() -> Value {
    let table = Keys::describe_shared("value", value_table);
    json!({ "anyOf": [{ "type": ["string", "integer", "boolean"] }, table] })
}

pub(super) fn field<'a>(keys: &mut Keys<'a>, name: &str, found: Found<'a>) -> Option<FieldDraft> {
    match found.value {
        DeValue::Table(_) => Some(keys.inside(Key::optional("name", ""), found, format!("{name}."), field_table)?.value),
        DeValue::String(text) if !text.is_empty() => Some(FieldDraft { name: Some(text.to_string()), send: true, style: Style::default() }),
        DeValue::Boolean(send) => Some(FieldDraft { name: None, send: *send, style: Style::default() }),
        value => {
            keys.wrong(name, found.line, &Wrong::new(format!("is {}", shown(value)), "write the buyer's name for it, false, or a table"));
            None
        }
    }
}

fn field_table(keys: &mut Keys<'_>) -> FieldDraft {
    let name = keys.text(Key::optional("name", "What the buyer calls it. Default: its own name."), 200);
    let send = keys.boolean(Key::optional("send", "Whether it goes out with all of the lead's fields."), true);
    FieldDraft { name: name.map(|at| at.value.to_owned()), send, style: style(keys) }
}

pub(super) fn describe_field() -> Value {
    json!({ "anyOf": [{ "type": ["string", "boolean"] }, Keys::describe_shared("mapped_field", field_table)] })
}
