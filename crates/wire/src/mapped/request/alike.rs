//! What pings of one lead show alike, whoever is asked, written once: the texts of its fields, and stretches of requests.

use std::{cell::RefCell, fmt};

use exchange::{
    mapping::{Kind, StretchName},
    schema::FieldIndex,
};

/// In bytes, for each field: most have less.
const USUAL: usize = 12;

pub struct Alike {
    /// Each field's text where nothing is made of it, one after the other.
    text: String,
    /// By the field's place, where its text ends; it begins where the one before ends. None where there is no value.
    ends: Vec<(usize, Option<Kind>)>,
    /// As many as there are forms of requests: few.
    stretches: RefCell<Vec<(StretchName, Box<str>)>>,
}

/// What a ping shows is in no log.
impl fmt::Debug for Alike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alike({} fields, {} stretches)", self.ends.len(), self.stretches.borrow().len())
    }
}

impl Alike {
    /// `write` adds a field's text and says its kind; none where there is no value.
    pub(super) fn of_fields(fields: usize, write: impl Fn(FieldIndex, &mut String) -> Option<Kind>) -> Self {
        let mut alike = Self { text: String::with_capacity(USUAL * fields), ends: Vec::with_capacity(fields), stretches: RefCell::default() };
        for index in (0..fields).filter_map(|place| u16::try_from(place).ok()) {
            let kind = write(FieldIndex(index), &mut alike.text);
            alike.ends.push((alike.text.len(), kind));
        }
        alike
    }

    pub(super) fn of_field(&self, index: FieldIndex) -> Option<(&str, Kind)> {
        let place = usize::from(index.0);
        let (end, kind) = self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before].0);
        Some((&self.text[start..*end], (*kind)?))
    }
    /// How much a stretch added, where it was written before. An empty one was left out.
    pub(super) fn add_stretch(&self, name: StretchName, out: &mut String) -> Option<usize> {
        let stretches = self.stretches.borrow();
        let (_, text) = stretches.iter().find(|(known, _)| *known == name)?;
        out.push_str(text);
        Some(text.len())
    }

    pub(super) fn keep_stretch(&self, name: StretchName, text: &str) {
        self.stretches.borrow_mut().push((name, text.into()));
    }

    /// In bytes, of all stretches: about what one request takes of them.
    pub(super) fn stretched(&self) -> usize {
        self.stretches.borrow().iter().map(|(_, text)| text.len()).max().unwrap_or_default()
    }
}
