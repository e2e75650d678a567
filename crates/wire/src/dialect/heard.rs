//! What a dialect hears.

use std::fmt;

use exchange::{
    money::Money,
    raw::{RawFields, RawValue},
};
use zeroize::Zeroizing;

use super::told::{Refusal, Voice};
use crate::body::{self, BodyError, MediaType};

/// A request as it came.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Or POST.
    pub is_get: bool,
    /// Below the dialect's prefix.
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub accept: Option<&'a str>,
    pub body: &'a [u8],
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} bytes)", self.body.len())
    }
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Ping,
    /// The post of a ping, by the id that its answer had.
    Post(String),
    /// Ping, auction and post in one.
    Direct,
}

/// A request that was understood. It may hold contact data, so it doesn't print itself.
#[derive(Clone)]
pub struct Heard {
    pub step: Step,
    /// The API key; where the request has none, the header `Authorization` may.
    pub key: Option<Zeroizing<String>>,
    /// What the supplier's system calls the vertical.
    pub campaign: String,
    pub test: bool,
    /// Net, of this lead: below it the supplier doesn't sell.
    pub min_price: Option<Money>,
    pub max_disclosures: Option<u32>,
    pub fields: RawFields,
}

/// What a request says, or why it can't be understood; and how it is to be answered.
#[derive(Debug)]
pub struct Hearing {
    pub voice: Voice,
    pub heard: Result<Heard, Refusal>,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heard({:?}, {} fields)", self.step, self.fields.len())
    }
}

/// The fields of a request, and what is missing of those that the dialect itself needs.
pub(super) struct Words {
    fields: RawFields,
    wrong: Vec<String>,
}

impl Words {
    pub fn of(fields: RawFields) -> Self {
        Self { fields, wrong: Vec::new() }
    }

    /// Nothing, where nothing could be read: how to answer may be asked all the same.
    pub fn of_read(read: Result<RawFields, Refusal>) -> (Self, Result<(), Refusal>) {
        match read {
            Ok(fields) => (Self::of(fields), Ok(())),
            Err(refusal) => (Self::of(RawFields::new()), Err(refusal)),
        }
    }

    /// Takes a word out, whether it came as a text, a number or a yes. Said twice, it must say the same: a guess could sell a test, or
    /// sell to more than was asked.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let mut said = self.take_all(name);
        said.dedup();
        if said.len() > 1 {
            self.wrong(format!("{name} is there twice"));
        }
        said.into_iter().next()
    }

    /// All that a word says, however often it came.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        let mut said = Vec::new();
        let mut is_nested = false;
        self.fields.retain(|(known, value)| {
            if known == name {
                match value {
                    RawValue::Text(text) => said.push(text.trim().to_owned()),
                    RawValue::Number(digits) => said.push(digits.clone()),
                    RawValue::Boolean(yes) => said.push(String::from(if *yes { "1" } else { "0" })),
                    RawValue::Null => {}
                    RawValue::Nested => is_nested = true,
                }
            }
            known != name
        });
        if is_nested {
            self.wrong(format!("{name} must be one value, not a list"));
        }
        said.retain(|word| !word.is_empty());
        said
    }

    /// A word that can't be done without.
    pub fn need(&mut self, name: &str) -> String {
        self.take(name).unwrap_or_else(|| {
            self.wrong(format!("{name} is missing"));
            String::new()
        })
    }

    pub fn secret(&mut self, name: &str) -> Zeroizing<String> {
        Zeroizing::new(self.need(name))
    }

    /// Yes or no, as people write them; nothing is no.
    pub fn is_yes(&mut self, name: &str) -> bool {
        let Some(word) = self.take(name) else { return false };
        let is_one_of = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
        let is_yes = is_one_of(&["1", "true", "yes", "y", "on"]);
        if !is_yes && !is_one_of(&["0", "false", "no", "n", "off"]) {
            self.wrong(format!("{name} must be 1 or 0"));
        }
        is_yes
    }

    /// A count from 1.
    pub fn count(&mut self, name: &str) -> Option<u32> {
        let word = self.take(name)?;
        let count = word.parse().ok().filter(|count| *count > 0);
        if count.is_none() {
            self.wrong(format!("{name} must be a whole number from 1"));
        }
        count
    }

    pub fn money(&mut self, name: &str, word: &str) -> Option<Money> {
        let money = Money::parse(word, 6).ok();
        if money.is_none() {
            self.wrong(format!("{name} must be an amount like 12.50"));
        }
        money
    }

    pub fn wrong(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// Whether a word is there, whatever it says.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Renames what is called otherwise in this dialect alone.
    pub fn rename(&mut self, rename: impl Fn(&str) -> Option<String>) {
        for (name, _) in &mut self.fields {
            if let Some(other) = rename(name) {
                *name = other;
            }
        }
    }

    /// What is left are the lead's fields; all that is wrong comes at once.
    pub fn rest(self) -> Result<RawFields, Refusal> {
        if self.wrong.is_empty() { Ok(self.fields) } else { Err(Refusal { status: 422, messages: self.wrong }) }
    }
}

/// The fields of a request's query and body. The body is read as `media`, or as it says it is, or as it looks.
pub(super) fn fields(request: &Request<'_>, media: Option<MediaType>) -> Result<RawFields, Refusal> {
    let mut fields = request.query.map_or_else(|| Ok(RawFields::new()), body::read_query).map_err(Refusal::of_body)?;
    if !request.is_get && !request.body.trim_ascii().is_empty() {
        let media = media.or_else(|| MediaType::of(request.content_type)).or_else(|| looks_like(request));
        let media = media.ok_or_else(|| Refusal::of_body(BodyError::UnsupportedType))?;
        fields.extend(body::read_flat(media, request.body).map_err(Refusal::of_body)?);
    }
    Ok(fields)
}

/// Clients of these exchanges often say nothing, or something wrong, of what they send.
fn looks_like(request: &Request<'_>) -> Option<MediaType> {
    if request.content_type.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/")) {
        return None;
    }
    match request.body.trim_ascii_start().first()? {
        b'{' => Some(MediaType::Json),
        b'<' => Some(MediaType::Xml),
        _ => Some(MediaType::Form),
    }
}
