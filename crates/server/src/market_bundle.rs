//! A stored bundle of market files, and the market that it says.

use exchange::{
    command::{ApplyMarket, Operation},
    id::Revision,
    market::{Market, MarketParts},
};
use store::{ReadError, Reader};
use wire::market::{Bundle, Problem};

use crate::readers::ReadFailed;

#[derive(Debug, thiserror::Error)]
pub enum NoMarket {
    #[error(transparent)]
    Store(#[from] ReadFailed),
    #[error("revision {0} is not in the store")]
    Missing(Revision),
    #[error("revision {0} can't be read: {1}")]
    Unreadable(Revision, String),
}

/// How a bundle is kept in the store.
pub fn to_bytes(bundle: &Bundle) -> Vec<u8> {
    postcard::to_stdvec(bundle).unwrap_or_default()
}

pub fn from_bytes(bytes: &[u8]) -> Option<Bundle> {
    postcard::from_bytes(bytes).ok()
}

/// Makes a market the new revision. What was read of it is kept beside its text, where it has such a form.
pub fn application(bundle: &Bundle, parts: MarketParts, base: Option<Revision>, author: String, note: String) -> Operation {
    let bundle = to_bytes(bundle);
    let kept = wire::market::keep(parts, &bundle).unwrap_or_default();
    Operation::ApplyMarket(ApplyMarket { bundle, kept, base, author, note, draft: None })
}

/// The longest note of a revision, in characters.
pub const MOST_NOTE: usize = 500;

/// A note as it is kept: one that is too long is cut, and nothing in it breaks a line of a list.
pub fn note(text: &str) -> String {
    text.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MOST_NOTE).collect()
}

/// What the history says of an old revision that is in force again.
pub fn rollback_note(to: Revision, said: &str) -> String {
    let said = note(said);
    if said.is_empty() { format!("rolled back to revision {to}") } else { format!("rolled back to revision {to}: {said}") }
}

/// A stored revision: the text, and what is kept beside it.
#[derive(Debug)]
pub struct Stored {
    revision: Revision,
    bytes: Vec<u8>,
    kept: Vec<u8>,
}

impl Stored {
    pub fn read(reader: &mut dyn Reader, revision: Revision) -> Result<Option<Self>, ReadError> {
        let Some(bytes) = reader.bundle(revision)? else { return Ok(None) };
        Ok(Some(Self { revision, bytes, kept: reader.kept_market(revision)?.unwrap_or_default() }))
    }

    /// Takes seconds for a large market that has to be read from its text.
    pub fn market(&self) -> Result<Market, NoMarket> {
        match wire::market::read_kept(&self.kept, &self.bytes) {
            Some(parts) => Ok(Market::new(self.revision, parts)),
            None => parse(self.revision, &self.bytes),
        }
    }
}

fn parse(revision: Revision, bytes: &[u8]) -> Result<Market, NoMarket> {
    let bundle = from_bytes(bytes).ok_or_else(|| NoMarket::Unreadable(revision, "it is no bundle of market files".into()))?;
    let (parts, _) = wire::market::read(&bundle).map_err(|problems| NoMarket::Unreadable(revision, first_of(&problems)))?;
    Ok(Market::new(revision, parts))
}

fn first_of(problems: &[Problem]) -> String {
    problems.first().map(ToString::to_string).unwrap_or_default()
}
