//! One value of a market file is changed, added or taken out; comments, order and spelling of everything else stay.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// A step from a table to what is in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Key(String),
    /// In a list of tables, from 0.
    Place(usize),
}

/// A value as market files have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Text(String),
    Whole(i64),
    Truth(bool),
    List(Vec<Given>),
    Table(Vec<(String, Given)>),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEdited {
    #[error("the file isn't TOML")]
    NotToml,
    #[error("the file has no `{0}` any more")]
    NoSuchPlace(String),
}

/// A file to look things up in: it is long where a buyer has many contracts, so it is read once for all of them, and nothing is kept
/// that only a change has need of.
#[derive(Debug)]
pub struct Document(Entry);

#[derive(Debug)]
enum Entry {
    Table(Vec<(String, Entry)>),
    List(Vec<Entry>),
    Value(Given),
    /// What market files don't have.
    Other,
}

impl Document {
    /// None where the text isn't TOML.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        DeTable::parse(text).ok().map(|table| Self(Entry::Table(entries(table.get_ref()))))
    }

    /// What stands at a path; none where nothing does, or something that market files don't have.
    #[must_use]
    pub fn value_at(&self, path: &[Step]) -> Option<Given> {
        self.at(path)?.given()
    }

    /// Whether anything stands at a path.
    #[must_use]
    pub fn has(&self, path: &[Step]) -> bool {
        self.at(path).is_some()
    }

    fn at(&self, path: &[Step]) -> Option<&Entry> {
        path.iter().try_fold(&self.0, |entry, step| match (entry, step) {
            (Entry::Table(pairs), Step::Key(key)) => pairs.iter().find(|(known, _)| known == key).map(|(_, entry)| entry),
            (Entry::List(entries), Step::Place(place)) => entries.get(*place),
            _ => None,
        })
    }
}

impl Entry {
    fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Value(Given::Text(text.to_string())),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).map_or(Self::Other, |number| Self::Value(Given::Whole(number))),
            DeValue::Boolean(truth) => Self::Value(Given::Truth(*truth)),
            DeValue::Array(list) => Self::List(list.iter().map(|entry| Self::of(entry.get_ref())).collect()),
            DeValue::Table(table) => Self::Table(entries(table)),
            DeValue::Float(_) | DeValue::Datetime(_) => Self::Other,
        }
    }

    fn given(&self) -> Option<Given> {
        match self {
            Self::Table(pairs) => pairs.iter().map(|(key, entry)| Some((key.clone(), entry.given()?))).collect::<Option<_>>().map(Given::Table),
            Self::List(entries) => entries.iter().map(Self::given).collect::<Option<_>>().map(Given::List),
            Self::Value(value) => Some(value.clone()),
            Self::Other => None,
        }
    }
}

/// In the order in which they are written.
fn entries(table: &DeTable<'_>) -> Vec<(String, Entry)> {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    pairs.into_iter().map(|(key, value)| (key.get_ref().to_string(), Entry::of(value.get_ref()))).collect()
}

/// As [`Document::value_at`], of a text that is looked at once.
#[must_use]
pub fn value_at(text: &str, path: &[Step]) -> Option<Given> {
    Document::of(text)?.value_at(path)
}

/// As [`Document::has`].
#[must_use]
pub fn exists(text: &str, path: &[Step]) -> bool {
    Document::of(text).is_some_and(|document| document.has(path))
}

/// Sets a value, or takes it out. A value that stands there already changes nothing.
pub fn set(text: &str, path: &[Step], value: Option<&Given>) -> Result<String, NotEdited> {
    if value_at(text, path).as_ref() == value {
        return Ok(text.to_owned());
    }
    let mut document: DocumentMut = text.parse().map_err(|_| NotEdited::NotToml)?;
    let Some((Step::Key(key), way)) = path.split_last() else { return Err(NotEdited::NoSuchPlace(written(path))) };
    let place = match item_at(document.as_item_mut(), way, value.is_some()) {
        Some(place) if place.is_table_like() => place,
        // Nothing to take out.
        None if value.is_none() => return Ok(text.to_owned()),
        _ => return Err(NotEdited::NoSuchPlace(written(way))),
    };
    match value {
        Some(value) => put(place, key, value),
        None => drop(place.as_table_like_mut().and_then(|table| table.remove(key))),
    }
    Ok(with_line_ends(text, document.to_string()))
}

/// A table that is new, of this name or at this place of a list of tables, with these values.
pub fn add(text: &str, path: &[Step], values: &[(String, Given)]) -> Result<String, NotEdited> {
    let mut document: DocumentMut = text.parse().map_err(|_| NotEdited::NotToml)?;
    let no_place = || NotEdited::NoSuchPlace(written(path));
    let (last, way) = path.split_last().ok_or_else(no_place)?;
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    values.iter().for_each(|(key, value)| drop(table.insert(key, Item::Value(fresh(value, None)))));
    match (last, way) {
        (Step::Key(key), [Step::Key(parent)]) => {
            let mut tables = Table::new();
            tables.set_implicit(true);
            let tables = document.entry(parent).or_insert(Item::Table(tables)).as_table_like_mut().filter(|tables| !tables.contains_key(key));
            tables.ok_or_else(no_place)?.insert(key, Item::Table(table));
        }
        (Step::Place(place), [Step::Key(list)]) => {
            let rows = document.get_mut(list).and_then(Item::as_array_of_tables_mut).filter(|rows| *place <= rows.len()).ok_or_else(no_place)?;
            let mut all: Vec<Table> = std::mem::take(rows).into_iter().collect();
            all.insert(*place, table);
            *rows = all.into_iter().collect::<ArrayOfTables>();
        }
        _ => return Err(no_place()),
    }
    Ok(with_line_ends(text, document.to_string()))
}

