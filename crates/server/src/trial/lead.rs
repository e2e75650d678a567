//! A lead that nobody sent: made up by its vertical's rules, or as a file has it.

use exchange::{
    attribute::PingPart,
    lead::read_post,
    raw::{RawFields, RawValue},
    schema::{Field, FieldType, Vertical},
    seal::Contact,
};
use jiff::civil::Date;

pub struct Lead {
    pub attributes: PingPart,
    pub contact: Contact,
}

impl Lead {
    /// What is wrong with the fields is told all at once.
    pub fn read(vertical: &Vertical, fields: &RawFields, today: Date) -> Result<Self, String> {
        let read = read_post(vertical, fields, None, today).map_err(|errors| {
            let all: Vec<String> = errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            format!("the lead is none of {}:\n  {}", vertical.name, all.join("\n  "))
        })?;
        let values = read.sealed.into_iter().map(|(index, value)| (vertical.field(index).name.clone(), value)).collect();
        Ok(Self { attributes: read.attributes, contact: Contact::made_up(values) })
    }
}

/// A value of each field, of a person who isn't there.
pub fn made_up(vertical: &Vertical) -> RawFields {
    vertical.fields().iter().map(|field| (field.name.clone(), RawValue::of_text(value(field)))).collect()
}

fn value(field: &Field) -> String {
    match &field.kind {
        FieldType::Text { max_length } => "An example".chars().take(*max_length).collect(),
        FieldType::Integer { min, max } => 3.clamp(*min, *max).to_string(),
        FieldType::Decimal => "2.5".into(),
        FieldType::Money => "245000".into(),
        FieldType::Boolean => "true".into(),
        FieldType::Date => "1980-06-14".into(),
        FieldType::Enum { values } => values.first().cloned().unwrap_or_default(),
        FieldType::Zip => "90012".into(),
        FieldType::State => "CA".into(),
        FieldType::Phone => "+13235550142".into(),
        FieldType::Email => "ada@example.com".into(),
        FieldType::Name if field.name.contains("last") => "Example".into(),
        FieldType::Name => "Ada".into(),
        FieldType::Street => "42 Example Street".into(),
        FieldType::Ssn => "000-12-3456".into(),
        FieldType::Ip => "203.0.113.7".into(),
        FieldType::Url => "https://forms.example/quote".into(),
        FieldType::Certificate => "https://cert.trustedform.com/0123456789abcdef0123456789abcdef01234567".into(),
    }
}
