//! Figures of a period, read for a page, an answer, a command or a scrape alike; and what a node does in the background so that they are
//! there to read.

pub mod period;
pub mod report;

use std::{sync::Arc, time::Duration};

use exchange::{
    command::{Command, Outcome},
    figures::Keep,
};

use self::{period::Period, report::Report};
use crate::{clock, metrics, node::Node};

/// How often what the node counted is kept.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// How often it is looked what is over.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Between two days of an older store whose figures nobody kept: leads come first.
const CATCH_UP_EVERY: Duration = Duration::from_millis(200);

/// Keeps what the node counted, until the process ends.
pub async fn keep_tallies(node: Arc<Node>) {
    loop {
        tokio::time::sleep(KEEP_EVERY).await;
        keep_tallies_now(&node).await;
    }
}

pub async fn keep_tallies_now(node: &Node) {
    for tallies in node.tally.to_keep(node.id, clock::now()) {
        match node.writer.apply(Command::Keep(Keep::Tallies(tallies.clone()))).await {
            Ok(_) => node.tally.kept(tallies),
            Err(error) => tracing::warn!(%error, "what was counted of buyers and auctions could not be kept; it is tried again"),
        }
    }
}

/// Keeps what leads and ledger say of the quarters of an hour that are over, until the process ends. It is counted beside the writer; of
/// several nodes one comes first.
pub async fn keep_figures(node: Arc<Node>) {
    loop {
        let has_kept = keep_due(&node).await;
        tokio::time::sleep(if has_kept { CATCH_UP_EVERY } else { LOOK_EVERY }).await;
    }
}

/// Sets the gauges of the present day. What can't be read is left as it was.
pub async fn measure_today(node: &Node) {
    let Some(market) = node.market() else { return };
    let today = Period::today(clock::now(), &market.parts().time_zone);
    match node.page_readers.read(|reader| Report::read(reader, today, None)).await {
        Ok(report) => report.verticals.iter().for_each(|(vertical, of)| metrics::of_today(vertical, of)),
        Err(error) => tracing::warn!(%error, "today's figures could not be read"),
    }
}

async fn keep_due(node: &Node) -> bool {
    let due = match node.page_readers.read(|reader| reader.due_figures(clock::now())).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "figures could not be counted; it is tried again");
            None
        }
    };
    let Some(due) = due else { return false };
    match node.writer.apply(Command::Keep(Keep::Figures(due))).await {
        Ok(Outcome::Done) => true,
        // Another node has kept them.
        Ok(_) => false,
        Err(error) => {
            tracing::warn!(%error, "figures could not be kept; it is tried again");
            false
        }
    }
}
