//! Alerts: one node at a time looks at the figures for all, each minute, and tells what changed.

mod inputs;
mod telling;
mod told;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use exchange::{
    alerts::{AlertWay, Alerts, KeepAlerts, KeepWatch, changes, readings},
    command::{Command, Outcome},
    figures::Keep,
};

pub use self::told::AlertsTold;
use crate::{clock, node::Node, readers::ReadFailed};

/// How often the rules are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked what is to be told.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// A node that was silent for so long has lost the watch.
const WATCH_LIVES: Duration = Duration::from_secs(150);

/// Looks, until the process ends. The first look is at once: what went wrong while nobody watched is told soon.
pub async fn watch(node: Arc<Node>) {
    let mut looked = tokio::time::interval(LOOK_EVERY);
    loop {
        looked.tick().await;
        if has_watch(&node).await
            && let Err(error) = look(&node).await
        {
            tracing::warn!(%error, "the rules of alerts could not be looked at; it is tried again in a minute");
        }
    }
}

/// Tells, until the process ends.
pub async fn tell(node: Arc<Node>) {
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        // Only who watches tells, so that each is told by one.
        if telling::is_any_due(&node).await && has_watch(&node).await {
            telling::tell_due(&node).await;
        }
    }
}

async fn has_watch(node: &Node) -> bool {
    let watch = KeepWatch { node: node.id, lives: WATCH_LIVES };
    matches!(node.writer.apply(Command::Keep(Keep::Watch(watch))).await, Ok(Outcome::Done))
}

/// The node ends: another may watch at once.
pub async fn release(node: &Node) {
    let released = node.writer.apply(Command::Keep(Keep::Watch(KeepWatch { node: node.id, lives: Duration::ZERO }))).await;
    if let Err(error) = released {
        tracing::warn!(%error, "the watch over alerts could not be given up; another node takes it in a while");
    }
}

async fn look(node: &Node) -> Result<(), ReadFailed> {
    let Some(market) = node.market() else { return Ok(()) };
    let (of, room) = (Arc::clone(&market), node.disk.room());
    let (inputs, standing) = node
        .page_readers
        .read(move |reader| {
            let standing: BTreeSet<_> = reader.standing_alerts()?.into_iter().map(|alert| alert.key).collect();
            Ok((inputs::read(reader, &of, clock::now(), room)?, standing))
        })
        .await?;
    let alerts = &market.parts().alerts;
    let changes = changes(&standing, &readings(&alerts.rules, &inputs));
    if changes.raise.is_empty() && changes.clear.is_empty() {
        return Ok(());
    }
    for (alert, says) in &changes.raise {
        tracing::warn!(%alert, %says, "an alert is raised");
    }
    for alert in &changes.clear {
        tracing::info!(%alert, "an alert is cleared");
    }
    let keep = KeepAlerts { node: node.id, changes, ways: ways(alerts) };
    if let Err(error) = node.writer.apply(Command::Keep(Keep::Alerts(keep))).await {
        tracing::warn!(%error, "alerts could not be kept; it is tried again in a minute");
    }
    Ok(())
}

fn ways(alerts: &Alerts) -> Vec<AlertWay> {
    let webhook = alerts.webhook_url.as_ref().map(|_| AlertWay::Webhook);
    let mail = (!alerts.mail_to.is_empty()).then_some(AlertWay::Mail);
    webhook.into_iter().chain(mail).collect()
}
