//! What changes from one market to the next, key by key. Comments, order of keys and spelling of numbers change nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use super::{
    bundle::{Bundle, Place},
    flat::{Leaf, flatten},
};

/// One line of a change list. Prints as `~ file key: old → new`, `+ file key: value` or `- file key: value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub file: String,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum What {
    Added {
        key: String,
        value: String,
    },
    Removed {
        key: String,
        value: String,
    },
    Changed {
        key: String,
        from: String,
        to: String,
    },
    /// Of a list: how many entries, with the first few of them.
    Entries {
        added: usize,
        first_added: Vec<String>,
        removed: usize,
        first_removed: Vec<String>,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        match &self.what {
            What::Added { key, value } => write!(f, "+ {file} {key}: {value}"),
            What::Removed { key, value } => write!(f, "- {file} {key}: {value}"),
            What::Changed { key, from, to } => write!(f, "~ {file} {key}: {from} → {to}"),
            What::Entries { added, first_added, removed, first_removed } => {
                let told = [entries(*added, "added", first_added), entries(*removed, "removed", first_removed)];
                write!(f, "~ {file}: {}", told.into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn entries(count: usize, word: &str, first: &[String]) -> Option<String> {
    let more = if count > first.len() { ", …" } else { "" };
    (count > 0).then(|| format!("{count} {word} ({}{more})", first.join(", ")))
}

/// All changes in the order of files and keys. Literal secrets are masked.
#[must_use]
pub fn diff(old: &Bundle, new: &Bundle) -> Vec<Change> {
    differing(old, new).flat_map(|file| file.changes(|| ())).collect()
}

/// The files whose texts differ, in their order. What changes in one is found when it is asked for: a market may be large.
pub fn differing<'a>(old: &'a Bundle, new: &'a Bundle) -> impl Iterator<Item = Differing<'a>> {
    let files: BTreeSet<&String> = old.files.keys().chain(new.files.keys()).collect();
    let of = |bundle: &'a Bundle, file| bundle.files.get(file).map_or("", String::as_str);
    files.into_iter().map(move |file| Differing { file, before: of(old, file), after: of(new, file) }).filter(Differing::is_one)
}

/// A file that stands otherwise in one market than in another.
#[derive(Clone, Copy, Debug)]
pub struct Differing<'a> {
    file: &'a str,
    before: &'a str,
    after: &'a str,
}

impl Differing<'_> {
    fn is_one(&self) -> bool {
        self.before != self.after && !matches!(Place::of(self.file), Place::Skipped)
    }

    /// In the order of keys. None where the texts mean the same. Pauses again and again on the way.
    #[must_use]
    pub fn changes(&self, pause: fn()) -> Vec<Change> {
        let all = match Place::of(self.file) {
            Place::List(_) => list_changes(self.before, self.after),
            _ => key_changes(&flatten(self.before, pause), &flatten(self.after, pause), pause),
        };
        all.into_iter().map(|what| Change { file: self.file.to_owned(), what }).collect()
    }
}

fn key_changes(before: &BTreeMap<String, Leaf>, after: &BTreeMap<String, Leaf>, pause: fn()) -> Vec<What> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |key: &String| match (before.get(key), after.get(key)) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => Some(What::Changed { key: key.clone(), from: old.shown(), to: new.shown() }),
        (Some(old), None) => Some(What::Removed { key: key.clone(), value: old.shown() }),
        (None, Some(new)) => Some(What::Added { key: key.clone(), value: new.shown() }),
        (None, None) => None,
    };
    keys.into_iter().inspect(|_| pause()).filter_map(change).collect()
}

fn list_changes(before: &str, after: &str) -> Vec<What> {
    let entries = |text: &'_ str| text.lines().map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect::<BTreeSet<String>>();
    let (before, after) = (entries(before), entries(after));
    let first = |of: &BTreeSet<String>, without: &BTreeSet<String>| -> (usize, Vec<String>) {
        const SHOWN: usize = 3;
        (of.difference(without).count(), of.difference(without).take(SHOWN).cloned().collect())
    };
    let ((added, first_added), (removed, first_removed)) = (first(&after, &before), first(&before, &after));
    if added + removed == 0 { Vec::new() } else { vec![What::Entries { added, first_added, removed, first_removed }] }
}
