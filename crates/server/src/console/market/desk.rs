//! What the pages of the market work on: the files in force, drafts, and the way to change either.

use std::sync::Arc;

use exchange::{
    command::{Command, Operation, Outcome},
    id::{DraftId, Revision},
    market::Market,
};
use store::{DraftRow, ReadError, Reader};
use wire::market::Bundle;

use super::super::{change, failed::Failed, visitor::Visitor};
use crate::{market_bundle, market_draft::Draft, node::Node};

/// The newest revision's files.
pub struct InForce {
    pub revision: Revision,
    pub files: Bundle,
}

pub fn market(node: &Node) -> Result<Arc<Market>, Failed> {
    node.market().ok_or_else(|| Failed::not_found("There is no market yet: apply one with `pingpost apply`."))
}

pub async fn in_force(node: &Node) -> Result<InForce, Failed> {
    let read = |reader: &mut dyn Reader| -> Result<_, ReadError> {
        let Some(revision) = reader.newest_revision()? else { return Ok(None) };
        Ok(reader.bundle(revision)?.map(|bytes| (revision, bytes)))
    };
    let (revision, bytes) = node.readers.read(read).await?.ok_or_else(|| Failed::not_found("There is no market yet: apply one with `pingpost apply`."))?;
    Ok(InForce { revision, files: readable(revision, &bytes)? })
}

pub async fn files_of(node: &Node, revision: Revision) -> Result<Bundle, Failed> {
    let bytes = node.readers.read(move |reader| reader.bundle(revision)).await?.ok_or_else(|| Failed::not_found("There is no such revision."))?;
    readable(revision, &bytes)
}

fn readable(revision: Revision, bytes: &[u8]) -> Result<Bundle, Failed> {
    market_bundle::from_bytes(bytes).ok_or_else(|| {
        tracing::error!(%revision, "a revision's files can't be read");
        Failed::Unavailable
    })
}

pub async fn draft(node: &Node, id: DraftId) -> Result<Draft, Failed> {
    let row = node.readers.read(move |reader| reader.draft(id)).await?.ok_or_else(|| Failed::not_found("This draft was applied or discarded."))?;
    whole(node, &row).await
}

/// The draft that a person works on: the one changed last.
pub async fn draft_of(node: &Node, visitor: &Visitor) -> Result<Option<Draft>, Failed> {
    let author = visitor.person.to_string();
    let row = node.readers.read(|reader| reader.drafts()).await?.into_iter().find(|row| row.author == author);
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
    Ok(Draft::new(in_force.revision, in_force.files, visitor.person.to_string()))
}

pub async fn keep(node: &Node, visitor: &Visitor, draft: &Draft) -> Result<(), Failed> {
    match operate(node, visitor, Operation::KeepDraft(draft.to_keep())).await? {
        Outcome::DraftKept(_) => Ok(()),
        _ => Err(Failed::Unavailable),
    }
}

async fn whole(node: &Node, row: &DraftRow) -> Result<Draft, Failed> {
    let before = files_of(node, row.base).await?;
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
