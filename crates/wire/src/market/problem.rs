//! What is wrong with a market file: where, what, and the mend.

use std::fmt;

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The market isn't taken.
    Error,
    /// The market is taken, but something in it probably isn't meant so.
    Warning,
}

/// Prints as `file:line: what: mend`; a warning says that it is one. Problems order by file and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    pub file: String,
    /// From 1; 1 too where the whole file is meant.
    pub line: usize,
    pub severity: Severity,
    pub what: String,
    pub mend: String,
}

impl Problem {
    pub(super) fn error(file: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, severity: Severity::Error, what: what.into(), mend: mend.into() }
    }

    pub(super) fn warning(file: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(file, line, what, mend) }
    }

    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warning = if self.is_error() { "" } else { "warning: " };
        write!(f, "{}:{}: {warning}{}: {}", self.file, self.line, self.what, self.mend)
    }
}

/// What is wrong with one value, before its place is known. `what` goes on after the key's name: `is "abc", which is no amount`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub what: String,
    pub mend: String,
}

impl Wrong {
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }
}

/// A text of a file in quotes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}
