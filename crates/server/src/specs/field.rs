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

/// People, places and numbers that nobody has.
pub fn example(field: &Field) -> String {
    match &field.kind {
        FieldType::Integer { min, max } => whole_number(field, *min, *max).to_string(),
        FieldType::Decimal => match &field.shows {
            PingShows::Bands(bands) => bands.edges().first().copied().unwrap_or(1).to_string(),
            _ => "1.5".into(),
        },
        FieldType::Money => match &field.shows {
            PingShows::Bands(bands) => format!("{}.00", bands.edges().get(1).or(bands.edges().first()).copied().unwrap_or(250)),
            _ => "250.00".into(),
        },
        FieldType::Boolean => "true".into(),
        FieldType::Date => "1980-04-12".into(),
        FieldType::Enum { values } => values.first().cloned().unwrap_or_default(),
        FieldType::Zip => "94103".into(),
        FieldType::State => "CA".into(),
        FieldType::Phone => "2025550123".into(),
        FieldType::Email => "alex@example.com".into(),
        FieldType::Name => "Alex".into(),
        FieldType::Street => "12 Example Street".into(),
        FieldType::Ssn => "000-00-0000".into(),
        FieldType::Ip => "192.0.2.1".into(),
        FieldType::Url => "https://example.com/quotes".into(),
        FieldType::Certificate => "https://cert.trustedform.com/0000000000000000000000000000000000000000".into(),
        FieldType::Text { max_length } => "text".chars().take(*max_length).collect(),
    }
}

fn whole_number(field: &Field, min: i64, max: i64) -> i64 {
    let from = match &field.shows {
        PingShows::Bands(bands) => bands.edges().first().copied().unwrap_or(1),
        _ => 1,
    };
    from.clamp(min, max)
}
