//! A buyer's answer, read as its mapping says: what was looked for, and what it means together.

mod form;
mod found;
mod inside;
mod json;
mod price;
mod test;
mod walk;
mod xml;

#[cfg(test)]
mod tests;

use exchange::{
    call::{CallFailure, Excerpt},
    mapping::{Answer, AnswerFormat, CodeMeans, Place, Test},
};

use self::found::{Finder, Found};
pub(super) use inside::Text;
pub(super) use price::amount;
pub(crate) use test::has_word;
pub(crate) use walk::Walker;

/// What came back over HTTP.
#[derive(Clone, Copy)]
pub struct Heard<'a> {
    pub status: u16,
    /// Names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

/// A buyer's words are in no log.
impl std::fmt::Debug for Heard<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Heard({}, {} bytes)", self.status, self.body.len())
    }
}

/// What an answer says, all in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Rejected,
    Duplicate,
    Later,
    /// Nothing that the mapping knows.
    Nothing,
    /// It can't be read, or says what can't be true together.
    Unread(&'static str),
}

/// An answer with what was found in it.
pub(super) struct Reading<'a> {
    answer: &'a Answer,
    headers: &'a [(&'a str, &'a str)],
    pub body: &'a str,
    found: Vec<Found<'a>>,
    /// How many rows of bids there are.
    pub rows: u32,
    /// What is wrong with the body, if it can't be read.
    fault: Option<&'static str>,
}

pub(super) const NOTHING: &str = "fits nothing that is known";

pub(super) fn unread(what: &str, body: &str) -> CallFailure {
    CallFailure::Unread { what: what.to_owned(), answer: Excerpt::of(body) }
}

impl<'a> Reading<'a> {
    pub(super) fn of(answer: &'a Answer, heard: &Heard<'a>, text: &'a Text<'_>) -> Self {
        let body = text.read().unwrap_or_default();
        let mut reading = Self { answer, headers: heard.headers, body, found: Vec::new(), rows: 0, fault: text.read().err() };
        let mut finder = Finder::new(&answer.places, answer.bids.as_ref().map(|bids| &bids.rows));
        // An answer of which only headers and patterns are looked at needs no format.
        if finder.looks_for_anything() && !body.trim().is_empty() {
            match walk(answer.format, body, &mut finder).and_then(|()| finder.found()) {
                Ok((found, rows)) => (reading.found, reading.rows) = (found, rows),
                Err(fault) => reading.fault = Some(fault),
            }
        }
        reading
    }

    /// Everything that says something is heard, and it must agree. `code` is what the HTTP status says.
    pub(super) fn verdict(&self, code: CodeMeans) -> Verdict {
        if let (CodeMeans::Read, Some(fault)) = (code, self.fault) {
            return Verdict::Unread(fault);
        }
        let says = |means, tests: &[Test]| code == means || tests.iter().any(|test| self.holds(test, None));
        let is_accepted = says(CodeMeans::Accepted, &self.answer.accepted);
        let refusals = [
            (Verdict::Duplicate, says(CodeMeans::Duplicate, &self.answer.duplicate)),
            (Verdict::Later, says(CodeMeans::Later, &self.answer.later)),
            (Verdict::Rejected, says(CodeMeans::Rejected, &self.answer.rejected)),
        ];
        match (is_accepted, refusals.into_iter().find(|(_, holds)| *holds)) {
            (true, None) => Verdict::Accepted,
            (true, Some(_)) => Verdict::Unread("both accepted and refused"),
            (false, Some((refusal, _))) => refusal,
            (false, None) => Verdict::Nothing,
        }
    }

    /// The texts at a place; those of a row, where one is meant.
    pub(super) fn texts(&self, place: usize, row: Option<u32>) -> impl Iterator<Item = &str> {
        let elsewhere = match self.answer.places.get(place) {
            Some(Place::Header(name)) => self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, text)| text.trim()),
            Some(Place::Pattern(pattern)) => pattern.found_in(self.body.trim()),
            Some(Place::Body) => Some(self.body.trim()),
            Some(Place::Path(_) | Place::Part(..)) | None => None,
        };
        let is_in_row = matches!(self.answer.places.get(place), Some(Place::Path(path) | Place::Part(path, _)) if path.in_row);
        let part = if let Some(Place::Part(_, pattern)) = self.answer.places.get(place) { Some(pattern) } else { None };
        let found = self.found.iter().filter(move |found| found.place == place && (!is_in_row || row.is_none_or(|row| row == found.row)));
        let found = found.filter_map(move |found| part.map_or(Some(&*found.text), |pattern| pattern.found_in(&found.text)));
        elsewhere.into_iter().chain(found.map(str::trim)).filter(|text| !text.is_empty())
    }

    /// The one text at a place. Two that differ are none: two readers might choose otherwise.
    pub(super) fn only(&self, place: usize, row: Option<u32>) -> Result<Option<&str>, &'static str> {
        let mut texts = self.texts(place, row);
        let Some(first) = texts.next() else { return Ok(None) };
        if texts.all(|text| text == first) { Ok(Some(first)) } else { Err("several values") }
    }

    /// The first of these places that has a text.
    pub(super) fn first_of(&self, places: &[usize]) -> Option<&str> {
        places.iter().find_map(|place| self.texts(*place, None).next())
    }
}

/// Whether a text is a whole document of its format.
pub(crate) fn is_document(format: AnswerFormat, text: &str) -> bool {
    walk(Some(format), text, &mut Finder::new(&[], None)).is_ok()
}

/// What a body is, by its first character.
pub(crate) fn format_of(body: &str) -> AnswerFormat {
    match body.trim_start().as_bytes().first() {
        Some(b'{' | b'[' | b'"') => AnswerFormat::Json,
        Some(b'<') => AnswerFormat::Xml,
        _ => AnswerFormat::Text,
    }
}

pub(crate) fn walk<'a>(format: Option<AnswerFormat>, body: &'a str, finder: &mut impl Walker<'a>) -> Result<(), &'static str> {
    match format.unwrap_or_else(|| format_of(body)) {
        AnswerFormat::Json => json::walk(body, finder),
        AnswerFormat::Xml => xml::walk(body.trim_start(), finder),
        AnswerFormat::Form => {
            form::walk(body, finder);
            Ok(())
        }
        AnswerFormat::Text => Ok(()),
    }
}
