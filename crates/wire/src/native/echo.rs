//! Buyers' own words about a post are kept, and may repeat the contact that they were sent. Those that do are not kept.

use std::fmt;

use exchange::{
    call::{CallFailure, Excerpt, PostReply},
    schema::{FieldType, Vertical},
    seal::Contact,
    value::Value,
};
use zeroize::Zeroizing;

/// What a post's contact would look like in a buyer's words.
pub struct Echoes {
    /// In lower case.
    texts: Vec<Zeroizing<String>>,
    /// Words of names and other short words, in lower case.
    words: Vec<Zeroizing<String>>,
    /// Of phone and social security numbers, without their punctuation.
    digits: Vec<Zeroizing<String>>,
}

impl fmt::Debug for Echoes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Echoes(…)")
    }
}

/// In characters. What is shorter and no name is found in too many texts to say anything.
const SHORTEST: usize = 5;
/// A text is read as escaped so often at most.
const MOST_ESCAPED: usize = 5;
/// In characters. A shorter single word is looked for as a whole word: a ZIP's digits may stand in any reference.
const LONG: usize = 8;

impl Echoes {
    /// Words of a fixed set (states, enums, booleans) point at nobody and are not looked for.
    #[must_use]
    pub fn of(vertical: &Vertical, contact: &Contact) -> Self {
        let mut echoes = Self { texts: Vec::new(), words: Vec::new(), digits: Vec::new() };
        for field in vertical.fields() {
            let fixed = matches!(field.kind, FieldType::Enum { .. } | FieldType::Boolean | FieldType::State);
            if let Some(value) = contact.value(&field.name).filter(|_| !fixed) {
                echoes.add(&field.kind, value);
            }
        }
        echoes
    }

    fn add(&mut self, kind: &FieldType, value: &Value) {
        let text = value.text().to_lowercase();
        let text = Zeroizing::new(text.strip_suffix(".00").unwrap_or(&text).to_owned());
        match kind {
            FieldType::Phone | FieldType::Ssn => {
                let digits = Zeroizing::new(digits_of(&text));
                // A phone's country code may be left out.
                self.digits.push(Zeroizing::new(digits[digits.len().saturating_sub(10)..].to_owned()));
            }
            FieldType::Name => self.words.extend(words_of(&text).filter(|word| word.chars().count() > 1).map(|word| Zeroizing::new(word.to_owned()))),
            _ => {}
        }
        match text.chars().count() {
            length if length < SHORTEST => {}
            length if length < LONG && text.chars().all(char::is_alphanumeric) => self.words.push(text),
            _ => self.texts.push(text),
        }
    }

    /// In the text as it stands, and in what it says once it is read as a part of an address, be it escaped twice.
    fn in_text(&self, text: &str) -> bool {
        let mut text = text.to_owned();
        for _ in 0..MOST_ESCAPED {
            let plain = unescaped(&text);
            if self.in_plain(&text.to_lowercase()) {
                return true;
            }
            if plain == text {
                return false;
            }
            text = plain;
        }
        // Nobody escapes so often who has nothing to hide.
        true
    }

    fn in_plain(&self, plain: &str) -> bool {
        let digits = digits_of(plain);
        self.texts.iter().any(|echo| plain.contains(echo.as_str()))
            || self.digits.iter().any(|echo| !echo.is_empty() && digits.contains(echo.as_str()))
            || words_of(plain).any(|word| self.words.iter().any(|echo| echo.as_str() == word))
    }

    /// The reply without the words that repeat the contact.
    #[must_use]
    pub fn kept_out_of(&self, reply: PostReply) -> PostReply {
        let clean = |text: Option<String>| text.filter(|text| !self.in_text(text));
        match reply {
            PostReply::Accepted { redirect_url, lead_reference } => {
                PostReply::Accepted { redirect_url: clean(redirect_url), lead_reference: clean(lead_reference) }
            }
            PostReply::Unknown(CallFailure::Unread { what, answer }) => {
                PostReply::Unknown(CallFailure::Unread { what, answer: Excerpt::of(&self.masked(answer.as_str())) })
            }
            PostReply::Rejected { reason: Some(reason) } if self.in_text(&reason) => {
                PostReply::Rejected { reason: Some("(withheld: it repeats contact data)".to_owned()) }
            }
            other => other,
        }
    }
}

/// In words: the longest part of a text that is looked at for one thing, such as a street or a phone number with spaces.
const WIDEST: usize = 8;
const MASK: &str = "•••";

impl Echoes {
    /// The text with whatever repeats the contact masked; none of it, where that can't be told apart.
    fn masked(&self, text: &str) -> String {
        if !self.in_text(text) {
            return text.to_owned();
        }
        let words = places_of_words(text);
        let mut is_masked = vec![false; words.len()];
        // The narrowest first, so that no more is masked than repeats it.
        for width in 1..=WIDEST.min(words.len()) {
            for first in 0..=words.len() - width {
                let (start, end) = (words[first].0, words[first + width - 1].1);
                if !is_masked[first..first + width].contains(&true) && self.in_text(&text[start..end]) {
                    is_masked[first..first + width].fill(true);
                }
            }
        }
        let mut masked = String::with_capacity(text.len());
        let mut kept = 0;
        for ((start, end), _) in words.into_iter().zip(is_masked).filter(|(_, is_masked)| *is_masked) {
            masked.push_str(&text[kept..start]);
            masked.push_str(MASK);
            kept = end;
        }
        masked.push_str(&text[kept..]);
        if self.in_text(&masked) { "(withheld: it repeats contact data)".to_owned() } else { masked }
    }
}

/// Where words begin and end that nothing of a format's own parts.
fn places_of_words(text: &str) -> Vec<(usize, usize)> {
    let parts = |character: char| character.is_whitespace() || "\"'<>{}[],;=|&?".contains(character);
    let mut places = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (parts(character), start) {
            (true, Some(from)) => {
                places.push((from, at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    places
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// With `+` and `%40` read as in a query.
fn unescaped(text: &str) -> String {
    form_urlencoded::parse(text.replace('&', "%26").replace('=', "%3D").as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
