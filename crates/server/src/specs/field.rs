//! One field: what it may be, what a ping shows of it, and an example that is always taken.

use exchange::schema::{Bands, Field, FieldType, PingShows};

/// Where the market files name no bound of a whole number.
const UNBOUNDED: i64 = 1_000_000_000_000;

pub fn rule(field: &Field) -> String {
    match &field.kind {
        FieldType::Text { max_length } => format!("at most {max_length} characters"),
        FieldType::Integer { min, max } => match (*min > -UNBOUNDED, *max < UNBOUNDED) {
            (false, false) => "a whole number".into(),
            (true, false) => format!("a whole number from {min}"),
            (false, true) => format!("a whole number up to {max}"),
            (true, true) => format!("a whole number from {min} to {max}"),
        },
        FieldType::Decimal => "a number with at most six decimals".into(),
        FieldType::Money => "an amount in digits; $ and , are left out".into(),
        FieldType::Boolean => "true or false; yes, no, 1 and 0 are taken".into(),
        FieldType::Date => "YYYY-MM-DD, or MM/DD/YYYY".into(),
        FieldType::Enum { values } => format!("one of {}", values.join(", ")),
        FieldType::Zip => "five digits of the United States, or nine".into(),
        FieldType::State => "two letters; left out, it is that of the ZIP".into(),
        FieldType::Phone => "ten digits, or in the form +12025550123".into(),
        FieldType::Email => "an e-mail address".into(),
        FieldType::Name => "a name".into(),
        FieldType::Street => "house number and street".into(),
        FieldType::Ssn => "nine digits".into(),
        FieldType::Ip => "an IP address".into(),
        FieldType::Url => "an address that starts with http:// or https://".into(),
        FieldType::Certificate => "the certificate's address or token".into(),
        FieldType::TrustedForm => "the address of a TrustedForm certificate, or its ping address".into(),
        FieldType::Jornaya => "a LeadiD token of 36 characters".into(),
        FieldType::Companies => "the companies that the consumer agreed to hear from, with ; or | between them".into(),
    }
}

pub fn shown(field: &Field) -> String {
    match &field.shows {
        PingShows::Never if field.kind.is_refused_in_ping() => "never: a ping that carries it is refused".into(),
        PingShows::Never => "never".into(),
        PingShows::Value => "the value".into(),
        PingShows::Bands(bands) => format!("its band: {}", labels(bands)),
        PingShows::AgeBands(bands) => format!("the band of the age: {}", labels(bands)),
        PingShows::Prefix(length) => format!("the first {length}"),
    }
}

fn labels(bands: &Bands) -> String {
    let labels: Vec<String> = (0..bands.edges().len()).filter_map(|band| u16::try_from(band).ok()).map(|band| bands.label(band)).collect();
    labels.join(", ")
}
