//! A field of a vertical: `[fields.state]`.

use exchange::schema::{Bands, Field, FieldType, Part, PingShows, Required};
use serde_json::json;

use super::{
    keys::{At, Found, Key, Keys},
    values::{PlainName, name_schema, read_integer, read_name, short_text},
};

/// Bands are compared in millionths, which a 64-bit number holds up to nine times this.
const LARGEST: i64 = 1_000_000_000_000;
const MOST_VALUES: usize = 1000;
const MOST_EDGES: usize = 1000;
const OLDEST: i64 = 150;

/// A field with the lines that its vertical's errors are told at.
#[derive(Debug)]
pub(super) struct FieldDraft {
    pub field: Field,
    pub line: usize,
    pub ping_line: Option<usize>,
    pub required_line: Option<usize>,
    /// Something of the field is wrong, so what it is like can't be told.
    pub unsure: bool,
}

const KINDS: [FieldType; 20] = [
    FieldType::Text { max_length: 200 },
    FieldType::Integer { min: -LARGEST, max: LARGEST },
    FieldType::Decimal,
    FieldType::Money,
    FieldType::Boolean,
    FieldType::Date,
    FieldType::Enum { values: Vec::new() },
    FieldType::Zip,
    FieldType::State,
    FieldType::Phone,
    FieldType::Email,
    FieldType::Name,
    FieldType::Street,
    FieldType::Ssn,
    FieldType::Ip,
    FieldType::Url,
    FieldType::Certificate,
    FieldType::TrustedForm,
    FieldType::Jornaya,
    FieldType::Companies,
];

pub(super) fn field(keys: &mut Keys<'_>, name: &str) -> FieldDraft {
    let label = keys.text(Key::optional("label", "What people call the field."), 128);
    let kind = keys.word(Key::required("type", "What the field's values are.", "type = \"text\""), &KINDS.map(|kind| (kind.word(), kind)), None);
    let kind = field_type(keys, kind.map(|at| at.value));
    let moments = [("ping", Required::Ping), ("post", Required::Post), ("no", Required::No)];
    let required = keys.word(Key::optional("required", "From when on the field must be there."), &moments, Some("no"));
    let shows = ping(keys);
    let part = Key::optional(
        "part",
        "`evidence` goes out apart, as proof of consent. Otherwise: with the attributes if a ping shows the field, with the contact if none does.",
    );
    let part = keys.word(part, &[("evidence", Part::Evidence)], None);
    let aliases = keys.list(Key::optional("aliases", "Other names that suppliers send the field by."), None, 0..=100, name_schema, read_name::<PlainName>);
    // A field of unknown type is unsure, so this stand-in is never looked at.
    let kind = kind.unwrap_or(FieldType::Boolean);
    check_prefix(keys, &kind, shows.as_ref());
    FieldDraft {
        line: keys.line(),
        ping_line: shows.as_ref().map(|at| at.line),
        required_line: required.map(|at| at.line),
        unsure: keys.has_errors(),
        field: Field {
            name: name.to_owned(),
            label: label.map(|at| at.value.to_owned()),
            kind,
            required: required.map_or(Required::No, |at| at.value),
            shows: shows.map_or(PingShows::Never, |at| at.value),
            evidence: part.is_some(),
            aliases: aliases.map_or_else(Vec::new, |list| list.value.into_iter().map(|alias| alias.value.0).collect()),
        },
    }
}

/// The type with its bounds, which belong to no other type.
fn field_type(keys: &mut Keys<'_>, kind: Option<FieldType>) -> Option<FieldType> {
    let values = Key::optional("values", "The values of an enum, exactly as they are sent.");
    let values = keys.list(values, None, 1..=MOST_VALUES, || json!({ "type": "string" }), |found| short_text(found, 100));
    let min = keys.integer(Key::optional("min", "The least value of an integer."), -LARGEST..=LARGEST);
    let max = keys.integer(Key::optional("max", "The greatest value of an integer."), -LARGEST..=LARGEST);
    let length = keys.integer(Key::optional("max_length", "The most characters of a text. Default: 200."), 1..=10_000);
    let word = kind.as_ref()?.word();
    for (key, of) in [("values", "enum"), ("min", "integer"), ("max", "integer"), ("max_length", "text")] {
        if keys.has(key) && word != of {
            keys.problem(keys.line(), format!("`{key}` is only for the type \"{of}\""), "take it out, or change `type`");
        }
    }
    match kind? {
        FieldType::Text { max_length } => Some(FieldType::Text { max_length: length.and_then(|at| usize::try_from(at.value).ok()).unwrap_or(max_length) }),
        FieldType::Integer { .. } => Some(integer_type(keys, min, max)),
        FieldType::Enum { .. } => Some(enum_type(keys, values)),
        other => Some(other),
    }
}

