//! Everything that stands in an answer, each text with its place as a market file has it.

use std::borrow::Cow;

use exchange::mapping::AnswerFormat;

use super::sample::Sample;
use crate::mapped::{Walker, format_of, walk};

/// Of one answer. More are not looked at.
const MOST: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub place: String,
    /// The last name of the place, in lower case.
    pub name: String,
    pub text: String,
}

pub(super) fn leaves(sample: &Sample) -> Vec<Leaf> {
    let text = sample.text();
    let mut noting = Noting::default();
    let format = match format_of(&text) {
        AnswerFormat::Text if is_form(&text) => AnswerFormat::Form,
        format => format,
    };
    let mut all = match (format, walk(Some(format), &text, &mut noting)) {
        (AnswerFormat::Text, _) | (_, Err(_)) => lines(&text),
        _ => noting.leaves,
    };
    let headers = sample.headers.iter().filter(|(name, _)| is_own(name));
    all.extend(headers.map(|(name, text)| Leaf { place: format!("header:{name}"), name: name.to_lowercase(), text: text.clone() }));
    all.truncate(MOST);
    all
}

/// A header that says something of the lead, not of the message.
fn is_own(name: &str) -> bool {
    let name = name.to_lowercase();
    (name.starts_with("x-") && !name.contains("request") && !name.contains("powered")) || name == "location" || name.contains("bid") || name.contains("price")
}

pub(super) fn is_form(text: &str) -> bool {
    let text = text.trim();
    let is_pair =
        |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    !text.contains(char::is_whitespace) && text.contains('&') && text.split('&').all(is_pair)
}

/// A line of fields, by the character that parts them; `name=value` and `name: value` by their names.
fn lines(text: &str) -> Vec<Leaf> {
    let text = text.trim();
    let separator = ['|', ';', '\t', ','].into_iter().find(|separator| text.lines().next().is_some_and(|line| line.contains(*separator)));
    let mut leaves = vec![Leaf { place: "body".into(), name: "body".into(), text: text.to_owned() }];
    let named = |field: &str| {
        let (name, value) = field.split_once(['=', ':'])?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_name && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
    };
    for (number, line) in text.lines().enumerate() {
        let separator = separator.filter(|_| number == 0);
        let parts: Vec<&str> = separator.map_or_else(|| vec![line], |separator| line.split(separator).collect());
        for (field, part) in parts.iter().enumerate() {
            let class = separator.map_or_else(|| "\\r\\n".to_owned(), regex_class);
            if let Some((name, text)) = named(part) {
                leaves.push(Leaf { place: format!("regex:(?m)\\b{name} *[=:] *([^{class}]+)"), name: name.to_lowercase(), text });
            } else if separator.is_some() {
                let place = format!("regex:^(?:[^{class}]*{}){{{field}}}([^{class}]*)", regex_literal(separator));
                let place = if field == 0 { format!("regex:^([^{class}]*)") } else { place };
                leaves.push(Leaf { place, name: format!("field {field}"), text: part.trim().to_owned() });
            } else if number == 0 {
                let word: String = line.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
                if !word.is_empty() && word != text {
                    leaves.push(Leaf { place: "regex:^(\\w+)".into(), name: "field 0".into(), text: word });
                }
            }
        }
    }
    leaves
}

fn regex_class(separator: char) -> String {
    if separator == '\t' { "\\t".into() } else { format!("{separator}\\r\\n") }
}

fn regex_literal(separator: Option<char>) -> String {
    match separator {
        Some('|') => "\\|".into(),
        Some('\t') => "\\t".into(),
        Some(separator) => separator.into(),
        None => String::new(),
    }
}

/// A walker that writes down every text with its path.
#[derive(Default)]
struct Noting {
    steps: Vec<String>,
    leaves: Vec<Leaf>,
}

impl Noting {
    fn note(&mut self, last: Option<&str>, text: &str) {
        if text.trim().is_empty() || self.leaves.len() == MOST {
            return;
        }
        let names = self.steps.iter().map(String::as_str).chain(last);
        let place = names.clone().map(written).collect::<Vec<_>>().join(".");
        let name = names.last().unwrap_or_default().trim_start_matches('@').to_lowercase();
        if !place.is_empty() && !self.leaves.iter().any(|leaf| leaf.place == place) {
            self.leaves.push(Leaf { place, name, text: text.trim().to_owned() });
        }
    }
}

fn written(name: &str) -> String {
    if name.contains(['.', '/', '[', ' ', '#', '*']) { format!("[\"{name}\"]") } else { name.to_owned() }
}

impl<'a> Walker<'a> for Noting {
    fn entry(&mut self) {}

    fn enter(&mut self, name: &str) {
        self.steps.push(name.to_owned());
    }

    fn text(&mut self, text: Cow<'a, str>) {
        self.note(None, &text);
    }

    fn leave(&mut self) {
        self.steps.pop();
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn wants_attributes(&self) -> bool {
        true
    }

    fn attribute(&mut self, name: &str, text: Cow<'a, str>) {
        if !name.starts_with("xmlns") && name != "xsi" {
            self.note(Some(&format!("@{name}")), &text);
        }
    }
}
