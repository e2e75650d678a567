//! Taking up a new market revision without a restart.

use std::{sync::Arc, time::Duration};

use crate::{market_bundle::NoMarket, node::Node};

/// How often a node looks for a new revision, where nobody tells it of one.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Takes up the newest revision, if it is another one.
pub async fn take_up_newest(node: &Node) -> Result<(), NoMarket> {
    let Some(newest) = node.readers.read(|reader| reader.newest_revision()).await? else { return Ok(()) };
    if node.market().is_some_and(|market| market.revision() == newest) {
        return Ok(());
    }
    let market = node.market_of(newest).await?;
    let (next, present) = (Arc::clone(&market), node.market());
    // Long work where there are many contracts: no request waits behind it.
    if let Err(error) = tokio::task::spawn_blocking(move || next.prepare(present.as_deref())).await {
        tracing::error!(%error, "the index of the newest market was not made; the first run makes it");
    }
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
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = node.newer_market() => {}
        }
    }
}
