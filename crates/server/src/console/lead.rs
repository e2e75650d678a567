//! `/console/leads/{id}` and `/console/pings/{id}`: what happened to a lead, and why, on one page.

mod answer;
mod auctions;
mod contact;
mod names;
mod price;
mod view;
mod waterfall;
mod why_not;

#[cfg(test)]
pub mod sample;

pub use self::contact::reveal;

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use exchange::id::{LeadId, PingId};

use super::{
    failed::Failed,
    reply::{self, Reply},
    visitor::Visitor,
};
use crate::{
    market_bundle::NoMarket,
    node::Node,
    trace::{self, Story, TraceError},
};

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let lead: LeadId = id.parse().map_err(|_| unknown())?;
    let story = story(&node, lead.to_string()).await?;
    let extras = contact::read(&node, lead).await?;
    reply::page(&view::of(&node, &visitor, story, Some(extras)))
}

/// A ping that was posted is told by its lead.
pub async fn ping(State(node): State<Arc<Node>>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let ping: PingId = id.parse().map_err(|_| unknown())?;
    let story = story(&node, ping.to_string()).await?;
    match &story.life.lead {
        Some(lead) => reply::go_to(&format!("/console/leads/{}", lead.lead)),
        None => reply::page(&view::of(&node, &visitor, story, None)),
    }
}

/// The contracts that were passed over for one kind of reason, page by page: a tree may have ten thousand.
pub async fn contracts(State(node): State<Arc<Node>>, visitor: Visitor, Path(id): Path<String>, RawQuery(query): RawQuery) -> Reply {
    let query = query.unwrap_or_default();
    let said = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    let from = said("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let story = story(&node, id.clone()).await?;
    let view = view::contracts(&visitor, &story, &id, &said("why").unwrap_or_default(), from);
    reply::page(&view.ok_or_else(|| Failed::not_found("No contract was passed over for that reason."))?)
}

fn unknown() -> Failed {
    Failed::not_found("Nothing is known of a lead or ping of this id. It may have been refused before it was stored, or be of another exchange.")
}

async fn story(node: &Arc<Node>, id: String) -> Result<Story, Failed> {
    let of_node = Arc::clone(node);
    let runtime = tokio::runtime::Handle::current();
    // It may wait for a record that is on its way.
    let told = tokio::task::spawn_blocking(move || {
        let market_of = |revision| runtime.block_on(of_node.market_of(revision));
        trace::story(&of_node.page_readers, &id, market_of)
    });
    told.await.map_err(|_| Failed::Unavailable)?.map_err(failed)
}

fn failed(error: TraceError) -> Failed {
    match error {
        TraceError::NotAnId(_) | TraceError::Unknown(_) => unknown(),
        TraceError::Store(error) => error.into(),
        TraceError::Market(error) => no_market(&error),
    }
}

fn no_market(error: &NoMarket) -> Failed {
    tracing::error!(%error, "the market of a lead could not be read");
    Failed::Unavailable
}
