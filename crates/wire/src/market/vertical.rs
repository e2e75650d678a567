//! `verticals/NAME.toml`: a kind of lead with its fields.

use std::collections::BTreeSet;

use exchange::{
    id::VerticalName,
    schema::{FieldIndex, FieldType, SchemaError, Vertical},
};

use super::{
    field::{FieldDraft, field},
    keys::{At, Key, Keys},
};

/// A vertical as far as it can be told. Fields that are wrong are left out of it.
#[derive(Debug, Default)]
pub(super) struct VerticalDraft {
    /// None where its file isn't TOML.
    pub vertical: Option<Vertical>,
    /// The names, in lower case, that would be those of fields left out: filters that use them aren't blamed.
    pub unsure: BTreeSet<String>,
}

impl VerticalDraft {
    /// The vertical if nothing of it is wrong.
    pub fn whole(self) -> Option<Vertical> {
        self.vertical.filter(|_| self.unsure.is_empty())
    }
}

pub(super) fn vertical(keys: &mut Keys<'_>, name: Option<VerticalName>) -> VerticalDraft {
    let label = keys.text(Key::optional("label", "What people call this kind of lead. Default: its name."), 128);
    let fields = keys.named_tables(Key::required("fields", "The fields of a lead, each a table.", "tables like [fields.state]"), field);
    let one_to_one = Key::optional("one_to_one", "The field that names the companies which the consumer agreed to hear from: nobody else buys the lead.");
    let one_to_one = keys.text(one_to_one, 64);
    let drafts: Vec<FieldDraft> = fields.into_iter().map(|at| at.value).collect();
    let Some(name) = name else { return VerticalDraft::default() };
    let label = label.map_or_else(|| name.to_string(), |at| at.value.to_owned());
    let (unsure, mut sure): (Vec<&FieldDraft>, Vec<&FieldDraft>) = drafts.iter().partition(|draft| draft.unsure);
    let mut unsure = names_of(&unsure);
    let of = |drafts: &[&FieldDraft]| Vertical::new(name.clone(), label.clone(), drafts.iter().map(|draft| draft.field.clone()).collect());
    let vertical = of(&sure).or_else(|errors| {
        errors.iter().for_each(|error| tell(keys, error, &drafts));
        let (wrong, right): (Vec<&FieldDraft>, Vec<&FieldDraft>) = sure.iter().copied().partition(|draft| errors.iter().any(|error| blames(error, draft)));
        unsure.extend(names_of(&wrong));
        sure = right;
        of(&sure)
    });
    let mut vertical = vertical.ok();
    if let (Some(vertical), Some(at)) = (&mut vertical, one_to_one) {
        vertical.one_to_one = named_companies(keys, vertical, at, &unsure);
    }
    VerticalDraft { vertical, unsure }
}

/// The field of `one_to_one`, which must be able to name companies.
fn named_companies(keys: &mut Keys<'_>, vertical: &Vertical, at: At<&str>, unsure: &BTreeSet<String>) -> Option<FieldIndex> {
    let found = vertical.find(at.value).filter(|index| vertical.field(*index).kind == FieldType::Companies);
    if found.is_none() && !unsure.contains(&at.value.to_ascii_lowercase()) {
        let known: Vec<&str> = vertical.fields().iter().filter(|field| field.kind == FieldType::Companies).map(|field| field.name.as_str()).collect();
        let mend = known.first().map_or_else(|| "add a field of the type \"companies\"".to_owned(), |name| format!("write \"{name}\""));
        keys.problem(at.line, format!("`one_to_one` is \"{}\", which is no field of the type \"companies\"", at.value), mend);
    }
    found
}

fn names_of(drafts: &[&FieldDraft]) -> BTreeSet<String> {
    let names = drafts.iter().flat_map(|draft| std::iter::once(&draft.field.name).chain(&draft.field.aliases));
    names.map(|name| name.to_ascii_lowercase()).collect()
}

/// The name of the field or fields that an error is about.
fn named(error: &SchemaError) -> Option<&str> {
    match error {
        SchemaError::PersonalShown(name, _)
        | SchemaError::DateShown(name)
        | SchemaError::NoSuchForm(name, ..)
        | SchemaError::EvidenceShown(name)
        | SchemaError::RequiredUnseen(name)
        | SchemaError::Reserved(name)
        | SchemaError::TwoFields(name) => Some(name),
        SchemaError::TooManyFields => None,
    }
}

fn blames(error: &SchemaError, draft: &FieldDraft) -> bool {
    let Some(name) = named(error) else { return false };
    let own = std::iter::once(&draft.field.name);
    match error {
        SchemaError::TwoFields(_) | SchemaError::Reserved(_) => own.chain(&draft.field.aliases).any(|known| known.eq_ignore_ascii_case(name)),
        _ => draft.field.name == name,
    }
}

/// A vertical's error at the line of the field that it names; of two fields, at the one that came too late.
fn tell(keys: &mut Keys<'_>, error: &SchemaError, drafts: &[FieldDraft]) {
    let line = drafts.iter().filter(|draft| blames(error, draft)).max_by_key(|draft| draft.line).map(|draft| match error {
        SchemaError::RequiredUnseen(_) => draft.required_line.unwrap_or(draft.line),
        SchemaError::TwoFields(_) | SchemaError::TooManyFields => draft.line,
        _ => draft.ping_line.unwrap_or(draft.line),
    });
    let text = error.to_string();
    let (what, mend) = text.split_once(": ").unwrap_or((&text, "leave some of them out"));
    keys.problem(line.unwrap_or(keys.line()), what, mend);
}
