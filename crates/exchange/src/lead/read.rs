//! All fields of a ping or post together: required ones, cross-field checks, coarser forms.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Code, FieldError, parse::parse};
use crate::{
    attribute::{Attribute, PingPart},
    geography::{only_state_of, state_may_have},
    raw::{RawFields, RawValue},
    schema::{Field, FieldIndex, FieldType, PingShows, Required, Vertical},
    value::Value,
};

/// At most so many names are handed back as ignored, each at most 64 characters long.
const MOST_IGNORED: usize = 50;

/// A ping, read.
#[derive(Debug)]
pub struct ReadPing {
    pub attributes: PingPart,
    /// Exact values that came where the ping shows a coarser form: to be sealed at once.
    pub exact: BTreeMap<FieldIndex, Value>,
    /// What no ping shows, by the name it came under.
    pub ignored: Vec<String>,
}

/// A post, read.
#[derive(Debug)]
pub struct ReadPost {
    /// The lead as a ping shows it.
    pub attributes: PingPart,
    /// All that is to be sealed: every value but those that the ping shows as they are.
    pub sealed: BTreeMap<FieldIndex, Value>,
    pub ignored: Vec<String>,
}

/// What a post's ping had already.
#[derive(Clone, Debug)]
pub struct FromPing {
    pub attributes: PingPart,
    /// The fields whose exact values came with the ping and lie sealed.
    pub sealed: BTreeSet<FieldIndex>,
}

/// Reads a ping. `today` is the date that ages are counted at, in the market's zone.
pub fn read_ping(vertical: &Vertical, raw: &RawFields, today: Date) -> Result<ReadPing, Vec<FieldError>> {
    let mut errors = Errors::new(vertical);
    let (fields, mut ignored) = named(vertical, raw, &mut errors);
    let (mut attributes, mut exact) = (BTreeMap::new(), BTreeMap::new());
    for (index, (given, raw)) in fields {
        let field = vertical.field(index);
        if field.kind.is_refused_in_ping() {
            errors.add(index, Code::ContactInPing, "a ping carries no contact data: send it with the post".into());
        } else if !field.is_shown() {
            ignore(&mut ignored, given);
        } else if let Some(shown) = coarse(field, raw) {
            attributes.insert(index, shown);
        } else {
            errors.read(
                index,
                || {
                    let value = parse(&field.kind, raw)?;
                    let shown = shown(field, &value, today)?;
                    Ok((value, shown))
                },
                |(value, shown)| {
                    if field.shows != PingShows::Value {
                        exact.insert(index, value);
                    }
                    attributes.insert(index, shown);
                },
            );
        }
    }
    derive_state(vertical, &mut attributes, &exact);
    check_zip_and_state(vertical, &attributes, &exact, &mut errors);
    errors.require(|index, field| field.required == Required::Ping && !attributes.contains_key(&index), "a ping");
    errors.into_result(ReadPing { attributes: PingPart::new(attributes.into_iter().collect()), exact, ignored })
}

/// Reads a post: every value exact. What its ping had already may be left out.
pub fn read_post(vertical: &Vertical, raw: &RawFields, from_ping: Option<&FromPing>, today: Date) -> Result<ReadPost, Vec<FieldError>> {
    let mut errors = Errors::new(vertical);
    let (fields, ignored) = named(vertical, raw, &mut errors);
    let (mut attributes, mut sealed) = (BTreeMap::new(), BTreeMap::new());
    for (index, (_, raw)) in fields {
        let field = vertical.field(index);
        if coarse(field, raw).is_some() {
            errors.add(index, Code::NotExact, "a post carries the exact value, not its band".into());
            continue;
        }
        errors.read(
            index,
            || {
                let value = parse(&field.kind, raw)?;
                let shown = if field.is_shown() { Some(shown(field, &value, today)?) } else { None };
                Ok((value, shown))
            },
            |(value, shown)| {
                if field.shows != PingShows::Value {
                    sealed.insert(index, value);
                }
                if let Some(shown) = shown {
                    attributes.insert(index, shown);
                }
            },
        );
    }
    let mut attributes = PingPart::new(attributes.into_iter().collect());
    if let Some(ping) = from_ping {
        for index in ping.attributes.changed_in(&attributes) {
            errors.add(index, Code::AttributeChanged, "differs from what the ping said: send the same value, or ping again".into());
        }
        attributes = attributes.completed_with(&ping.attributes);
    }
    // Only now, so that the ZIP of a post agrees with a state that only the ping named.
    let mut attributes = attributes.into_map();
    derive_state(vertical, &mut attributes, &sealed);
    derive_sealed_state(vertical, &attributes, &mut sealed);
    check_zip_and_state(vertical, &attributes, &sealed, &mut errors);
    let has_exact = |index: FieldIndex| sealed.contains_key(&index) || from_ping.is_some_and(|ping| ping.sealed.contains(&index));
    let has = |index: FieldIndex, field: &Field| if field.shows == PingShows::Value { attributes.contains_key(&index) } else { has_exact(index) };
    errors.require(|index, field| field.required != Required::No && !has(index, field), "a post");
    errors.into_result(ReadPost { attributes: PingPart::new(attributes.into_iter().collect()), sealed, ignored })
}

