//! Leads whose run was cut off, by a crash or a kill: they are ended from durable state alone, and nothing is resent.

use std::{sync::Arc, time::Duration};

use exchange::flow::recover::{Interrupted, Standing, recover};
use store::{SaleStatus, UnfinishedLead};

use crate::{clock, node::Node};

/// How often leads are looked for whose lease is over.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// At the start no run of this store is alive: every open lead was cut off.
pub async fn at_start(node: &Node) {
    recover_all(node, None).await;
}

pub async fn watch(node: Arc<Node>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        recover_all(&node, Some(clock::now())).await;
        // Also lets expired quotes go where nothing else is written.
        drop(node.writer.apply(exchange::command::Command::Sweep).await);
    }
}

async fn recover_all(node: &Node, lease_over_by: Option<exchange::time::Timestamp>) {
    let unfinished = match node.readers.read(move |reader| reader.unfinished(lease_over_by)).await {
        Ok(unfinished) => unfinished,
        Err(error) => return tracing::error!(%error, "unfinished leads could not be read"),
    };
    for lead in unfinished {
        let interrupted = interrupted(&lead);
        tracing::warn!(lead = %interrupted.lead, sales = interrupted.sales.len(), "a run was cut off; its lead is ended from what is durable");
        for command in recover(&interrupted) {
            if let Err(error) = node.writer.apply(command).await {
                tracing::error!(%error, lead = %interrupted.lead, "a lead could not be recovered; it is tried again");
                break;
            }
        }
    }
}

fn interrupted(unfinished: &UnfinishedLead) -> Interrupted {
    let standing = |status: SaleStatus| match status {
        SaleStatus::Reserved => Standing::Held,
        SaleStatus::Posted => Standing::Posted,
        SaleStatus::Unknown => Standing::Unknown,
        SaleStatus::Sold | SaleStatus::Returned => Standing::Sold,
        SaleStatus::Void => Standing::Void,
    };
    Interrupted {
        lead: unfinished.lead.lead,
        fence: unfinished.lead.fence,
        sales: unfinished.sales.iter().map(|sale| (sale.sale, standing(sale.status))).collect(),
    }
}
