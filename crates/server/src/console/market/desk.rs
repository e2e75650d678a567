//! What the pages of the market work on: the files in force, drafts, and the way to change either.

use std::sync::{Arc, Mutex, PoisonError};

use exchange::{
    command::{Command, Operation, Outcome},
    id::{DraftId, Revision},
    market::Market,
    time::Timestamp,
};
use store::{DraftRow, ReadError, Reader};
use wire::market::{Bundle, Document, InFile, Thing};

use super::super::{change, failed::Failed, visitor::Visitor};
use crate::{market_bundle, market_draft::Draft, node::Node};

/// A revision's files.
pub struct Files {
    pub revision: Revision,
    pub files: Bundle,
}

pub fn market(node: &Node) -> Result<Arc<Market>, Failed> {
    node.market().ok_or_else(|| Failed::not_found("There is no market yet: apply one with `pingpost apply`."))
}

/// What was looked at last. The files of a large market take milliseconds to read, and who edits them opens page after page.
#[derive(Default)]
pub struct LookedAt {
    /// The newest revision's files, and when it was applied.
    newest: Mutex<Option<(Timestamp, Arc<Files>)>>,
    /// Files' texts, and what was read of each: the last looked at first.
    documents: Mutex<Vec<(String, Arc<Document>)>>,
}

/// People look at different buyers at the same time.
const MOST_DOCUMENTS: usize = 8;

impl LookedAt {
    /// A thing as its file has it.
    pub fn thing<'t>(&self, thing: &'t Thing, files: &Bundle) -> Option<InFile<'t>> {
        let text = files.files.get(&thing.file())?;
        thing.in_document(self.document(text)?)
    }

    fn document(&self, text: &str) -> Option<Arc<Document>> {
        let documents = || self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let known = {
            let mut documents = documents();
            documents.iter().position(|(known, _)| known == text).map(|place| {
                documents[..=place].rotate_right(1);
                Arc::clone(&documents[0].1)
            })
        };
        if known.is_some() {
            return known;
        }
        // Nobody waits for it but who asks.
        let document = Arc::new(Document::of(text)?);
        let forgotten = {
            let mut documents = documents();
            documents.insert(0, (text.to_owned(), Arc::clone(&document)));
            let kept = documents.len().min(MOST_DOCUMENTS);
            documents.split_off(kept)
        };
        drop(forgotten);
        Some(document)
    }
}

pub async fn in_force(node: &Node) -> Result<Arc<Files>, Failed> {
    newest_or(node, None).await?.ok_or_else(|| Failed::not_found("There is no market yet: apply one with `pingpost apply`."))
}

pub async fn files_of(node: &Node, revision: Revision) -> Result<Arc<Files>, Failed> {
    newest_or(node, Some(revision)).await?.ok_or_else(|| Failed::not_found("There is no such revision."))
}

/// Of the newest revision from memory, if that was looked at before. When it was applied tells it from another of its number, which a
/// store that was restored may have.
async fn newest_or(node: &Node, wanted: Option<Revision>) -> Result<Option<Arc<Files>>, Failed> {
    let known = node.looked_at.newest.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let read = move |reader: &mut dyn Reader| -> Result<_, ReadError> {
        let Some(newest) = reader.recent_revisions(1)?.pop() else { return Ok(None) };
        let revision = wanted.unwrap_or(newest.revision);
        let applied_at = (revision == newest.revision).then_some(newest.applied_at);
        match known.filter(|(at, files)| files.revision == revision && Some(*at) == applied_at) {
            Some((_, files)) => Ok(Some(Found::Known(files))),
            None => Ok(reader.bundle(revision)?.map(|bytes| Found::Bytes(revision, applied_at, bytes))),
        }
    };
    let (revision, applied_at, bytes) = match node.page_readers.read(read).await? {
        None => return Ok(None),
        Some(Found::Known(files)) => return Ok(Some(files)),
        Some(Found::Bytes(revision, applied_at, bytes)) => (revision, applied_at, bytes),
    };
    let files = Arc::new(Files { revision, files: readable(revision, &bytes)? });
    if let Some(at) = applied_at {
        let before = node.looked_at.newest.lock().unwrap_or_else(PoisonError::into_inner).replace((at, Arc::clone(&files)));
        drop(before);
    }
    Ok(Some(files))
}

