//! What a ping shows: a lead's anonymous attributes, coarsened as its vertical says.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    money::Money,
    schema::{Field, FieldIndex, PingShows},
};

/// One field as a ping shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Attribute {
    Text(String),
    Integer(i64),
    /// In millionths.
    Decimal(i64),
    Money(Money),
    Boolean(bool),
    /// The place of a band in its field's bands.
    Band(u16),
}

impl Attribute {
    /// The text that a ping carries, unquoted.
    #[must_use]
    pub fn text(&self, field: &Field) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Decimal(micros) => decimal_text(*micros),
            Self::Money(money) => money.to_string(),
            Self::Boolean(yes) => yes.to_string(),
            Self::Band(band) => match &field.shows {
                PingShows::Bands(bands) | PingShows::AgeBands(bands) => bands.label(*band),
                PingShows::Never | PingShows::Value | PingShows::Prefix(_) => band.to_string(),
            },
        }
    }
}

/// A decimal in millionths without trailing zeros: `2.5`, `3`.
#[must_use]
pub fn decimal_text(micros: i64) -> String {
    let text = Money::from_micros(micros).to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The anonymous half of a lead. Everything in it may go to every buyer. Clones are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingPart {
    /// In the order of the vertical's fields.
    attributes: Arc<[(FieldIndex, Attribute)]>,
}

impl PingPart {
    #[must_use]
    pub fn new(mut attributes: Vec<(FieldIndex, Attribute)>) -> Self {
        attributes.sort_by_key(|(index, _)| *index);
        attributes.dedup_by_key(|(index, _)| *index);
        Self { attributes: attributes.into() }
    }

    #[must_use]
    pub fn attribute(&self, index: FieldIndex) -> Option<&Attribute> {
        self.attributes.binary_search_by_key(&index, |(index, _)| *index).ok().map(|place| &self.attributes[place].1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FieldIndex, &Attribute)> {
        self.attributes.iter().map(|(index, attribute)| (*index, attribute))
    }

    #[must_use]
    pub fn into_map(self) -> BTreeMap<FieldIndex, Attribute> {
        self.attributes.iter().cloned().collect()
    }

    /// The fields that the two show differently, for a post that must agree with its ping.
    /// A field that only the post has is no difference: the ping left it open.
    #[must_use]
    pub fn changed_in(&self, post: &Self) -> Vec<FieldIndex> {
        self.iter().filter(|(index, shown)| post.attribute(*index).is_some_and(|posted| posted != *shown)).map(|(index, _)| index).collect()
    }

    /// This part, and what only `earlier` shows.
    #[must_use]
    pub fn completed_with(&self, earlier: &Self) -> Self {
        let missing = earlier.attributes.iter().filter(|(index, _)| self.attribute(*index).is_none());
        Self::new(self.attributes.iter().chain(missing).cloned().collect())
    }
}
