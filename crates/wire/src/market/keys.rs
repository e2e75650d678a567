//! One description, three uses: the calls that read a table also know its keys and describe them.
//!
//! A file kind is a function over [`Keys`]. Reading, each call finds its key, checks the value and records what is wrong;
//! a key that no call asked for is unknown. Describing, the very same calls collect a JSON Schema and give nothing.

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use super::{
    lines::Lines,
    nearest::{nearest, suggestion},
    problem::{Problem, Wrong},
    source::{Source, shown},
};

/// A value and its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At<T> {
    pub value: T,
    pub line: usize,
}

/// What a key is called, what it means, and what stands in a file where it is needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub doc: &'static str,
    /// What to write. A key with an example is required: the example is the mend where it is missing.
    example: Option<&'static str>,
}

impl Key {
    pub const fn optional(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, example: None }
    }

    pub const fn required(name: &'static str, doc: &'static str, example: &'static str) -> Self {
        Self { name, doc, example: Some(example) }
    }
}

/// Where a description that stands in many places has its name, until the whole schema is put together.
pub(super) const SHARED: &str = "$shared";

/// The keys of one table.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    mode: Mode<'a>,
    problems: Vec<Problem>,
}

#[derive(Debug)]
enum Mode<'a> {
    Read(Table<'a>),
    Describe { properties: Map<String, Value>, required: Vec<Value> },
}

#[derive(Clone, Debug)]
struct Table<'a> {
    file: &'a str,
    lines: &'a Lines,
    table: &'a DeTable<'a>,
    line: usize,
    /// What comes before a key in messages: `margin.`.
    prefix: String,
    known: Vec<&'static str>,
    /// Required keys that aren't there, with the place of their problems.
    missing: Vec<(&'static str, usize)>,
}

/// One value of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub value: &'a DeValue<'a>,
    pub line: usize,
}

impl<'a> Found<'a> {
    /// The text, or what is wrong with it.
    pub fn text(&self) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| Wrong::new(format!("is {}, which is no text", shown(self.value)), "write it in quotes"))
    }
}