enum Found {
    Known(Arc<Files>),
    /// With when it was applied, if it is the newest.
    Bytes(Revision, Option<Timestamp>, Vec<u8>),
}

fn readable(revision: Revision, bytes: &[u8]) -> Result<Bundle, Failed> {
    market_bundle::from_bytes(bytes).ok_or_else(|| {
        tracing::error!(%revision, "a revision's files can't be read");
        Failed::Unavailable
    })
}

pub async fn draft(node: &Node, id: DraftId) -> Result<Draft, Failed> {
    let row = node.page_readers.read(move |reader| reader.draft(id)).await?.ok_or_else(|| Failed::not_found("This draft was applied or discarded."))?;
    whole(node, &row).await
}

/// The draft that a person works on: the one changed last.
pub async fn draft_of(node: &Node, visitor: &Visitor) -> Result<Option<Draft>, Failed> {
    let author = visitor.person.to_string();
    let row = node.page_readers.read(|reader| reader.drafts()).await?.into_iter().find(|row| row.author == author);
    match row {
        Some(row) => whole(node, &row).await.map(Some),
        None => Ok(None),
    }
}

/// That draft, or a new one of what is in force.
pub async fn draft_or_new(node: &Node, visitor: &Visitor) -> Result<Draft, Failed> {
    if let Some(draft) = draft_of(node, visitor).await? {
        return Ok(draft);
    }
    let in_force = in_force(node).await?;
    Ok(Draft::new(in_force.revision, in_force.files.clone(), visitor.person.to_string()))
}

pub async fn keep(node: &Node, visitor: &Visitor, draft: &Draft) -> Result<(), Failed> {
    match operate(node, visitor, Operation::KeepDraft(draft.to_keep())).await? {
        Outcome::DraftKept(_) => Ok(()),
        _ => Err(Failed::Unavailable),
    }
}

async fn whole(node: &Node, row: &DraftRow) -> Result<Draft, Failed> {
    let before = files_of(node, row.base).await?.files.clone();
    Draft::read(row, before).ok_or_else(|| {
        tracing::error!(draft = %row.id, "a draft can't be read");
        Failed::Unavailable
    })
}

/// Has an operation done, written down as this person's.
pub async fn operate(node: &Node, visitor: &Visitor, operation: Operation) -> Result<Outcome, Failed> {
    match change::apply(node, visitor, Command::Operate(operation)).await? {
        Outcome::Conflict(why) => Err(Failed::Refused(format!("It can't be done: {why}."))),
        outcome => Ok(outcome),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_until_it_changes() {
        let (looked_at, mut files) = (LookedAt::default(), crate::demo::sample::market(9001));
        let thing = Thing::Buyer(files.files.keys().find_map(|path| path.strip_prefix("buyers/")?.strip_suffix(".toml")?.parse().ok()).unwrap());
        let credit = thing.terms().iter().find(|term| term.key == "credit").unwrap();
        let shown = |files: &Bundle| looked_at.thing(&thing, files).unwrap().shown(credit).unwrap();
        let read = || Arc::as_ptr(&looked_at.documents.lock().unwrap()[0].1);
        let (before, first) = (shown(&files), read());
        assert_eq!((shown(&files), read()), (before.clone(), first));
        thing.set(&mut files, credit, "12345").unwrap();
        assert_ne!(before, "12345");
        assert_eq!(shown(&files), "12345");
        assert!(looked_at.thing(&Thing::Buyer("nobody".parse().unwrap()), &files).is_none());
    }

    #[test]
    fn the_files_looked_at_last_are_read_once() {
        let looked_at = LookedAt::default();
        let text = |number: usize| format!("label = \"{number}\"\n");
        let look = |number: usize| looked_at.document(&text(number)).unwrap();
        let all: Vec<Arc<Document>> = (0..MOST_DOCUMENTS).map(look).collect();
        for (number, first) in all.iter().enumerate() {
            assert!(Arc::ptr_eq(first, &look(number)), "{number}");
        }
        // The first was looked at again last of all, so the second makes room.
        look(0);
        look(MOST_DOCUMENTS);
        assert!(Arc::ptr_eq(&all[0], &look(0)) && !Arc::ptr_eq(&all[1], &look(1)));
        assert!(looked_at.document("label = ").is_none(), "no TOML");
    }
}
