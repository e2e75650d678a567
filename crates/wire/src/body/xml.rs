//! XML: any root, whose child elements are the fields. Attributes say nothing; a child with children is nested.
//!
//! No document type, and no entities but the five of XML and characters by number: there is nothing to expand.

use exchange::raw::{RawFields, RawValue};
use quick_xml::{Reader, events::Event};

use super::{BodyError, Limits};
use crate::{json::fault_at, xml::character};

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<RawFields, BodyError> {
    read_into(Document::default(), bytes, limits)
}

/// A child with children gives them as fields, under their path.
pub(super) fn read_flat(bytes: &[u8], limits: Limits) -> Result<RawFields, BodyError> {
    read_into(Document { is_flat: true, ..Document::default() }, bytes, limits)
}

fn read_into(mut document: Document, bytes: &[u8], limits: Limits) -> Result<RawFields, BodyError> {
    let at = |place: usize, what: &'static str| {
        let fault = fault_at(bytes, place, what);
        BodyError::Unreadable { what, line: fault.line, column: fault.column }
    };
    let text = std::str::from_utf8(bytes).map_err(|error| at(error.valid_up_to(), "not UTF-8"))?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().expand_empty_elements = true;
    loop {
        let event = reader.read_event();
        // A place in the text, of at most 64 KiB.
        let place = usize::try_from(if event.is_ok() { reader.buffer_position() } else { reader.error_position() }).unwrap_or(usize::MAX);
        match event.map_err(|_| "not XML").and_then(|event| document.take(event, limits)) {
            Ok(Progress::More) => {}
            Ok(Progress::Done) => return Ok(document.fields),
            Err(what) => return Err(at(place, what)),
        }
    }
}

enum Progress {
    More,
    Done,
}

#[derive(Default)]
struct Document {
    fields: RawFields,
    /// Elements open now: 1 in the root, 2 in a field.
    depth: usize,
    root_seen: bool,
    /// Whether what is nested gives fields of its own.
    is_flat: bool,
    field: Option<OpenField>,
    /// The fields around the open one.
    outer: Vec<OpenField>,
}

struct OpenField {
    name: String,
    text: String,
    nested: bool,
}

impl Document {
    fn take(&mut self, event: Event<'_>, limits: Limits) -> Result<Progress, &'static str> {
        match event {
            Event::Start(start) => self.start(start.local_name().as_ref(), limits)?,
            Event::Empty(_) => return Err("not XML"),
            Event::End(_) => self.end()?,
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = character(&reference).ok_or("an entity that is not one of XML's own")?;
                self.text(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err("a document type"),
            Event::Decl(declaration) => match declaration.encoding() {
                Some(Ok(name)) if !["utf-8", "us-ascii"].iter().any(|known| name.eq_ignore_ascii_case(known)) => return Err("an encoding other than UTF-8"),
                Some(Err(_)) => return Err("not XML"),
                _ => {}
            },
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if self.root_seen && self.depth == 0 => return Ok(Progress::Done),
            Event::Eof => return Err("the end before the root's end"),
        }
        Ok(Progress::More)
    }

    fn start(&mut self, name: &str, limits: Limits) -> Result<(), &'static str> {
        self.depth += 1;
        if self.depth > limits.depth {
            return Err("nested too deeply");
        }
        match self.depth {
            1 if self.root_seen => return Err("a second root"),
            1 => self.root_seen = true,
            _ if (self.is_flat || self.depth == 2) && self.fields.len() + self.outer.len() >= limits.fields => return Err("too many fields"),
            2 => self.field = Some(OpenField { name: name.to_owned(), text: String::new(), nested: false }),
            _ if self.is_flat => {
                let inner = self.field.as_ref().map(|outer| format!("{}.{name}", outer.name)).unwrap_or_default();
                if inner.len() > super::MOST_PATH {
                    return Err("a name that is too long");
                }
                self.outer.extend(self.field.take().map(|outer| OpenField { nested: true, ..outer }));
                self.field = Some(OpenField { name: inner, text: String::new(), nested: false });
            }
            _ => {
                if let Some(field) = &mut self.field {
                    field.nested = true;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        self.depth = self.depth.checked_sub(1).ok_or("not XML")?;
        if (self.is_flat || self.depth == 1)
            && let Some(field) = self.field.take()
        {
            // White space around a text is the writer's indentation.
            match field.nested {
                true if self.is_flat => {}
                true => self.fields.push((field.name, RawValue::Nested)),
                false => self.fields.push((field.name, RawValue::of_text(field.text.trim()))),
            }
            self.field = self.outer.pop();
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        match &mut self.field {
            Some(field) if self.depth == 2 || (self.is_flat && !field.nested) => field.text.push_str(text),
            Some(_) => {}
            None if text.trim().is_empty() => {}
            None => return Err("text outside the fields"),
        }
        Ok(())
    }
}
