//! What changes, as lines with a colour and a sign of their own.

use askama::Template;
use wire::market::{Change, What};

#[derive(Clone, Debug, Template)]
#[template(path = "console/market/diff.html")]
pub struct Diff {
    lines: Vec<Line>,
    /// So many more.
    more: usize,
}

#[derive(Clone, Debug)]
struct Line {
    class: &'static str,
    sign: &'static str,
    file: String,
    key: String,
    from: String,
    to: String,
}

const MOST_LINES: usize = 500;

impl askama::filters::HtmlSafe for Diff {}

impl Diff {
    pub fn of(changes: &[Change]) -> Self {
        Self { lines: changes.iter().take(MOST_LINES).map(Line::of).collect(), more: changes.len().saturating_sub(MOST_LINES) }
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl Line {
    fn of(change: &Change) -> Self {
        let line = |class, sign, key: &str, from: &str, to: &str| Self {
            class,
            sign,
            file: change.file.clone(),
            key: key.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
        };
        match &change.what {
            What::Added { key, value } => line("added", "+", key, "", value),
            What::Removed { key, value } => line("removed", "\u{2212}", key, value, ""),
            What::Changed { key, from, to } => line("changed", "~", key, from, to),
            What::Entries { .. } => line("changed", "~", "entries", "", change.to_string().split_once(": ").map_or("", |(_, told)| told)),
        }
    }
}
