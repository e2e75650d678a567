//! A stored bundle of market files, and the market that it says.

use exchange::{id::Revision, market::Market};
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

pub fn parse(revision: Revision, bytes: &[u8]) -> Result<Market, NoMarket> {
    let bundle = from_bytes(bytes).ok_or_else(|| NoMarket::Unreadable(revision, "it is no bundle of market files".into()))?;
    let (parts, _) = wire::market::read(&bundle).map_err(|problems| NoMarket::Unreadable(revision, first_of(&problems)))?;
    Ok(Market::new(revision, parts))
}

fn first_of(problems: &[Problem]) -> String {
    problems.first().map(ToString::to_string).unwrap_or_default()
}
