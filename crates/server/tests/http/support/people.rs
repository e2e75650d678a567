//! Made-up people, each with a phone number and an e-mail of its own.

use serde_json::{Value, json};

/// A person of the vertical `loans`.
#[derive(Clone, Copy, Debug)]
pub struct Person(pub u32);

impl Person {
    /// As it is sent: ten digits.
    pub fn phone(self) -> String {
        format!("646{:03}{:04}", 732 + self.0 / 10_000, self.0 % 10_000)
    }

    pub fn email(self) -> String {
        format!("person{}.wexford@example.com", self.0)
    }

    /// What a ping may say of everybody here.
    pub fn attributes(self) -> Value {
        json!({ "state": "CA", "amount": "245000.00" })
    }

    /// Attributes and contact.
    pub fn lead(self) -> Value {
        json!({
            "state": "CA",
            "amount": "245000.00",
            "birth_date": "1979-06-14",
            "first_name": "Thessaly",
            "last_name": format!("Quillfeather{}", self.0),
            "phone": self.phone(),
            "email": self.email(),
            "street": format!("{} Larkspur Hollow", 4000 + self.0),
            "notes": format!("calls after five {}", self.0),
            "consent_url": format!("https://cert.example.com/quill{}", self.0),
        })
    }

    /// Everything that only a buyer may see.
    pub fn secrets(self) -> Vec<String> {
        let lead = self.lead();
        let texts = ["birth_date", "first_name", "last_name", "phone", "email", "street", "notes", "consent_url"];
        texts.iter().map(|name| lead[*name].as_str().unwrap().to_owned()).chain(["245000.00".into()]).collect()
    }
}

/// The same object with some members set.
pub fn with(mut body: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
