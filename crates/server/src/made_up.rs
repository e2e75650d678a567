//! Values of a person who isn't there: always taken by their field's rules, and nobody's.

use exchange::schema::{Field, FieldType, PingShows};

pub fn value(field: &Field) -> String {
    match &field.kind {
        FieldType::Text { max_length } => "An example".chars().take(*max_length).collect(),
        FieldType::Integer { min, max } => at_least_shown(field, 3).clamp(*min, *max).to_string(),
        FieldType::Decimal if at_least_shown(field, 2) == 2 => "2.5".into(),
        FieldType::Decimal => at_least_shown(field, 2).to_string(),
        FieldType::Money => at_least_shown(field, 245_000).to_string(),
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
        FieldType::Certificate | FieldType::TrustedForm => "https://cert.trustedform.com/0123456789abcdef0123456789abcdef01234567".into(),
        FieldType::Jornaya => "01234567-89AB-CDEF-0123-456789ABCDEF".into(),
        FieldType::Companies => "Example Lending; Example Bank".into(),
    }
}

/// No ping shows what lies below the first band.
fn at_least_shown(field: &Field, usual: i64) -> i64 {
    match &field.shows {
        PingShows::Bands(bands) => bands.edges().first().map_or(usual, |first| usual.max(*first)),
        _ => usual,
    }
}
