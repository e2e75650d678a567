//! What pings of one lead show alike, whoever is asked: the texts of its fields, written once.

use exchange::{
    mapping::{Format, Kind},
    schema::FieldIndex,
};

use super::{
    format,
    known::{Anonymous, Known},
};
use crate::native::PingContext;

/// In bytes, for each field: most have less.
const USUAL: usize = 12;

/// Each field's text where nothing is made of it, by the field's place.
#[derive(Debug)]
pub struct PlainTexts {
    text: String,
    /// Where a field's text ends; it begins where the one before ends. None where there is no value.
    ends: Vec<(usize, Option<Kind>)>,
}

impl PlainTexts {
    #[must_use]
    pub fn of(context: &PingContext<'_>, contract: exchange::id::ContractIndex) -> Self {
        let known = Anonymous { context, plain: None, contract, ping: None, buyer_ping: None, post: None, terms: None };
        let fields = context.vertical.fields().len();
        let mut texts = Self { text: String::with_capacity(USUAL * fields), ends: Vec::with_capacity(fields) };
        for index in (0..fields).filter_map(|place| u16::try_from(place).ok()) {
            let kind = known.field(FieldIndex(index)).and_then(|shown| format::write(&shown, &Format::Plain, known.decimals(), &mut texts.text));
            texts.ends.push((texts.text.len(), kind));
        }
        texts
    }

    pub(super) fn of_field(&self, index: FieldIndex) -> Option<(&str, Kind)> {
        let place = usize::from(index.0);
        let (end, kind) = self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before].0);
        Some((&self.text[start..*end], (*kind)?))
    }
}
