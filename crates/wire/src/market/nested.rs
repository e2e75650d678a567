//! Keys whose values have parts: tables, tables by name, tables in order, lists.

use std::ops::RangeInclusive;

use exchange::id::check_name;
use serde_json::{Value, json};

use super::{
    keys::{At, Found, Key, Keys},
    nearest::nearest,
    problem::{Wrong, quoted},
    source::shown,
};

/// In bytes: of a name that is others'.
const MOST_NAME: usize = 128;

impl<'a> Keys<'a> {
    /// A table of its own under a key.
    pub fn table<T>(&mut self, key: Key, body: impl FnOnce(&mut Keys<'a>) -> T) -> Option<At<T>> {
        if self.is_describing() {
            self.describe_key(key, None, Keys::describe(body));
            return None;
        }
        let found = self.find(key)?;
        self.inside(key, found, format!("{}.", key.name), body)
    }

    /// One of some words, or a table.
    pub fn word_or_table<T: Clone>(&mut self, key: Key, words: &[(&str, T)], body: impl FnOnce(&mut Keys<'a>) -> Option<T>) -> Option<At<T>> {
        if self.is_describing() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.describe_key(key, None, json!({ "oneOf": [{ "enum": names }, Keys::describe(body)] }));
            return None;
        }
        let found = self.find(key)?;
        if found.value.is_table() {
            let inner = self.inside(key, found, format!("{}.", key.name), body)?;
            return inner.value.map(|value| At { value, line: inner.line });
        }
        match found.text().and_then(|text| word_of(text, words)) {
            Ok(value) => Some(At { value, line: found.line }),
            Err(wrong) => {
                self.wrong(key.name, found.line, &wrong);
                None
            }
        }
    }

    /// Tables by name: `[contracts.west]`. Gives each name with what `body` made of it.
    pub fn named_tables<T>(&mut self, key: Key, mut body: impl FnMut(&mut Keys<'a>, &'a str) -> T) -> Vec<At<T>> {
        if self.is_describing() {
            let names = json!({ "pattern": "^[A-Za-z0-9_-]{1,64}$" });
            let each = Keys::describe(|keys| body(keys, ""));
            self.describe_key(key, None, json!({ "type": "object", "propertyNames": names, "additionalProperties": each }));
            return Vec::new();
        }
        let Some(found) = self.find(key) else { return Vec::new() };
        let Some(table) = found.value.as_table() else {
            self.wrong(key.name, found.line, &Wrong::new(format!("is {}", shown(found.value)), format!("write tables: [{}.NAME]", key.name)));
            return Vec::new();
        };
        let mut all = Vec::with_capacity(table.len());
        for (name, value) in table.iter() {
            let found = self.found(value);
            let name: &'a str = name.get_ref().as_ref();
            if check_name(name).is_err() {
                let what = format!("`[{}.{name}]` has no usable name", key.name);
                self.problem(found.line, what, "name it with 1 to 64 of a-z, A-Z, 0-9, `-` and `_`");
            }
            all.extend(self.inside(key, found, String::new(), |keys| body(keys, name)));
        }
        all
    }

    /// Values by names that are others': `{ "19" = "auto" }`. Gives each name with what `read` made of its value.
    pub fn pairs<T>(&mut self, key: Key, describe: impl FnOnce() -> Value, mut read: impl FnMut(Found<'a>) -> Result<T, Wrong>) -> Vec<(&'a str, At<T>)> {
        const MOST: usize = 1000;
        if self.is_describing() {
            let names = json!({ "minLength": 1, "maxLength": MOST_NAME });
            self.describe_key(key, None, json!({ "type": "object", "propertyNames": names, "maxProperties": MOST, "additionalProperties": describe() }));
            return Vec::new();
        }
        let Some(found) = self.find(key) else { return Vec::new() };
        let Some(table) = found.value.as_table().filter(|table| table.len() <= MOST) else {
            let wrong = Wrong::new(format!("is {}, and no table of at most {MOST} keys", shown(found.value)), "write a table: { \"theirs\" = \"ours\" }");
            self.wrong(key.name, found.line, &wrong);
            return Vec::new();
        };
        let mut all = Vec::with_capacity(table.len());
        for (name, value) in table.iter() {
            let found = self.found(value);
            let name: &'a str = name.get_ref().as_ref();
            let read = if name.is_empty() || name.len() > MOST_NAME {
                Err(Wrong::new("has no usable name", format!("name it with 1 to {MOST_NAME} characters")))
            } else {
                read(found)
            };
            match read {
                Ok(value) => all.push((name, At { value, line: found.line })),
                Err(wrong) => self.wrong(&format!("{}.{name}", key.name), found.line, &wrong),
            }
        }
        all
    }

    /// Tables in order: `[[tiers]]`, or inline ones.
    pub fn rows<T>(&mut self, key: Key, bounds: RangeInclusive<usize>, mut body: impl FnMut(&mut Keys<'a>) -> T) -> Vec<At<T>> {
        if self.is_describing() {
            let each = Keys::describe(body);
            self.describe_key(key, None, array_schema(each, &bounds));
            return Vec::new();
        }
        let Some(found) = self.find(key) else { return Vec::new() };
        let Some(rows) = found.value.as_array() else {
            self.wrong(key.name, found.line, &Wrong::new(format!("is {}, which is no list of tables", shown(found.value)), "write a list: [{ … }, { … }]"));
            return Vec::new();
        };
        self.check_length(key.name, found.line, rows.len(), &bounds);
        rows.iter().filter_map(|row| self.inside(key, self.found(row), String::new(), &mut body)).collect()
    }

    /// A list whose entries are read one by one, each with its line. Wrong entries are told and left out.
    pub fn list<T>(
        &mut self,
        key: Key,
        default: Option<Value>,
        bounds: RangeInclusive<usize>,
        describe: impl FnOnce() -> Value,
        mut read: impl FnMut(Found<'a>) -> Result<T, Wrong>,
    ) -> Option<At<Vec<At<T>>>> {
        let list = self.value(
            key,
            default,
            || array_schema(describe(), &bounds),
            |found| found.value.as_array().ok_or_else(|| Wrong::new(format!("is {}, which is no list", shown(found.value)), "write a list: [\"…\", \"…\"]")),
        )?;
        self.check_length(key.name, list.line, list.value.len(), &bounds);
        let mut all = Vec::with_capacity(list.value.len());
        for value in list.value {
            let found = self.found(value);
            match read(found) {
                Ok(value) => all.push(At { value, line: found.line }),
                Err(wrong) => self.problem(found.line, format!("an entry of `{}` {}", key.name, wrong.what), wrong.mend),
            }
        }
        Some(At { value: all, line: list.line })
    }

    fn check_length(&mut self, name: &str, line: usize, length: usize, bounds: &RangeInclusive<usize>) {
        if !bounds.contains(&length) {
            self.wrong(name, line, &Wrong::new(format!("has {length} entries"), format!("write {} to {} of them", bounds.start(), bounds.end())));
        }
    }
}

fn array_schema(items: Value, bounds: &RangeInclusive<usize>) -> Value {
    let mut schema = json!({ "type": "array", "items": items });
    if *bounds.start() > 0 {
        schema["minItems"] = json!(bounds.start());
    }
    schema["maxItems"] = json!(bounds.end());
    schema
}

/// The value of a word, or what is wrong with it.
pub(super) fn word_of<T: Clone>(text: &str, words: &[(&str, T)]) -> Result<T, Wrong> {
    match words.iter().find(|(word, _)| *word == text) {
        Some((_, value)) => Ok(value.clone()),
        None => {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let choices: Vec<String> = known.iter().map(|word| format!("\"{word}\"")).collect();
            let near = nearest(text, known.iter().copied()).map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
            Err(Wrong::new(format!("is {}", quoted(text)), format!("write one of {}{near}", choices.join(", "))))
        }
    }
}
