//! Fields of leads to typed values: normal forms, coarser forms, and errors that tell nothing.

use std::collections::BTreeSet;

use exchange::{
    lead::{Code, FieldError, FromPing, ReadPost, person, read_ping, read_post},
    money::{Money, Percent},
    raw::{RawFields, RawValue},
    schema::PingShows,
};
use fuzz::{Seen, seen};
use wire::body;

use crate::world::loans;

pub const WORDS: &[&str] = &[
    "\"state\": \"CA\"",
    "\"zip\": \"90012\"",
    "\"amount\": ",
    "\"loan_amount\": ",
    "\"100000-199999\"",
    "\"200000+\"",
    "\"rooms\": ",
    "\"score\": ",
    "\"owner\": true",
    "\"kind\": \"purchase\"",
    "\"birth_date\": \"1979-06-14\"",
    "06/14/1979",
    "02/29/2023",
    "\"phone_number\": ",
    "646-555-0142",
    "+44 20 7946 0958",
    "+1",
    "001",
    "1-",
    "\"email\": ",
    "a@b.co",
    "A+b@Exämple.com",
    "\"ssn\": \"738-49-1720\"",
    "\"ip\": \"::ffff:10.0.0.1\"",
    "\"page\": \"https://a.example/?b\"",
    "\"notes\": ",
    "\"consent\": ",
    "\"street\": ",
    "\"first_name\": ",
    "$",
    "250,000.00",
    "1e5",
    ".5",
    "-",
    "null",
    "[]",
    "{}",
    "true",
    "\u{200b}",
    "İ",
    "ſ",
    "K",
];
pub const MONEY_WORDS: &[&str] =
    &["1000000000", "0.000001", ".", "-", "00", "999999999.999999", "1.00", "100", "12.5", "0.0001", "+", " ", "٣", "9223372036854.775807", "e", ","];

fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 23)
}

/// Our own examples stand in messages.
const EXAMPLES: [&str; 6] = ["202-555-0123", "+12025550123", "name@example.com", "1985-04-12", "250000", "250000.00"];

fn hold_errors(errors: &[FieldError], raw: &RawFields) {
    for error in errors {
        assert!(loans().find(&error.field).is_some(), "an error of a field that isn't there");
        for (_, value) in raw {
            let text = match value {
                RawValue::Text(text) => text.trim(),
                RawValue::Number(digits) => digits,
                RawValue::Boolean(_) | RawValue::Null | RawValue::Nested => continue,
            };
            let is_telling = text.chars().count() >= 6 && text.chars().any(|character| character.is_ascii_digit() || character == '@');
            assert!(!is_telling || EXAMPLES.iter().any(|ours| ours.contains(text)) || !error.message.contains(text), "an error repeats a value");
        }
    }
}

fn codes(errors: &[FieldError]) -> BTreeSet<(&str, &'static str)> {
    errors.iter().map(|error| (error.field.as_str(), error.code.word())).collect()
}

/// All that was read, as it would be sent again.
fn sent_again(read: &ReadPost) -> RawFields {
    let sealed = read.sealed.iter().map(|(index, value)| (loans().field(*index).name.clone(), RawValue::of_text(value.text().as_str())));
    let shown = read.attributes.iter().filter(|(index, _)| loans().field(*index).shows == PingShows::Value);
    let shown = shown.map(|(index, attribute)| (loans().field(index).name.clone(), RawValue::of_text(attribute.text(loans().field(index)))));
    sealed.chain(shown).collect()
}

pub fn fields(bytes: &[u8]) -> Seen {
    let Ok(body) = body::read(Some("application/json"), bytes) else { return 0 };
    let raw = body.fields;
    let ping = read_ping(loans(), &raw, today());
    let post = read_post(loans(), &raw, None, today());
    for ignored in [ping.as_ref().map(|ping| &ping.ignored).ok(), post.as_ref().map(|post| &post.ignored).ok()].into_iter().flatten() {
        assert!(ignored.len() <= 50 && ignored.iter().all(|name| name.chars().count() <= 64));
    }
    ping.iter().flat_map(|ping| ping.attributes.iter()).for_each(|(index, _)| assert!(!loans().field(index).kind.is_personal(), "a ping shows a person"));
    ping.as_ref().err().into_iter().chain(post.as_ref().err()).for_each(|errors| hold_errors(errors, &raw));
    if let Ok(read) = &post {
        let again = read_post(loans(), &sent_again(read), None, today()).unwrap_or_else(|errors| panic!("what was read is refused: {:?}", codes(&errors)));
        assert!(again.sealed == read.sealed, "sealed values have no normal form");
        assert!(again.attributes == read.attributes, "shown values have no normal form");
    }
    if let Ok(ping) = &ping {
        let from_ping = FromPing { attributes: ping.attributes.clone(), sealed: ping.exact.keys().copied().collect() };
        let posted = read_post(loans(), &raw, Some(&from_ping), today());
        let is_changed = posted.err().is_some_and(|errors| errors.iter().any(|error| error.code == Code::AttributeChanged));
        assert!(!is_changed, "the same fields, and changed");
    }
    seen((ping.as_ref().err().map(|errors| codes(errors)), post.as_ref().err().map(|errors| codes(errors)), post.as_ref().map_or(0, |post| post.sealed.len())))
}

pub fn person_text(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let found = person(&text);
    if let Some((kind, normal)) = &found {
        assert_eq!(person(normal).as_ref(), Some(&(*kind, normal.clone())), "a normal form that is another");
        assert!(normal.len() <= 2 * text.len() + 2 && !normal.chars().any(char::is_whitespace));
    }
    seen(found.map(|(kind, normal)| (kind, normal.len(), normal.is_ascii())))
}

pub fn money(bytes: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(bytes);
    let read = [0, 2, 6].map(|decimals| Money::parse(&text, decimals));
    if let [_, _, Ok(amount)] = read {
        assert_eq!(Money::parse(&amount.to_string(), 6), Ok(amount), "printed and read again, it is another");
        assert!(amount.micros().abs() <= Money::MAX.micros());
        let float: f64 = text.parse().unwrap();
        assert!((float * 1e6 - amount.micros() as f64).abs() <= 1.0 + float.abs() * 1e-6, "another amount than a float reads");
    }
    // What has few decimals reads the same where more are allowed.
    for pair in read.windows(2) {
        assert!(pair[0].is_err() || pair[0] == pair[1]);
    }
    let percent = Percent::parse(&text);
    assert_eq!(percent.and_then(|percent| Percent::parse(&percent.to_string())), percent, "printed and read again, it is another");
    seen((read.map(|read| read.map(|amount| (amount.is_positive(), amount.to_string().len()))), percent.is_some()))
}
