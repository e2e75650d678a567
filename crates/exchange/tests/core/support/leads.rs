//! The vertical of the tests, and its leads.

use exchange::{
    id::Subject,
    lead::{ReadPing, ReadPost, read_ping, read_post},
    raw::{RawFields, RawValue},
    schema::{Bands, Field, FieldType, PingShows, Required, Vertical},
    seal::{ContactPart, MasterKey},
};
use jiff::civil::{Date, date};

pub const TODAY: Date = date(2026, 11, 23);

/// A lead that has all that is required.
pub const LEAD: [(&str, &str); 6] =
    [("amount", "250000"), ("state", "CA"), ("zip", "90210"), ("birth_date", "1985-04-12"), ("phone", "202-555-0123"), ("email", "ann.lee@example.com")];

fn field(name: &str, kind: FieldType, required: Required, shows: PingShows) -> Field {
    Field { name: name.into(), label: None, kind, required, shows, evidence: false, aliases: Vec::new() }
}

fn bands(edges: &[i64]) -> Bands {
    Bands::new(edges.to_vec()).unwrap()
}

pub fn loan_fields() -> Vec<Field> {
    let phone = field("phone", FieldType::Phone, Required::Post, PingShows::Never);
    let certificate = field("trusted_form", FieldType::Certificate, Required::No, PingShows::Never);
    vec![
        field("amount", FieldType::Money, Required::Ping, PingShows::Bands(bands(&[10_000, 100_000, 200_000, 300_000]))),
        field("state", FieldType::State, Required::No, PingShows::Value),
        field("zip", FieldType::Zip, Required::No, PingShows::Prefix(3)),
        field("birth_date", FieldType::Date, Required::Post, PingShows::AgeBands(bands(&[18, 25, 35, 45]))),
        field("home_owner", FieldType::Boolean, Required::No, PingShows::Value),
        field("vehicles", FieldType::Integer { min: 0, max: 20 }, Required::No, PingShows::Value),
        field("purpose", FieldType::Enum { values: vec!["purchase".into(), "refinance".into()] }, Required::No, PingShows::Value),
        field("income", FieldType::Money, Required::No, PingShows::Never),
        field("name", FieldType::Name, Required::No, PingShows::Never),
        field("email", FieldType::Email, Required::No, PingShows::Never),
        Field { aliases: vec!["phone_number".into(), "primary_phone".into()], ..phone },
        Field { evidence: true, ..certificate },
    ]
}

pub fn loans() -> Vertical {
    Vertical::new("loans".parse().unwrap(), "Loans".into(), loan_fields()).unwrap()
}

pub fn raw(fields: &[(&str, &str)]) -> RawFields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), RawValue::of_text(*value))).collect()
}

pub fn as_ping(fields: &[(&'static str, &'static str)]) -> ReadPing {
    let shown: Vec<_> = fields.iter().copied().filter(|(name, _)| !matches!(*name, "phone" | "email" | "name")).collect();
    read_ping(&loans(), &raw(&shown), TODAY).unwrap()
}

pub fn as_post(fields: &[(&str, &str)]) -> ReadPost {
    read_post(&loans(), &raw(fields), None, TODAY).unwrap()
}

pub fn sealed(subject: Subject, post: &ReadPost) -> ContactPart {
    let vertical = loans();
    let mut counter = 0u8;
    let mut entropy = |bytes: &mut [u8]| {
        counter = counter.wrapping_add(1);
        bytes.fill(counter);
    };
    let values = post.sealed.iter().map(|(index, value)| (vertical.field(*index).name.as_str(), value));
    MasterKey::from_bytes([9; 32]).seal(subject, values, &mut entropy).unwrap()
}
