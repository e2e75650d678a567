//! What changes, as lines with a colour and a sign of their own.

use askama::Template;
use wire::market::{Bundle, Change, What, differing};

use crate::background::give_way;

#[derive(Clone, Debug, Template)]
#[template(path = "console/market/diff.html")]
pub struct Diff {
    lines: Vec<Line>,
    /// So many more, in the last file that has lines.
    more: usize,
    /// So many more files, which nobody looked into.
    more_files: usize,
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
    pub fn between(old: &Bundle, new: &Bundle) -> Self {
        let mut diff = Self { lines: Vec::new(), more: 0, more_files: 0 };
        let mut files = differing(old, new);
        while diff.lines.len() < MOST_LINES
            && let Some(file) = files.next()
        {
            let (changes, room) = (file.changes(give_way), MOST_LINES - diff.lines.len());
            diff.lines.extend(changes.iter().take(room).map(Line::of));
            diff.more = changes.len().saturating_sub(room);
        }
        diff.more_files = files.count();
        diff
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of so many keys each.
    fn market(files: &[usize]) -> Bundle {
        let text = |keys: &usize| (0..*keys).map(|key| format!("key{key} = {key}\n")).collect::<String>();
        Bundle { files: files.iter().enumerate().map(|(number, keys)| (format!("buyers/b{number}.toml"), text(keys))).collect() }
    }

    #[test]
    fn a_long_diff_says_how_much_it_leaves_out() {
        let of = |files: &[usize]| {
            let diff = Diff::between(&Bundle::default(), &market(files));
            (diff.lines.len(), diff.more, diff.more_files)
        };
        assert_eq!(of(&[]), (0, 0, 0));
        assert_eq!(of(&[200, 300]), (500, 0, 0));
        assert_eq!(of(&[200, 300, 1]), (500, 0, 1));
        assert_eq!(of(&[200, 350, 1, 9]), (500, 50, 2));
        assert_eq!(of(&[700]), (500, 200, 0));
    }
}