/// Takes out what stands at a path, with the comments that stand above it.
pub fn remove(text: &str, path: &[Step]) -> Result<String, NotEdited> {
    let mut document: DocumentMut = text.parse().map_err(|_| NotEdited::NotToml)?;
    let no_place = || NotEdited::NoSuchPlace(written(path));
    let (last, way) = path.split_last().ok_or_else(no_place)?;
    let place = item_at(document.as_item_mut(), way, false).ok_or_else(no_place)?;
    match last {
        Step::Key(key) => drop(place.as_table_like_mut().and_then(|table| table.remove(key)).ok_or_else(no_place)?),
        Step::Place(row) => drop(place.as_array_of_tables_mut().filter(|rows| *row < rows.len()).ok_or_else(no_place)?.remove(*row)),
    }
    Ok(with_line_ends(text, document.to_string()))
}

/// The editor writes line ends of one kind.
fn with_line_ends(text: &str, edited: String) -> String {
    if text.contains("\r\n") { edited.replace("\r\n", "\n").replace('\n', "\r\n") } else { edited }
}

/// What two changes of one text come to together. None where both change the same value, or both change more than values.
#[must_use]
pub fn merged(base: &str, one: &str, other: &str) -> Option<String> {
    replayed(base, one, other).or_else(|| replayed(base, other, one))
}

/// The values that `edited` has otherwise than `base`, set in `other` too, which has them as `base` does.
fn replayed(base: &str, edited: &str, other: &str) -> Option<String> {
    let edits = edits(base, edited)?;
    let is_free = |path: &[Step]| value_at(base, path) == value_at(other, path);
    // Places count from the first: a list is as it was, or they mean something else by now.
    let up_to_place = |path: &[Step]| path.iter().position(|step| matches!(step, Step::Place(_))).unwrap_or(path.len());
    if !edits.keys().all(|path| is_free(&path[..up_to_place(path)])) {
        return None;
    }
    edits.iter().try_fold(other.to_owned(), |text, (path, value)| set(&text, path, value.as_ref()).ok())
}

/// None where values aren't all that was changed: a comment was too, or a table.
fn edits(base: &str, edited: &str) -> Option<BTreeMap<Vec<Step>, Option<Given>>> {
    let (before, after) = (values(base)?, values(edited)?);
    let changed = after.iter().filter(|(path, value)| before.get(*path) != Some(value)).map(|(path, value)| (path.clone(), Some(value.clone())));
    let gone = before.keys().filter(|path| !after.contains_key(*path)).map(|path| (path.clone(), None));
    let edits: BTreeMap<_, _> = changed.chain(gone).collect();
    let again = edits.iter().try_fold(base.to_owned(), |text, (path, value)| set(&text, path, value.as_ref()).ok())?;
    let lines = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    (lines(&again) == lines(edited)).then_some(edits)
}

/// Each value of a text with the way to it.
fn values(text: &str) -> Option<BTreeMap<Vec<Step>, Given>> {
    let document: DocumentMut = text.parse().ok()?;
    let mut all = BTreeMap::new();
    collect(document.as_item(), &mut Vec::new(), &mut all)?;
    Some(all)
}

fn collect(item: &Item, way: &mut Vec<Step>, all: &mut BTreeMap<Vec<Step>, Given>) -> Option<()> {
    let mut inner = |step: Step, item: &Item| {
        way.push(step);
        let read = collect(item, way, all);
        way.pop();
        read
    };
    match item {
        Item::Table(table) => table.iter().try_for_each(|(key, item)| inner(Step::Key(key.to_owned()), item)),
        Item::ArrayOfTables(tables) => tables.iter().enumerate().try_for_each(|(place, table)| inner(Step::Place(place), &Item::Table(table.clone()))),
        value => {
            all.insert(way.clone(), given(value)?);
            Some(())
        }
    }
}

fn written(path: &[Step]) -> String {
    let word = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Place(place) => (place + 1).to_string(),
    };
    path.iter().map(word).collect::<Vec<_>>().join(".")
}

/// What stands at a path. A small table of the file itself that is missing, as a supplier's `margin`, is made where `make` says so;
/// a whole contract or tier never is.
fn item_at<'d>(root: &'d mut Item, way: &[Step], make: bool) -> Option<&'d mut Item> {
    if let ([Step::Key(key)], true, Some(table)) = (way, make, root.as_table_like_mut())
        && !table.contains_key(key)
    {
        table.insert(key, Item::Value(Value::InlineTable(InlineTable::new())));
    }
    way.iter().try_fold(root, |item, step| match step {
        Step::Place(place) => item.get_mut(*place),
        Step::Key(key) => item.get_mut(key.as_str()),
    })
}

