//! From what was read to what is kept: exact values sealed at once, people known by keyed hashes alone.

use std::collections::BTreeMap;

use exchange::{
    id::Subject,
    schema::{FieldIndex, FieldType, Vertical},
    seal::{ContactPart, MasterKey, PersonKind, PersonMac},
    value::Value,
};

use crate::{entropy, problem::Problem};

pub fn seal(master: &MasterKey, subject: Subject, vertical: &Vertical, values: &BTreeMap<FieldIndex, Value>) -> Result<ContactPart, Problem> {
    let named = values.iter().map(|(index, value)| (vertical.field(*index).name.as_str(), value));
    master.seal(subject, named, &mut entropy::fill).map_err(|_| Problem::unavailable("the lead can't be sealed"))
}

/// What the person of a lead is recognised by: every phone number and e-mail of it.
pub fn people(master: &MasterKey, vertical: &Vertical, values: &BTreeMap<FieldIndex, Value>) -> Vec<PersonMac> {
    let kind = |index: FieldIndex| match vertical.field(index).kind {
        FieldType::Phone => Some(PersonKind::Phone),
        FieldType::Email => Some(PersonKind::Email),
        _ => None,
    };
    let mut people: Vec<PersonMac> = values.iter().filter_map(|(index, value)| kind(*index).map(|kind| master.person(kind, &value.text()))).collect();
    people.sort_unstable();
    people.dedup();
    people
}
