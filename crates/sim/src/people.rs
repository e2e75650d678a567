//! Consumers, and the requests that suppliers make of them.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Every contact of a world has this in it, in whatever is in clear: a search for it finds any of them.
pub const CANARY: &str = "kanarienvogel";
/// The area code and exchange of every phone number.
pub const CANARY_PHONE: &str = "202757";

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
