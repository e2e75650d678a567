//! Keys whose names are the partner's own, and keys that may be said short or long.

use serde_json::{Value, json};

use super::super::{
    keys::{At, Found, Key, Keys},
    problem::Wrong,
    source::shown,
};

/// A table of names that nobody but the partner knows has at most so many.
const MOST_ENTRIES: usize = 1000;

impl<'a> Keys<'a> {
    /// A table whose keys are names of somebody else's.
    pub(super) fn entries<T>(
        &mut self,
        key: Key,
        describe: impl FnOnce() -> Value,
        mut read: impl FnMut(&mut Keys<'a>, &'a str, Found<'a>) -> Option<T>,
    ) -> Vec<(String, At<T>)> {
        if self.is_describing() {
            self.describe_key(key, None, json!({ "type": "object", "additionalProperties": describe() }));
            return Vec::new();
        }
        let Some(found) = self.find(key) else { return Vec::new() };
        let Some(table) = found.value.as_table().filter(|table| table.len() <= MOST_ENTRIES) else {
            self.wrong(key.name, found.line, &Wrong::new(format!("is {}", shown(found.value)), format!("write a table of at most {MOST_ENTRIES} entries")));
            return Vec::new();
        };
        // In the order of the file: it is the order of what goes out.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let mut all = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            let found = self.found(value);
            if let Some(value) = self.under(key, |keys| read(keys, name.get_ref().as_ref(), found)) {
                all.push((name.get_ref().as_ref().to_owned(), At { value, line: found.line }));
            }
        }
        all
    }

    /// A table that stands in many places: the schema has it once, by the shape's name.
    pub(super) fn shared_table<T>(&mut self, key: Key, shape: &str, body: impl FnOnce(&mut Keys<'a>) -> T) -> Option<At<T>> {
        if self.is_describing() {
            self.describe_key(key, None, Keys::describe_shared(shape, body));
            return None;
        }
        self.table(key, body)
    }

    /// One table, or a list of them.
    pub(super) fn one_or_many<T>(&mut self, key: Key, shape: &str, mut body: impl FnMut(&mut Keys<'a>) -> Option<T>) -> Option<Vec<At<T>>> {
        if self.is_describing() {
            let one = Keys::describe_shared(shape, &mut body);
            self.describe_key(key, None, json!({ "oneOf": [one.clone(), { "type": "array", "items": one, "maxItems": 32 }] }));
            return None;
        }
        let found = self.find(key)?;
        let all: Vec<Found<'a>> = match found.value.as_array() {
            Some(rows) => rows.iter().map(|row| self.found(row)).collect(),
            None => vec![found],
        };
        if !(1..=32).contains(&all.len()) {
            self.wrong(key.name, found.line, &Wrong::new(format!("has {} entries", all.len()), "write 1 to 32 of them"));
        }
        let prefix = format!("{}.", key.name);
        let read = all.into_iter().filter_map(|found| self.inside(key, found, prefix.clone(), &mut body));
        Some(read.filter_map(|at| at.value.map(|value| At { value, line: at.line })).collect())
    }

    /// A text, or a table that says more.
    pub(super) fn text_or_table<T>(
        &mut self,
        key: Key,
        shape: &str,
        short: impl FnOnce(&'a str) -> Result<T, Wrong>,
        long: impl FnOnce(&mut Keys<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        if self.is_describing() {
            let table = Keys::describe_shared(shape, long);
            self.describe_key(key, None, json!({ "oneOf": [{ "type": "string", "minLength": 1 }, table] }));
            return None;
        }
        let found = self.find(key)?;
        if found.value.is_table() {
            let at = self.inside(key, found, format!("{}.", key.name), long)?;
            return at.value.map(|value| At { value, line: at.line });
        }
        match found.text().and_then(short) {
            Ok(value) => Some(At { value, line: found.line }),
            Err(wrong) => {
                self.wrong(key.name, found.line, &wrong);
                None
            }
        }
    }

    /// A text, or several.
    pub(super) fn texts<T>(
        &mut self,
        key: Key,
        most: usize,
        describe: impl FnOnce() -> Value,
        mut read: impl FnMut(Found<'a>) -> Result<T, Wrong>,
    ) -> Option<Vec<At<T>>> {
        if self.is_describing() {
            let text = describe();
            self.describe_key(key, None, json!({ "oneOf": [text.clone(), { "type": "array", "items": text, "minItems": 1, "maxItems": most }] }));
            return None;
        }
        let found = self.find(key)?;
        let all: Vec<Found<'a>> = match found.value.as_array() {
            Some(entries) => entries.iter().map(|entry| self.found(entry)).collect(),
            None => vec![found],
        };
        if !(1..=most).contains(&all.len()) {
            self.wrong(key.name, found.line, &Wrong::new(format!("has {} entries", all.len()), format!("write 1 to {most} of them")));
        }
        let mut read_all = Vec::with_capacity(all.len());
        for found in all {
            match read(found) {
                Ok(value) => read_all.push(At { value, line: found.line }),
                Err(wrong) => self.wrong(key.name, found.line, &wrong),
            }
        }
        Some(read_all)
    }
}
