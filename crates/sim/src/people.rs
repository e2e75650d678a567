//! Consumers, and the requests that suppliers make of them.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Every contact of a world has this in it, in whatever is in clear: a search for it finds any of them.
const CANARY: &str = "kanarienvogel";
/// The area code and exchange of every phone number. Other digits may spell it by chance, those of an instant above all.
pub const CANARY_PHONE: &str = "202757";

/// Whether anything of anybody's contact lies in these bytes in clear.
pub fn holds_contact(bytes: &[u8]) -> bool {
    places(bytes, CANARY.as_bytes()).next().is_some() || places(bytes, CANARY_PHONE.as_bytes()).any(|place| is_phone(bytes, place))
}

/// Looks for the first byte fast, and for the rest where it is.
fn places<'a>(bytes: &'a [u8], wanted: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let is_first = |byte: &u8| wanted.first() == Some(byte);
    bytes.iter().enumerate().filter(move |(_, byte)| is_first(byte)).map(|(place, _)| place).filter(|place| bytes[*place..].starts_with(wanted))
}

/// Whether a phone number of ten digits, with or without its country's 1, begins here: not a part of a longer number.
fn is_phone(bytes: &[u8], place: usize) -> bool {
    let before = bytes[..place].strip_suffix(b"1").unwrap_or(&bytes[..place]);
    let rest = &bytes[place + CANARY_PHONE.len()..];
    let subscriber = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_whole = subscriber == 4 && !before.last().is_some_and(u8::is_ascii_digit);
    is_whole || (subscriber >= 4 && before.ends_with(b"+"))
}

#[derive(Clone, Debug)]
pub struct Person {
    pub number: u32,
    pub amount: i64,
    pub state: &'static str,
    pub birth_year: u64,
    pub home_owner: bool,
    pub has_email: bool,
}

const STATES: [&str; 4] = ["CA", "NY", "TX", "AZ"];

impl Person {
    pub fn draw(random: &mut Random, number: u32) -> Self {
        Self {
            number,
            amount: random.between(1, 400) as i64 * 1000,
            state: *random.pick(&STATES),
            birth_year: random.between(1945, 2000),
            home_owner: random.chance(500),
            has_email: random.chance(700),
        }
    }

    pub fn phone(&self) -> String {
        format!("+1{CANARY_PHONE}{:04}", self.number)
    }

    pub fn email(&self) -> String {
        format!("{CANARY}{}@example.com", self.number)
    }

    /// As a ping shows it: exact where `exact`, as bands otherwise.
    pub fn ping(&self, test: bool, exact: bool) -> Vec<u8> {
        let mut fields = self.shown();
        if exact {
            fields.insert("birth_date".into(), json!(self.birth_date()));
        }
        self.bytes(fields, test)
    }

    /// The whole lead; with another amount where `changed`.
    pub fn post(&self, test: bool, changed: bool) -> Vec<u8> {
        let mut fields = self.shown();
        if changed {
            fields.insert("amount".into(), json!(if self.amount < 50_000 { 300_000 } else { 10_000 }));
        }
        fields.insert("birth_date".into(), json!(self.birth_date()));
        fields.insert("last_name".into(), json!(format!("{CANARY}{}", self.number)));
        fields.insert("phone".into(), json!(self.phone()));
        if self.has_email {
            fields.insert("email".into(), json!(self.email()));
        }
        fields.insert("consent".into(), json!(format!("https://cert.example.com/{CANARY}{}", self.number)));
        self.bytes(fields, test)
    }

    fn shown(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("amount".into(), json!(self.amount));
        fields.insert("state".into(), json!(self.state));
        fields.insert("home_owner".into(), json!(self.home_owner));
        fields
    }

    fn birth_date(&self) -> String {
        format!("{}-06-15", self.birth_year)
    }

    fn bytes(&self, mut fields: Map<String, Value>, test: bool) -> Vec<u8> {
        if test {
            fields.insert("test".into(), json!(true));
        }
        serde_json::to_vec(&fields).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::holds_contact;

    #[test]
    fn a_phone_in_clear_is_seen_and_other_numbers_are_not_taken_for_one() {
        for seen in ["+12027570001", "{\"phone\":\"+12027570001\"}", "tel=2027570042&zip=94103", "+120275700012026-11-23", "xkanarienvogel7@example.com"] {
            assert!(holds_contact(seen.as_bytes()), "{seen}");
        }
        for other in ["1775308202757001", "2027570", "20275700012", "71202757000", "412027570001", "kanarienvoge"] {
            assert!(!holds_contact(other.as_bytes()), "{other}");
        }
    }
}