type Named<'a> = BTreeMap<FieldIndex, (&'a str, &'a RawValue)>;

/// The fields that the vertical knows, by their place. Empty ones count as not given.
fn named<'a>(vertical: &Vertical, raw: &'a RawFields, errors: &mut Errors<'_>) -> (Named<'a>, Vec<String>) {
    let (mut fields, mut ignored) = (BTreeMap::new(), Vec::new());
    for (name, value) in raw {
        if value.is_empty() {
            continue;
        }
        match vertical.find(name) {
            None => ignore(&mut ignored, name),
            Some(index) => {
                if fields.insert(index, (name.as_str(), value)).is_some() {
                    errors.add(index, Code::GivenTwice, "send it once, under one name".into());
                }
            }
        }
    }
    (fields, ignored)
}

fn ignore(ignored: &mut Vec<String>, name: &str) {
    if ignored.len() < MOST_IGNORED {
        ignored.push(name.chars().take(64).collect());
    }
}

/// A band's label or a prefix, where the ping shows such a form.
fn coarse(field: &Field, raw: &RawValue) -> Option<Attribute> {
    let RawValue::Text(text) = raw else { return None };
    let text = text.trim();
    match &field.shows {
        PingShows::Bands(bands) | PingShows::AgeBands(bands) => bands.of_label(text).map(Attribute::Band),
        PingShows::Prefix(length) if field.kind == FieldType::Zip => {
            let is_prefix = text.len() == *length && text.bytes().all(|byte| byte.is_ascii_digit()) && *length < 5;
            is_prefix.then(|| Attribute::Text(text.to_owned()))
        }
        PingShows::Prefix(_) | PingShows::Never | PingShows::Value => None,
    }
}

/// What a ping shows of an exact value.
fn shown(field: &Field, value: &Value, today: Date) -> Result<Attribute, (Code, String)> {
    let below = |first: i64| (Code::OutOfRange, format!("send at least {first}"));
    match (&field.shows, value) {
        (PingShows::Bands(bands), Value::Integer(number)) => {
            bands.of_micros(number.saturating_mul(1_000_000)).map(Attribute::Band).ok_or_else(|| below(bands.edges()[0]))
        }
        (PingShows::Bands(bands), Value::Decimal(micros)) => bands.of_micros(*micros).map(Attribute::Band).ok_or_else(|| below(bands.edges()[0])),
        (PingShows::Bands(bands), Value::Money(money)) => bands.of_micros(money.micros()).map(Attribute::Band).ok_or_else(|| below(bands.edges()[0])),
        (PingShows::AgeBands(bands), Value::Date(born)) => {
            let youngest = bands.edges()[0];
            let too_young = || (Code::OutOfRange, format!("the person must be at least {youngest} years old"));
            let age = age_in_years(*born, today).ok_or_else(too_young)?;
            bands.of_micros(age.saturating_mul(1_000_000)).map(Attribute::Band).ok_or_else(too_young)
        }
        (PingShows::Prefix(length), Value::Text(text)) => Ok(Attribute::Text(text.chars().take(*length).collect())),
        (_, Value::Text(text)) => Ok(Attribute::Text(text.to_string())),
        (_, Value::Integer(number)) => Ok(Attribute::Integer(*number)),
        (_, Value::Decimal(micros)) => Ok(Attribute::Decimal(*micros)),
        (_, Value::Money(money)) => Ok(Attribute::Money(*money)),
        (_, Value::Boolean(yes)) => Ok(Attribute::Boolean(*yes)),
        // The schema lets a date be shown only as a band of age.
        (_, Value::Date(_)) => Err((Code::Invalid, "a date can't be shown".into())),
    }
}

/// Whole years between birth and today; none for who isn't born yet, or is over 130.
fn age_in_years(born: Date, today: Date) -> Option<i64> {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    let age = i64::from(today.year()) - i64::from(born.year()) - i64::from(!had_birthday);
    (0..=130).contains(&age).then_some(age)
}