fn put(place: &mut Item, key: &str, value: &Given) {
    let Some(table) = place.as_table_like_mut() else { return };
    match table.get_mut(key) {
        Some(Item::Value(old)) => return change(old, value),
        Some(other) => *other = Item::Value(fresh(value, None)),
        None => drop(table.insert(key, Item::Value(fresh(value, None)))),
    }
    // A table in one line that has grown is spaced as one is.
    if let Item::Value(Value::InlineTable(table)) = place {
        table.fmt();
    }
}

/// Whatever stands around an old value stays, and so do entries of a list that are in the new one.
fn change(old: &mut Value, value: &Given) {
    if let (Value::Array(entries), Given::List(wanted)) = (&mut *old, value)
        && keeps_entries(entries, wanted)
    {
        return;
    }
    let mut new = fresh(value, Some(old));
    *new.decor_mut() = old.decor().clone();
    *old = new;
}

/// Takes out what isn't wanted and adds what is missing at the end. False, and nothing done, where that isn't all.
fn keeps_entries(entries: &mut Array, wanted: &[Given]) -> bool {
    let has = |entry: &Value| given(&Item::Value(entry.clone())).is_some_and(|entry| wanted.contains(&entry));
    let kept: Vec<Given> = entries.iter().filter(|entry| has(entry)).filter_map(|entry| given(&Item::Value(entry.clone()))).collect();
    if kept.is_empty() || !wanted.starts_with(&kept) {
        return false;
    }
    entries.retain(has);
    wanted[kept.len()..].iter().for_each(|entry| entries.push(fresh(entry, None)));
    true
}

fn fresh(value: &Given, old: Option<&Value>) -> Value {
    match value {
        Given::Text(text) => text_value(text, old),
        Given::Whole(number) => Value::from(*number),
        Given::Truth(truth) => Value::from(*truth),
        Given::List(entries) => Value::Array(entries.iter().map(|entry| fresh(entry, None)).collect()),
        Given::Table(pairs) => {
            let mut table = InlineTable::new();
            pairs.iter().for_each(|(key, value)| drop(table.insert(key.as_str(), fresh(value, None))));
            Value::InlineTable(table)
        }
    }
}

/// In the quotes that the old one was in, if it can be.
fn text_value(text: &str, old: Option<&Value>) -> Value {
    let was_literal = matches!(old, Some(Value::String(old)) if old.as_repr().and_then(|repr| repr.as_raw().as_str()).is_some_and(|raw| raw.starts_with('\'')));
    let may_be_literal = !text.contains('\'') && !text.chars().any(char::is_control);
    if may_be_literal
        && (was_literal || text.contains('"'))
        && let Ok(value) = format!("'{text}'").parse()
    {
        return value;
    }
    Value::from(text)
}

fn given(item: &Item) -> Option<Given> {
    if let Some(table) = item.as_table_like() {
        return table.iter().map(|(key, item)| Some((key.to_owned(), given(item)?))).collect::<Option<_>>().map(Given::Table);
    }
    match item {
        Item::Value(Value::String(text)) => Some(Given::Text(text.value().clone())),
        Item::Value(Value::Integer(number)) => Some(Given::Whole(*number.value())),
        Item::Value(Value::Boolean(truth)) => Some(Given::Truth(*truth.value())),
        Item::Value(Value::Array(entries)) => entries.iter().map(|entry| given(&Item::Value(entry.clone()))).collect::<Option<_>>().map(Given::List),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| given(&Item::Table(table.clone()))).collect::<Option<_>>().map(Given::List),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is looked up and what is changed are read by two parsers.
    #[test]
    fn a_document_says_what_the_text_to_be_changed_says() {
        let odd = "n = 0x1F\nmany = 1_000\nb.c.d = 'x'\nb.a = \"\\u00e9\"\n'a key' = true\nlist = [1, \"two\", [3]]\n\
                   inline = { z = 1, a = { q = 2 } }\n[[tiers]]\nname = 'one'\n[[tiers]]\nname = 'two'\n[tiers.more]\ndeep = -7\n[x.y]\ne = 5\n[x]\nf = 6\n";
        let bundle = super::super::tests::sample::sample();
        for text in bundle.files.iter().filter(|(path, _)| path.ends_with(".toml")).map(|(_, text)| text.as_str()).chain([odd]) {
            let (document, all) = (Document::of(text).unwrap(), values(text).unwrap());
            assert!(!all.is_empty());
            for (path, value) in all {
                assert_eq!(document.value_at(&path), Some(value), "{path:?}");
            }
        }
        let path = |keys: &[&str]| keys.iter().map(|key| Step::Key((*key).to_owned())).collect::<Vec<_>>();
        let other = Document::of("f = 1.5\nd = 2026-01-01\n").unwrap();
        assert!(["f", "d"].iter().all(|key| other.has(&path(&[key])) && other.value_at(&path(&[key])).is_none()), "no money is a float");
        assert!(!other.has(&path(&["g"])));
    }
}
