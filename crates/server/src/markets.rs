//! From a stored bundle to a market, and taking up a new revision without a restart.

use std::{sync::Arc, time::Duration};

use exchange::market::{Market, Revision};
use wire::market::{Bundle, Problem};

use crate::{node::Node, readers::ReadFailed};

/// How often a node looks for a new revision.
const LOOK_EVERY: Duration = Duration::from_millis(200);

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

/// Takes up the newest revision, if it is another one.
pub async fn take_up_newest(node: &Node) -> Result<(), NoMarket> {
    let Some(newest) = node.readers.read(|reader| reader.newest_revision()).await? else { return Ok(()) };
    if node.market().is_some_and(|market| market.revision() == newest) {
        return Ok(());
    }
    let market = node.market_of(newest).await?;
    tracing::info!(revision = newest.0, contracts = market.parts().contracts.len(), "took up a market revision");
    metrics::gauge!("pingpost_market_revision").set(newest.0 as f64);
    node.set_market(market);
    Ok(())
}

/// Follows the store's newest revision until the node ends.
pub async fn follow(node: Arc<Node>) {
    loop {
        if let Err(error) = take_up_newest(&node).await {
            tracing::error!(%error, "the newest market was not taken up; the present one stays");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
