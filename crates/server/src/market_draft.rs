//! A draft of the market: the files that differ from a revision's.

use std::collections::BTreeMap;

use exchange::{
    command::KeepDraft,
    id::{DraftId, Revision},
};
use serde::{Deserialize, Serialize};
use store::DraftRow;
use wire::market::{Bundle, merged};

use crate::{entropy, market_bundle};

/// By path; none of a file that is taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Changed(BTreeMap<String, Option<String>>);

impl Changed {
    fn between(base: &Bundle, files: &Bundle) -> Self {
        let kept = files.files.iter().filter(|(path, text)| base.files.get(*path) != Some(*text)).map(|(path, text)| (path.clone(), Some(text.clone())));
        let taken_out = base.files.keys().filter(|path| !files.files.contains_key(*path)).map(|path| (path.clone(), None));
        Self(kept.chain(taken_out).collect())
    }

    fn over(&self, base: &Bundle) -> Bundle {
        let mut files = base.clone();
        for (path, text) in &self.0 {
            match text {
                Some(text) => drop(files.files.insert(path.clone(), text.clone())),
                None => drop(files.files.remove(path)),
            }
        }
        files
    }
}

/// A draft with the files that it would make the market's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub id: DraftId,
    pub base: Revision,
    pub author: String,
    pub note: String,
    /// 0 before it is kept.
    pub version: u64,
    /// The base's.
    pub before: Bundle,
    pub files: Bundle,
}

impl Draft {
    /// A new one, of the market that is in force.
    pub fn new(base: Revision, before: Bundle, author: String) -> Self {
        let files = before.clone();
        Self { id: DraftId::from_bytes(entropy::timed_id()), base, author, note: String::new(), version: 0, before, files }
    }

    /// None where it can't be read.
    pub fn read(row: &DraftRow, before: Bundle) -> Option<Self> {
        let changed: Changed = postcard::from_bytes(&row.files).ok()?;
        let files = changed.over(&before);
        Some(Self { id: row.id, base: row.base, author: row.author.clone(), note: row.note.clone(), version: row.version, before, files })
    }

    pub fn to_keep(&self) -> KeepDraft {
        let changed = Changed::between(&self.before, &self.files);
        KeepDraft {
            id: self.id,
            base: self.base,
            files: postcard::to_stdvec(&changed).unwrap_or_default(),
            author: self.author.clone(),
            note: market_bundle::note(&self.note),
            version: self.version,
        }
    }

    /// The same changes on another revision's files; or the files where both have changed the same, or more than values.
    pub fn moved_to(&self, revision: Revision, files: Bundle) -> Result<Self, Vec<String>> {
        let (ours, theirs) = (Changed::between(&self.before, &self.files), Changed::between(&self.before, &files));
        let (mut together, mut in_both) = (ours.clone(), Vec::new());
        for (path, text) in &ours.0 {
            let Some(other) = theirs.0.get(path).filter(|other| *other != text) else { continue };
            let of_both = || merged(self.before.files.get(path)?, text.as_deref()?, other.as_deref()?);
            match of_both() {
                Some(text) => drop(together.0.insert(path.clone(), Some(text))),
                None => in_both.push(path.clone()),
            }
        }
        if in_both.is_empty() { Ok(Self { base: revision, files: together.over(&files), before: files, ..self.clone() }) } else { Err(in_both) }
    }
}

#[cfg(test)]
mod tests {
    use exchange::time::Timestamp;

    use super::*;

    fn bundle(files: &[(&str, &str)]) -> Bundle {
        Bundle { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    #[test]
    fn a_draft_reads_back_and_moves_where_nothing_is_in_its_way() {
        let base = bundle(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let mut draft = Draft::new(Revision(1), base.clone(), "ann".into());
        draft.files = bundle(&[("a", "2"), ("b", "1"), ("d", "1")]);
        let kept = draft.to_keep();
        let row =
            DraftRow { id: kept.id, base: kept.base, files: kept.files, author: kept.author, note: kept.note, version: 1, changed_at: Timestamp::default() };
        assert_eq!(Draft::read(&row, base.clone()), Some(Draft { version: 1, ..draft.clone() }));
        let moved = draft.moved_to(Revision(2), bundle(&[("a", "1"), ("b", "9"), ("c", "1")])).unwrap();
        assert_eq!((moved.base, moved.files), (Revision(2), bundle(&[("a", "2"), ("b", "9"), ("d", "1")])));
        assert_eq!(draft.moved_to(Revision(2), bundle(&[("a", "3"), ("b", "1"), ("c", "1")])), Err(vec!["a".to_owned()]));
        assert!(draft.moved_to(Revision(2), bundle(&[("a", "2"), ("b", "1"), ("c", "1")])).is_ok(), "the very same change");
    }
}
