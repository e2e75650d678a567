//! `/console/live`: the exchange as it is now. The page is whole without a script; with it, its parts follow by server-sent events.

mod parts;

use std::{convert::Infallible, sync::Arc, time::Duration};

use askama::Template;
use axum::{
    extract::State,
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
};
use exchange::figures::{BuyerFigure, Figure};
use futures_util::{Stream, stream};
use tokio::{sync::OwnedSemaphorePermit, time::Interval};

use self::parts::Parts;
use super::{
    failed::Failed,
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    visitor::Visitor,
};
use crate::{live::NotLive, node::Node};

const EVERY: Duration = Duration::from_secs(1);
/// A stream ends after so long, and the browser asks for the next one: whether its person may still look is asked then.
const MOST_EVENTS: u32 = 120;

#[derive(Template)]
#[template(path = "console/live.html")]
struct View {
    frame: Frame,
    zone: String,
    currency: String,
    /// None before the first market.
    parts: Option<Parts>,
    definitions: Vec<(&'static str, &'static str)>,
    definitions_of_buyers: Vec<(&'static str, &'static str)>,
}

impl View {
    fn of(frame: Frame, node: &Node, parts: Option<Parts>) -> Self {
        let zone = node.market().and_then(|market| market.parts().time_zone.iana_name().map(str::to_owned));
        Self {
            frame,
            zone: zone.unwrap_or_default(),
            currency: node.currency().code().to_owned(),
            parts,
            definitions: Figure::ALL.map(|figure| (figure.label(), figure.definition())).into(),
            definitions_of_buyers: BuyerFigure::ALL.map(|figure| (figure.label(), figure.definition())).into(),
        }
    }
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let frame = Frame::of(&visitor, Place::Live);
    match node.live.now(node.market(), &node.page_readers).await {
        Ok(shot) => reply::page(&View::of(frame, &node, Some(Parts::of(&shot)))),
        Err(NotLive::NoMarket) => reply::page(&View::of(frame, &node, None)),
        Err(NotLive::Read(error)) => Err(error.into()),
    }
}

/// What has changed of the page's parts, each second.
pub async fn events(State(node): State<Arc<Node>>, _: Visitor) -> Reply {
    let place = node
        .live
        .watch()
        .ok_or_else(|| Failed::Refused("As many people watch as may at the same time. The page shows itself anew when it is opened again.".into()))?;
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let watcher = Watcher { node, _place: place, interval, shown: Parts::default(), left: MOST_EVENTS };
    Ok(Sse::new(changes(watcher)).keep_alive(KeepAlive::default()).into_response())
}

struct Watcher {
    node: Arc<Node>,
    _place: OwnedSemaphorePermit,
    interval: Interval,
    shown: Parts,
    left: u32,
}

fn changes(watcher: Watcher) -> impl Stream<Item = Result<Event, Infallible>> {
    let steps = stream::unfold(watcher, |mut watcher| async move {
        watcher.left = watcher.left.checked_sub(1)?;
        let events = watcher.next().await?;
        Some((stream::iter(events), watcher))
    });
    futures_util::StreamExt::flatten(steps)
}

impl Watcher {
    /// None when the node ends. A store that can't be read leaves the page as it is.
    async fn next(&mut self) -> Option<Vec<Result<Event, Infallible>>> {
        tokio::select! {
            _ = self.interval.tick() => {}
            () = self.node.live.ended() => return None,
        }
        let Ok(shot) = self.node.live.now(self.node.market(), &self.node.page_readers).await else { return Some(Vec::new()) };
        let parts = Parts::of(&shot);
        let events = parts.changed_since(&self.shown).map(|(part, html)| Ok(Event::default().event(part).data(html))).collect();
        self.shown = parts;
        Some(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let parts = Parts::of(&parts::sample());
        let definitions = vec![("Revenue", "What buyers were charged.")];
        let frame = frame::sample("operations", Place::Live);
        let view = View { frame, zone: "America/New_York".into(), currency: "USD".into(), parts: Some(parts), definitions, definitions_of_buyers: Vec::new() };
        insta::assert_snapshot!(frame::inside(&view.render().unwrap()));
    }

    #[test]
    fn before_the_first_market_it_says_what_to_do() {
        let frame = frame::sample("owner", Place::Live);
        let view = View { frame, zone: String::new(), currency: "USD".into(), parts: None, definitions: Vec::new(), definitions_of_buyers: Vec::new() };
        assert!(view.render().unwrap().contains("pingpost apply"));
    }
}
