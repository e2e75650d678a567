//! A contract's filter: a predicate over what a ping shows, with three truth values.
//!
//! A comparison with a missing attribute is unknown, and so is its negation; unknown at the end is no.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    attribute::{Attribute, PingPart},
    schema::{FieldIndex, PingShows, Vertical},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Comparison {
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

/// A set of values, with the list's name where it came from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSet {
    pub list: Option<String>,
    pub values: Arc<BTreeSet<Attribute>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Predicate {
    Compare(FieldIndex, Comparison, Attribute),
    In(FieldIndex, ValueSet),
    StartsWith(FieldIndex, String),
    Has(FieldIndex),
    Always(bool),
    Not(Box<Predicate>),
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
}

/// Kleene's three values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    Yes,
    No,
    /// Something that decides is missing.
    Unknown,
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl Predicate {
    #[must_use]
    pub fn truth(&self, ping: &PingPart) -> Truth {
        match self {
            Self::Compare(field, comparison, value) => match ping.attribute(*field) {
                Some(shown) => comparison.holds(shown.cmp(value)).into(),
                None => Truth::Unknown,
            },
            Self::In(field, set) => match ping.attribute(*field) {
                Some(shown) => set.values.contains(shown).into(),
                None => Truth::Unknown,
            },
            Self::StartsWith(field, prefix) => match ping.attribute(*field) {
                Some(Attribute::Text(text)) => text.starts_with(prefix.as_str()).into(),
                Some(_) => Truth::No,
                None => Truth::Unknown,
            },
            Self::Has(field) => ping.attribute(*field).is_some().into(),
            Self::Always(yes) => (*yes).into(),
            Self::Not(inner) => match inner.truth(ping) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Unknown => Truth::Unknown,
            },
            Self::All(parts) => join(parts, ping, Truth::No, Truth::Yes),
            Self::Any(parts) => join(parts, ping, Truth::Yes, Truth::No),
        }
    }

    /// The predicate in the words of the market's files.
    #[must_use]
    pub fn describe(&self, vertical: &Vertical) -> String {
        let name = |field: &FieldIndex| vertical.field(*field).name.as_str();
        match self {
            Self::Compare(field, comparison, value) => format!("{} {} {}", name(field), comparison.symbol(), compared(*comparison, value, vertical, *field)),
            Self::In(field, ValueSet { list: Some(list), .. }) => format!("{} in list(\"{list}\")", name(field)),
            Self::In(field, set) => {
                let values: Vec<String> = set.values.iter().map(|value| literal(value, vertical, *field)).collect();
                format!("{} in [{}]", name(field), values.join(", "))
            }
            Self::StartsWith(field, prefix) => format!("{}.startsWith(\"{prefix}\")", name(field)),
            Self::Has(field) => format!("has({})", name(field)),
            Self::Always(yes) => yes.to_string(),
            Self::Not(inner) => format!("!({})", inner.describe(vertical)),
            Self::All(parts) => describe_all(parts, " && ", vertical),
            Self::Any(parts) => format!("({})", describe_all(parts, " || ", vertical)),
        }
    }

    fn for_each_set(&mut self, change: &mut impl FnMut(&mut ValueSet)) {
        match self {
            Self::In(_, set) => change(set),
            Self::Not(inner) => inner.for_each_set(change),
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().for_each(|part| part.for_each_set(change)),
            Self::Compare(..) | Self::StartsWith(..) | Self::Has(_) | Self::Always(_) => {}
        }
    }

    /// The fields that this predicate needs and the ping lacks.
    fn missing(&self, ping: &PingPart, missing: &mut BTreeSet<FieldIndex>) {
        match self {
            Self::Compare(field, ..) | Self::In(field, _) | Self::StartsWith(field, _) => {
                if ping.attribute(*field).is_none() {
                    missing.insert(*field);
                }
            }
            Self::Has(_) | Self::Always(_) => {}
            Self::Not(inner) => inner.missing(ping, missing),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.missing(ping, missing)),
        }
    }
}

