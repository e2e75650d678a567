//! What was chosen, as the endpoint of a market file.

use std::fmt::Write;

use super::{
    guess::{has_cents, has_decimal_comma},
    words::Meaning,
};

/// The words at a place, each with its meaning.
pub type Words = Vec<(String, Meaning)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFormat {
    Json,
    Xml,
    Form,
    Query,
}

impl RequestFormat {
    pub const WORDS: [(&'static str, Self); 4] = [("json", Self::Json), ("xml", Self::Xml), ("form", Self::Form), ("query", Self::Query)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, format)| *format == self).map_or("json", |(word, _)| word)
    }
}

/// Of an interface that no preset knows.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub format: RequestFormat,
    /// Answers to pings and to posts are pairs as in a form, which is told by nothing but being said.
    pub answers_by_form: (bool, bool),
    /// The place of a ping's yes or no, and what stands there.
    pub status: (String, Words),
    /// The same of a post's answer.
    pub post_status: (String, Words),
    /// The place, and a text that stands there.
    pub price: Option<(String, String)>,
    pub reference: Option<String>,
    pub reason: Vec<String>,
    pub post_reason: Vec<String>,
}

/// `[endpoint.ping]` and `[endpoint.post]`.
#[must_use]
pub fn endpoint(chosen: &Chosen) -> String {
    let mut out = String::new();
    let mut line = |text: std::fmt::Arguments<'_>| {
        // A string takes whatever is written.
        let _ = writeln!(out, "{text}");
    };
    let lead = if chosen.format == RequestFormat::Xml { "Lead" } else { "" };
    let form = |is_form: bool| if is_form { "\nformat = \"form\"" } else { "" };
    let (of_ping, of_post) = chosen.answers_by_form;
    line(format_args!("[endpoint.ping]\nformat = \"{}\"\nlead = \"{lead}\"\n[endpoint.ping.answer]{}", chosen.format.word(), form(of_ping)));
    for text in tests(&chosen.status) {
        line(format_args!("{text}"));
    }
    if let Some((place, text)) = &chosen.price {
        line(format_args!("price = {}", price(place, text)));
    }
    if let Some(reference) = &chosen.reference {
        line(format_args!("reference = {}", quoted(reference)));
    }
    if let Some(text) = reason(&chosen.reason) {
        line(format_args!("{text}"));
    }
    line(format_args!("[endpoint.post]\nformat = \"{}\"\nlead = \"{lead}\"", chosen.format.word()));
    if let Some(reference) = &chosen.reference {
        let name = reference_name(reference);
        let name = if lead.is_empty() { name } else { format!("{lead}.{name}") };
        line(format_args!("set = {{ {} = \"{{{{post.reference}}}}\" }}", quoted(&name)));
    }
    line(format_args!("[endpoint.post.answer]{}", form(of_post)));
    for text in tests(&chosen.post_status) {
        line(format_args!("{text}"));
    }
    if let Some(text) = reason(&chosen.post_reason) {
        line(format_args!("{text}"));
    }
    out
}

fn tests((place, words): &(String, Words)) -> Vec<String> {
    let of = |meaning: Meaning| words.iter().filter(|(_, known)| *known == meaning).map(|(word, _)| quoted(word)).collect::<Vec<_>>();
    let line = |meaning: Meaning, words: Vec<String>| match words.as_slice() {
        [] => None,
        [word] => Some(format!("{meaning} = {{ at = {}, is = {word} }}", quoted(place))),
        words => Some(format!("{meaning} = {{ at = {}, is = [{}] }}", quoted(place), words.join(", "))),
    };
    let mut lines: Vec<String> = Meaning::ALL.into_iter().filter_map(|meaning| line(meaning, of(meaning))).collect();
    if of(Meaning::Rejected).is_empty() {
        lines.push(format!("# rejected = {{ at = {}, is = [\"…\"] }}   # as soon as you know its words of refusal", quoted(place)));
    }
    lines
}

fn price(place: &str, text: &str) -> String {
    let mut more = Vec::new();
    if has_cents(place, text) {
        more.push("unit = \"cents\"");
    }
    if has_decimal_comma(text) {
        more.push("decimal = \",\"");
    }
    if more.is_empty() { quoted(place) } else { format!("{{ at = {}, {} }}", quoted(place), more.join(", ")) }
}

fn reason(places: &[String]) -> Option<String> {
    match places {
        [] => None,
        [place] => Some(format!("reason = {}", quoted(place))),
        places => Some(format!("reason = [{}]", places.iter().map(|place| quoted(place)).collect::<Vec<_>>().join(", "))),
    }
}

/// What the buyer itself calls it.
fn reference_name(place: &str) -> String {
    let last = match place.strip_prefix("regex:") {
        Some(expression) => expression.split("\\b").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("reference"),
        None => place.strip_prefix("header:").unwrap_or(place).rsplit(['.', '@', '/']).next().unwrap_or("reference"),
    };
    let name: String = last.chars().filter(|character| character.is_ascii_alphanumeric() || "_-".contains(*character)).collect();
    if name.is_empty() { "reference".to_owned() } else { name }
}

/// Literal where it has backslashes, as expressions do.
fn quoted(text: &str) -> String {
    if text.contains(['\\', '"']) && !text.contains(['\'', '\n']) { format!("'{text}'") } else { toml::Value::from(text).to_string() }
}