fn zip_and_state(vertical: &Vertical) -> Option<(FieldIndex, FieldIndex)> {
    Some((vertical.first_of(|kind| *kind == FieldType::Zip)?, vertical.first_of(|kind| *kind == FieldType::State)?))
}

/// The state of a ZIP: of the exact one if it is there, or of as much of it as a ping shows.
fn state_of(zip: FieldIndex, attributes: &BTreeMap<FieldIndex, Attribute>, exact: &BTreeMap<FieldIndex, Value>) -> Option<&'static str> {
    match (exact.get(&zip), attributes.get(&zip)) {
        (Some(Value::Text(digits)), _) => only_state_of(digits),
        (_, Some(Attribute::Text(digits))) => only_state_of(digits),
        _ => None,
    }
}

/// A ZIP says its state: where only the ZIP came, a state that the ping shows is filled in. Digits that lie in two states say none.
fn derive_state(vertical: &Vertical, attributes: &mut BTreeMap<FieldIndex, Attribute>, exact: &BTreeMap<FieldIndex, Value>) {
    let Some((zip, state)) = zip_and_state(vertical) else { return };
    if attributes.contains_key(&state) || vertical.field(state).shows != PingShows::Value {
        return;
    }
    if let Some(code) = state_of(zip, attributes, exact) {
        attributes.insert(state, Attribute::Text(code.to_owned()));
    }
}

/// The same for a state that a ping doesn't show, or a ZIP that it doesn't.
fn derive_sealed_state(vertical: &Vertical, attributes: &BTreeMap<FieldIndex, Attribute>, sealed: &mut BTreeMap<FieldIndex, Value>) {
    let Some((zip, state)) = zip_and_state(vertical) else { return };
    if attributes.contains_key(&state) || sealed.contains_key(&state) || vertical.field(state).is_shown() {
        return;
    }
    if let Some(code) = state_of(zip, attributes, sealed) {
        sealed.insert(state, Value::of_text(code));
    }
}

fn check_zip_and_state(vertical: &Vertical, attributes: &BTreeMap<FieldIndex, Attribute>, exact: &BTreeMap<FieldIndex, Value>, errors: &mut Errors<'_>) {
    let Some((zip, state)) = zip_and_state(vertical) else { return };
    let text = |index: FieldIndex| match (exact.get(&index), attributes.get(&index)) {
        (Some(Value::Text(text)), _) => Some(text.to_string()),
        (_, Some(Attribute::Text(text))) => Some(text.clone()),
        _ => None,
    };
    if let (Some(digits), Some(code)) = (text(zip), text(state))
        && !state_may_have(&code, &digits)
    {
        let zip = &vertical.field(zip).name;
        errors.add(
            state,
            Code::ZipStateMismatch,
            format!("`{zip}` lies in another state: correct one of the two, or leave `{}` out", vertical.field(state).name),
        );
    }
}

/// Collects all errors of a lead, at most one of each field and code.
struct Errors<'v> {
    vertical: &'v Vertical,
    found: Vec<FieldError>,
}

impl<'v> Errors<'v> {
    fn new(vertical: &'v Vertical) -> Self {
        Self { vertical, found: Vec::new() }
    }

    fn add(&mut self, index: FieldIndex, code: Code, message: String) {
        let field = self.vertical.field(index).name.clone();
        if !self.found.iter().any(|error| error.field == field && error.code == code) {
            self.found.push(FieldError { field, code, message });
        }
    }

    fn read<T>(&mut self, index: FieldIndex, read: impl FnOnce() -> Result<T, (Code, String)>, take: impl FnOnce(T)) {
        match read() {
            Ok(value) => take(value),
            Err((code, message)) => self.add(index, code, message),
        }
    }

    /// A field that is missing and also wrong has its mistake named already.
    fn require(&mut self, is_missing: impl Fn(FieldIndex, &Field) -> bool, what: &str) {
        let vertical = self.vertical;
        for (index, field) in vertical.indexed() {
            if is_missing(index, field) && !self.found.iter().any(|error| error.field == field.name) {
                self.add(index, Code::Required, format!("{what} needs it"));
            }
        }
    }

    fn into_result<T>(mut self, read: T) -> Result<T, Vec<FieldError>> {
        if self.found.is_empty() {
            return Ok(read);
        }
        self.found.sort_by(|a, b| a.field.cmp(&b.field));
        Err(self.found)
    }
}
