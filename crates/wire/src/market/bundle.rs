//! A market's files as texts: what a revision is kept as.

use std::collections::BTreeMap;

use exchange::id::check_name;
use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// A market's files have at most this many bytes together.
pub const MAX_BYTES: usize = 64 << 20;
/// A TOML file has at most this many bytes. A list may be larger.
pub(super) const MAX_TOML_BYTES: usize = 8 << 20;
pub(super) const MAX_FILES: usize = 100_000;

/// Relative path with `/` → text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    pub files: BTreeMap<String, String>,
}

/// What a path in a market's directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    Settings,
    /// With the file's name, less its ending.
    Vertical(&'a str),
    Supplier(&'a str),
    Buyer(&'a str),
    Tree(&'a str),
    List(&'a str),
    /// A README or a dotfile, which belongs to no market and is passed over.
    Skipped,
    Unknown,
}

impl<'a> Place<'a> {
    #[must_use]
    pub fn of(path: &'a str) -> Self {
        let passed_over = |part: &str| part.starts_with('.') || part.starts_with("README");
        if path.split('/').any(passed_over) {
            return Self::Skipped;
        }
        if path == "market.toml" {
            return Self::Settings;
        }
        let Some((directory, file)) = path.split_once('/') else { return Self::Unknown };
        match (directory, file.strip_suffix(".toml"), file.strip_suffix(".txt")) {
            ("verticals", Some(name), _) => Self::Vertical(name),
            ("suppliers", Some(name), _) => Self::Supplier(name),
            ("buyers", Some(name), _) => Self::Buyer(name),
            ("trees", Some(name), _) => Self::Tree(name),
            ("lists", _, Some(name)) => Self::List(name),
            _ => Self::Unknown,
        }
    }

    #[must_use]
    pub fn is_market_file(self) -> bool {
        !matches!(self, Self::Skipped | Self::Unknown)
    }

    pub(super) fn name(self) -> Option<&'a str> {
        match self {
            Self::Vertical(name) | Self::Supplier(name) | Self::Buyer(name) | Self::Tree(name) | Self::List(name) => Some(name),
            Self::Settings | Self::Skipped | Self::Unknown => None,
        }
    }
}

impl Bundle {
    /// Files that can't be part of a market: unknown places, bad names, too large.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let total: usize = self.files.values().map(String::len).sum();
        if total > MAX_BYTES || self.files.len() > MAX_FILES {
            let what = format!("the market has {total} bytes in {} files", self.files.len());
            return vec![Problem::error("market.toml", 1, what, format!("keep it to {MAX_BYTES} bytes in {MAX_FILES} files"))];
        }
        self.files.iter().filter_map(|(path, text)| check_file(path, text)).collect()
    }
}

fn check_file(path: &str, text: &str) -> Option<Problem> {
    let place = Place::of(path);
    let (what, mend) = match place {
        Place::Skipped => return None,
        Place::Unknown => (
            "isn't a market file".to_owned(),
            "take it away; a market has market.toml, verticals/*.toml, suppliers/*.toml, buyers/*.toml, trees/*.toml and lists/*.txt".to_owned(),
        ),
        _ if place.name().is_some_and(|name| check_name(name).is_err()) => {
            ("has no usable name".to_owned(), "name it with 1 to 64 of a-z, A-Z, 0-9, `-` and `_`".to_owned())
        }
        Place::List(_) => return None,
        _ if text.len() > MAX_TOML_BYTES => (format!("has {} bytes", text.len()), format!("keep a file to {MAX_TOML_BYTES} bytes")),
        _ => return None,
    };
    Some(Problem::error(path, 1, what, mend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_its_place() {
        for (path, place) in [
            ("market.toml", Place::Settings),
            ("buyers/a.toml", Place::Buyer("a")),
            ("lists/x.txt", Place::List("x")),
            ("lists/x.toml", Place::Unknown),
            ("buyers/a/b.toml", Place::Buyer("a/b")),
            ("other.toml", Place::Unknown),
            ("README.md", Place::Skipped),
            ("buyers/README", Place::Skipped),
            (".git/config", Place::Skipped),
            ("buyers/.a.toml.swp", Place::Skipped),
            ("", Place::Unknown),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
        assert!(check_file("buyers/a/b.toml", "").is_some());
        assert!(check_file("buyers/../a.toml", "").is_none(), "a part with a dot first is passed over");
    }
}
