//! A stored bundle of market files, and the market that it says.

use exchange::{
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

/// What is kept beside the text: the market as it was read, where it has such a form.
pub fn kept(parts: MarketParts, bytes: &[u8]) -> Vec<u8> {
    wire::market::keep(parts, bytes).unwrap_or_default()
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