impl<'a> Keys<'a> {
    /// Reads a file's keys; gives what they say and all that is wrong with them.
    pub fn read_file<T>(source: &'a Source<'a>, body: impl FnOnce(&mut Keys<'a>) -> T) -> (T, Vec<Problem>) {
        let table =
            Table { file: source.file, lines: &source.lines, table: &source.table, line: 1, prefix: String::new(), known: Vec::new(), missing: Vec::new() };
        let mut keys = Self { mode: Mode::Read(table), problems: Vec::new() };
        let value = body(&mut keys);
        keys.name_unknown();
        (value, keys.problems)
    }

    /// The JSON Schema of what `body` reads.
    pub fn describe<T>(body: impl FnOnce(&mut Keys<'a>) -> T) -> Value {
        let mut keys = Self { mode: Mode::Describe { properties: Map::new(), required: Vec::new() }, problems: Vec::new() };
        body(&mut keys);
        let Mode::Describe { properties, required } = keys.mode else { return Value::Null };
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty() {
            schema["required"] = Value::Array(required);
        }
        schema
    }

    /// As [`Self::describe`], of what stands in many places: the whole schema has it once, by this name.
    pub fn describe_shared<T>(name: &str, body: impl FnOnce(&mut Keys<'a>) -> T) -> Value {
        let mut schema = Self::describe(body);
        schema[SHARED] = json!(name);
        schema
    }

    /// The line of the table itself.
    pub fn line(&self) -> usize {
        match &self.mode {
            Mode::Read(table) => table.line,
            Mode::Describe { .. } => 0,
        }
    }

    /// Whether the table has this key, with whatever value.
    pub fn has(&self, name: &str) -> bool {
        matches!(&self.mode, Mode::Read(table) if table.table.contains_key(name))
    }

    /// The file's name in messages.
    pub fn file(&self) -> &'a str {
        match &self.mode {
            Mode::Read(table) => table.file,
            Mode::Describe { .. } => "",
        }
    }

    /// A value that another call reads and checks.
    pub fn peek(&self, name: &str) -> Option<&'a DeValue<'a>> {
        match &self.mode {
            Mode::Read(table) => table.table.get(name).map(toml::Spanned::get_ref),
            Mode::Describe { .. } => None,
        }
    }

    /// Whether something in the table, so far, is wrong.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// Whether the table has no key at all.
    pub fn is_empty(&self) -> bool {
        matches!(&self.mode, Mode::Read(table) if table.table.is_empty())
    }

    pub fn problem(&mut self, line: usize, what: impl Into<String>, mend: impl Into<String>) {
        if let Mode::Read(table) = &self.mode {
            self.problems.push(Problem::error(table.file, line, what, mend));
        }
    }

    pub fn warning(&mut self, line: usize, what: impl Into<String>, mend: impl Into<String>) {
        if let Mode::Read(table) = &self.mode {
            self.problems.push(Problem::warning(table.file, line, what, mend));
        }
    }

    /// The one way to a value. `describe` gives its schema, `read` its meaning; `default` is what its absence means.
    pub fn value<T>(
        &mut self,
        key: Key,
        default: Option<Value>,
        describe: impl FnOnce() -> Value,
        read: impl FnOnce(Found<'a>) -> Result<T, Wrong>,
    ) -> Option<At<T>> {
        let found = match &self.mode {
            Mode::Read(_) => self.find(key)?,
            Mode::Describe { .. } => {
                self.describe_key(key, default, describe());
                return None;
            }
        };
        match read(found) {
            Ok(value) => Some(At { value, line: found.line }),
            Err(wrong) => {
                self.wrong(key.name, found.line, &wrong);
                None
            }
        }
    }

    pub(super) fn is_describing(&self) -> bool {
        matches!(self.mode, Mode::Describe { .. })
    }

    pub(super) fn wrong(&mut self, name: &str, line: usize, wrong: &Wrong) {
        let prefix = match &self.mode {
            Mode::Read(table) => table.prefix.clone(),
            Mode::Describe { .. } => String::new(),
        };
        self.problem(line, format!("`{prefix}{name}` {}", wrong.what), wrong.mend.clone());
    }

    pub(super) fn describe_key(&mut self, key: Key, default: Option<Value>, mut schema: Value) {
        let Mode::Describe { properties, required } = &mut self.mode else { return };
        schema["description"] = json!(key.doc);
        if let Some(default) = default {
            schema["default"] = default;
        }
        if key.example.is_some() {
            required.push(json!(key.name));
        }
        properties.insert(key.name.to_owned(), schema);
    }

    /// The value of a key; a required one that is missing is told.
    pub(super) fn find(&mut self, key: Key) -> Option<Found<'a>> {
        let Mode::Read(table) = &mut self.mode else { return None };
        table.known.push(key.name);
        let value = table.table.get(key.name);
        let (line, prefix) = (table.line, table.prefix.clone());
        match (value, key.example) {
            (Some(value), _) => Some(self.found(value)),
            (None, Some(example)) => {
                table.missing.push((key.name, self.problems.len()));
                self.problem(line, format!("`{prefix}{}` is missing", key.name), format!("write {example}"));
                None
            }
            (None, None) => None,
        }
    }

    pub(super) fn found(&self, value: &'a toml::Spanned<DeValue<'a>>) -> Found<'a> {
        let line = match &self.mode {
            Mode::Read(table) => table.lines.at(value.span().start),
            Mode::Describe { .. } => 0,
        };
        Found { value: value.get_ref(), line }
    }

    /// Runs `body` on the values under a key, whose own names are none of ours: messages name them after the key.
    pub(super) fn under<T>(&mut self, key: Key, body: impl FnOnce(&mut Self) -> T) -> T {
        let Mode::Read(table) = &mut self.mode else { return body(self) };
        let inner = format!("{}{}.", table.prefix, key.name);
        let outer = std::mem::replace(&mut table.prefix, inner);
        let value = body(self);
        if let Mode::Read(table) = &mut self.mode {
            table.prefix = outer;
        }
        value
    }

    /// Runs `body` on an inner table.
    pub(super) fn inside<T>(&mut self, key: Key, found: Found<'a>, prefix: String, body: impl FnOnce(&mut Keys<'a>) -> T) -> Option<At<T>> {
        let Mode::Read(outer) = &self.mode else { return None };
        let Some(table) = found.value.as_table() else {
            self.wrong(key.name, found.line, &Wrong::new(format!("is {}, which is no table", shown(found.value)), "write a table: { … }"));
            return None;
        };
        let inner = Table { file: outer.file, lines: outer.lines, table, line: found.line, prefix, known: Vec::new(), missing: Vec::new() };
        let mut keys = Keys { mode: Mode::Read(inner), problems: Vec::new() };
        let value = body(&mut keys);
        keys.name_unknown();
        self.problems.append(&mut keys.problems);
        Some(At { value, line: found.line })
    }

    /// Tells the keys that nobody asked for. One that stands for a missing key is one mistake, not two.
    fn name_unknown(&mut self) {
        let Mode::Read(table) = &self.mode else { return };
        let mut misspelt = Vec::new();
        let unknown = table.table.iter().filter(|(name, _)| !table.known.contains(&name.get_ref().as_ref()));
        for (name, _) in unknown {
            let near = nearest(name.get_ref(), table.known.iter().copied());
            misspelt.extend(table.missing.iter().filter(|(missing, _)| Some(*missing) == near).map(|(_, place)| *place));
            let what = format!("`{}{}` is an unknown key", table.prefix, name.get_ref());
            let mend = suggestion(name.get_ref(), table.known.iter().copied());
            self.problems.push(Problem::error(table.file, table.lines.at(name.span().start), what, mend));
        }
        let mut place = 0;
        self.problems.retain(|_| {
            place += 1;
            !misspelt.contains(&(place - 1))
        });
    }
}