fn integer_type(keys: &mut Keys<'_>, min: Option<At<i64>>, max: Option<At<i64>>) -> FieldType {
    if let (Some(min), Some(max)) = (min, max)
        && min.value > max.value
    {
        keys.problem(max.line, format!("`max` is {}, below `min`", max.value), format!("write {} or more", min.value));
    }
    FieldType::Integer { min: min.map_or(-LARGEST, |at| at.value), max: max.map_or(LARGEST, |at| at.value) }
}

fn enum_type(keys: &mut Keys<'_>, values: Option<At<Vec<At<&str>>>>) -> FieldType {
    let Some(values) = values else {
        keys.problem(keys.line(), "an enum has no `values`", "write values = [\"one\", \"two\"]");
        return FieldType::Enum { values: Vec::new() };
    };
    let mut known: Vec<String> = Vec::new();
    for value in values.value {
        if known.iter().any(|known| known.eq_ignore_ascii_case(value.value)) {
            keys.problem(value.line, format!("`values` has \"{}\" twice", value.value), "name each once; case makes no difference");
        }
        known.push(value.value.to_owned());
    }
    FieldType::Enum { values: known }
}

/// `ping = "value"`, or a coarser form.
fn ping(keys: &mut Keys<'_>) -> Option<At<PingShows>> {
    let words = [("never", PingShows::Never), ("value", PingShows::Value)];
    let key = Key::optional("ping", "What a ping shows of the field. Default: \"never\".");
    keys.word_or_table(key, &words, |keys| {
        let edges = |found: Found<'_>, largest: i64| read_integer(found, &(0..=largest));
        let number = || json!({ "type": "integer", "minimum": 0 });
        let bands = Key::optional("bands", "The lower edges of the bands that a number is shown as: [a, b), the last without an end.");
        let bands = keys.list(bands, None, 1..=MOST_EDGES, number, |found| edges(found, LARGEST));
        let ages = Key::optional("age_bands", "The lower edges, in years, of the bands of age that a date of birth is shown as.");
        let ages = keys.list(ages, None, 1..=MOST_EDGES, number, |found| edges(found, OLDEST));
        let prefix = keys.integer(Key::optional("prefix", "How many first characters of a ZIP code or text are shown."), 1..=64);
        let bands = bands.and_then(|list| as_bands(keys, "bands", list)).map(PingShows::Bands);
        let ages = ages.and_then(|list| as_bands(keys, "age_bands", list)).map(PingShows::AgeBands);
        let prefix = prefix.and_then(|at| usize::try_from(at.value).ok()).map(PingShows::Prefix);
        let mut forms = [bands, ages, prefix].into_iter().flatten();
        match (forms.next(), forms.next()) {
            (Some(form), None) => Some(form),
            (Some(_), Some(_)) => {
                keys.problem(keys.line(), "`ping` has more than one form", "keep one of bands, age_bands and prefix");
                None
            }
            (None, _) if keys.is_empty() => {
                keys.problem(
                    keys.line(),
                    "`ping` has no form",
                    "write \"never\", \"value\", { bands = [0, 1000] }, { age_bands = [18, 25] } or { prefix = 3 }",
                );
                None
            }
            (None, _) => None,
        }
    })
}

fn as_bands(keys: &mut Keys<'_>, name: &str, list: At<Vec<At<i64>>>) -> Option<Bands> {
    let edges: Vec<i64> = list.value.iter().map(|edge| edge.value).collect();
    if let Some(pair) = list.value.windows(2).find(|pair| pair[0].value >= pair[1].value) {
        keys.problem(pair[1].line, format!("`{name}` goes from {} to {}", pair[0].value, pair[1].value), "write ascending edges");
        return None;
    }
    Bands::new(edges)
}

fn check_prefix(keys: &mut Keys<'_>, kind: &FieldType, shows: Option<&At<PingShows>>) {
    let Some(At { value: PingShows::Prefix(length), line }) = shows else { return };
    match kind {
        FieldType::Zip if *length > 4 => keys.problem(*line, format!("a ZIP code has no prefix of {length} digits"), "write 1 to 4, or \"value\" for all five"),
        FieldType::Text { max_length } if length >= max_length => {
            keys.problem(*line, format!("a prefix of {length} characters shows all of the text"), format!("write less than {max_length}, or \"value\""));
        }
        _ => {}
    }
}