/// `decided` as soon as one part says so, unknown if one is unknown, `otherwise` if none is.
fn join(parts: &[Predicate], ping: &PingPart, decided: Truth, otherwise: Truth) -> Truth {
    let mut result = otherwise;
    for part in parts {
        match part.truth(ping) {
            truth if truth == decided => return decided,
            Truth::Unknown => result = Truth::Unknown,
            _ => {}
        }
    }
    result
}

fn describe_all(parts: &[Predicate], between: &str, vertical: &Vertical) -> String {
    parts.iter().map(|part| part.describe(vertical)).collect::<Vec<_>>().join(between)
}

/// A band that is compared by size is written as the edge it starts at, as filters write it.
fn compared(comparison: Comparison, value: &Attribute, vertical: &Vertical, field: FieldIndex) -> String {
    let by_size = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    match (value, &vertical.field(field).shows) {
        (Attribute::Band(band), PingShows::Bands(bands) | PingShows::AgeBands(bands)) if by_size => {
            bands.edges().get(usize::from(*band)).map_or_else(|| literal(value, vertical, field), ToString::to_string)
        }
        _ => literal(value, vertical, field),
    }
}

fn literal(value: &Attribute, vertical: &Vertical, field: FieldIndex) -> String {
    let text = value.text(vertical.field(field));
    match value {
        Attribute::Text(_) | Attribute::Band(_) => format!("\"{text}\""),
        Attribute::Integer(_) | Attribute::Decimal(_) | Attribute::Money(_) | Attribute::Boolean(_) => text,
    }
}

/// A filter as its contract states it: clauses that must all hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    clauses: Vec<Predicate>,
}

/// Where a filter stops a ping. It is found in a fraction of the time that it takes to [tell](Filter::told).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the first clause that doesn't hold, by its place.
    Clause(usize),
    /// No clause says no, but something is missing that would decide.
    Missing,
}

/// Why a ping doesn't pass a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoMatch {
    /// The first clause that doesn't hold.
    Clause(String),
    /// The fields that would decide, by name.
    Missing(Vec<String>),
}

impl Filter {
    #[must_use]
    pub fn new(predicate: Predicate) -> Self {
        let clauses = match predicate {
            Predicate::All(parts) => parts,
            other => vec![other],
        };
        Self { clauses }
    }

    /// Every set that values are looked for in.
    pub fn for_each_set(&mut self, change: &mut impl FnMut(&mut ValueSet)) {
        self.clauses.iter_mut().for_each(|clause| clause.for_each_set(change));
    }

    pub fn clauses(&self) -> impl Iterator<Item = &Predicate> {
        self.clauses.iter()
    }

    #[must_use]
    pub fn matches(&self, ping: &PingPart) -> bool {
        self.clauses.iter().all(|clause| clause.truth(ping) == Truth::Yes)
    }

    /// None if the ping passes.
    #[must_use]
    pub fn stop(&self, ping: &PingPart) -> Option<Stop> {
        let mut stop = None;
        for (place, clause) in self.clauses.iter().enumerate() {
            match clause.truth(ping) {
                Truth::Yes => {}
                Truth::No => return Some(Stop::Clause(place)),
                Truth::Unknown => stop = Some(Stop::Missing),
            }
        }
        stop
    }

    /// The reason why not, or none if the ping passes.
    #[must_use]
    pub fn why_not(&self, ping: &PingPart, vertical: &Vertical) -> Option<NoMatch> {
        self.stop(ping).map(|stop| self.told(stop, ping, vertical))
    }

    /// Where it stopped this ping, in words.
    #[must_use]
    pub fn told(&self, stop: Stop, ping: &PingPart, vertical: &Vertical) -> NoMatch {
        if let Stop::Clause(place) = stop
            && let Some(clause) = self.clauses.get(place)
        {
            return NoMatch::Clause(clause.describe(vertical));
        }
        let mut missing = BTreeSet::new();
        for clause in self.clauses.iter().filter(|clause| clause.truth(ping) == Truth::Unknown) {
            clause.missing(ping, &mut missing);
        }
        NoMatch::Missing(missing.iter().map(|index| vertical.field(*index).name.clone()).collect())
    }
}
