//! `lists/NAME.txt`: values that filters look in, one a line.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use exchange::{
    attribute::Attribute,
    id::VerticalName,
    schema::{FieldIndex, Vertical},
};

use super::problem::{Problem, Wrong};

/// A list that doesn't fit its field has little that does, so only the first entries are told.
const MOST_PROBLEMS: usize = 10;

/// The lists by name, and what their entries are to the fields that filters hold against them.
#[derive(Debug, Default)]
pub(super) struct Lists {
    entries: BTreeMap<String, Vec<(usize, String)>>,
    sets: HashMap<(String, VerticalName, FieldIndex), Arc<BTreeSet<Attribute>>>,
    problems: Vec<Problem>,
}

impl Lists {
    /// Blank lines count for nothing.
    pub fn add(&mut self, name: &str, text: &str) {
        let lines = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim().to_owned()));
        self.entries.insert(name.to_owned(), lines.filter(|(_, entry)| !entry.is_empty()).collect());
    }

    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.keys().map(String::as_str)
    }

    /// The entries as a field's attributes, read once for each field; none if there is no such list.
    pub fn set(
        &mut self,
        name: &str,
        vertical: &Vertical,
        field: FieldIndex,
        read: impl Fn(&str) -> Result<Attribute, Wrong>,
    ) -> Option<Arc<BTreeSet<Attribute>>> {
        let entries = self.entries.get(name)?;
        let key = (name.to_owned(), vertical.name.clone(), field);
        if let Some(set) = self.sets.get(&key) {
            return Some(Arc::clone(set));
        }
        let mut values = BTreeSet::new();
        let mut wrong = Vec::new();
        for (line, entry) in entries {
            match read(entry) {
                Ok(value) => drop(values.insert(value)),
                Err(error) => wrong.push((*line, error)),
            }
        }
        let field = &vertical.field(field).name;
        self.problems.extend(tell(&format!("lists/{name}.txt"), wrong, &format!("`{field}` of {}", vertical.name)));
        let set = Arc::new(values);
        self.sets.insert(key, Arc::clone(&set));
        Some(set)
    }

    /// What is wrong with the entries that filters asked for; and the lists that none did.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        for (name, entries) in &self.entries {
            let file = format!("lists/{name}.txt");
            if entries.is_empty() {
                problems.push(Problem::warning(&file, 1, "the list is empty", "write one value a line"));
            }
            if !self.sets.keys().any(|(list, ..)| list == name) {
                problems.push(Problem::warning(
                    &file,
                    1,
                    "no filter uses the list",
                    format!("write `FIELD in list(\"{name}\")` in a filter, or take the file away"),
                ));
            }
        }
        problems
    }
}

fn tell(file: &str, wrong: Vec<(usize, Wrong)>, of: &str) -> Vec<Problem> {
    let rest = wrong.len().saturating_sub(MOST_PROBLEMS);
    let last_line = wrong.last().map_or(1, |(line, _)| *line);
    let first = wrong.into_iter().take(MOST_PROBLEMS);
    let mut problems: Vec<Problem> = first.map(|(line, wrong)| Problem::error(file, line, format!("the entry {}, for {of}", wrong.what), wrong.mend)).collect();
    if rest > 0 {
        problems.push(Problem::error(file, last_line, format!("{rest} more entries don't fit {of}"), "mend them too"));
    }
    problems
}
