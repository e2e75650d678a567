//! What an answer's envelope holds: JSON in an element of SOAP, in a field of a form, in the call of a function, in base64.

use std::borrow::Cow;

use base64::Engine;
use exchange::{
    call::CallFailure,
    mapping::{Answer, AnswerFormat, Inside, Place},
};

use super::{Heard, found::Finder, walk};
use crate::{native::MAX_REPLY_BYTES, webhook::PADDED_OR_NOT};

const NOTHING_INSIDE: &str = "nothing where `inside` leads to";
const NOT_BASE64: &str = "not base64 of a text";

/// An answer's text, and what of it is read.
pub(in crate::mapped) struct Text<'a> {
    whole: Cow<'a, str>,
    inside: Option<Result<String, &'static str>>,
    is_coded: bool,
}

impl<'a> Text<'a> {
    /// What is no UTF-8 in a body is no word of a protocol.
    pub fn of(answer: &Answer, heard: &Heard<'a>) -> Result<Self, CallFailure> {
        if heard.body.len() > MAX_REPLY_BYTES {
            return Err(CallFailure::TooLarge);
        }
        let body = heard.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(heard.body);
        // The lossy way looks at each character, and hardly any answer needs it.
        let whole = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
        let inside = (!answer.inside.is_empty()).then(|| inside(answer, heard, &whole));
        Ok(Self { whole, inside, is_coded: answer.is_coded() })
    }

    /// The document that is read, or why there is none.
    pub fn read(&self) -> Result<&str, &'static str> {
        match &self.inside {
            None => Ok(&self.whole),
            Some(inside) => inside.as_deref().map_err(|fault| *fault),
        }
    }

    /// What may be kept of it for people to look at: text in which a contact is found if it is there.
    pub fn kept(&self) -> &str {
        if self.is_coded { self.read().unwrap_or_default() } else { &self.whole }
    }
}

fn inside(answer: &Answer, heard: &Heard<'_>, whole: &str) -> Result<String, &'static str> {
    let mut text = Cow::Borrowed(whole);
    for step in &answer.inside {
        text = Cow::Owned(match step {
            Inside::At(format, place) => at(*format, place, heard, &text)?,
            Inside::Base64 => decoded(&text)?,
        });
    }
    Ok(text.into_owned())
}

fn at(format: Option<AnswerFormat>, place: &Place, heard: &Heard<'_>, text: &str) -> Result<String, &'static str> {
    let found = match place {
        Place::Header(name) => heard.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, text)| (*text).to_owned()),
        Place::Pattern(pattern) => pattern.found_in(text).map(str::to_owned),
        Place::Body => Some(text.to_owned()),
        Place::Path(_) | Place::Part(..) => {
            let mut finder = Finder::new(std::slice::from_ref(place), None);
            walk(format, text, &mut finder)?;
            let (found, _) = finder.found()?;
            let texts = found.into_iter().map(|found| found.text);
            if let Place::Part(_, pattern) = place {
                texts.filter_map(|text| pattern.found_in(&text).map(str::to_owned)).next()
            } else {
                // The texts around an element's own elements, as those of an envelope, are none.
                texts.map(Cow::into_owned).find(|text| !text.trim().is_empty())
            }
        }
    };
    found.filter(|found| !found.trim().is_empty()).ok_or(NOTHING_INSIDE)
}

/// Broken into lines or not, with its padding or without.
fn decoded(text: &str) -> Result<String, &'static str> {
    let plain: String = text
        .chars()
        .filter(|character| !character.is_ascii_whitespace())
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            character => character,
        })
        .collect();
    let bytes = PADDED_OR_NOT.decode(plain.trim_matches('"')).map_err(|_| NOT_BASE64)?;
    String::from_utf8(bytes).map_err(|_| NOT_BASE64)
}
