//! Notices to suppliers: every node tries those that are due, and the store decides who comes first.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use exchange::{
    command::{Command, Outcome},
    id::SupplierName,
    market::Market,
    notice::{NoteTry, Notice, NoticeState, TakeNotice, TryResult},
    supplier::Supplier,
};
use futures_util::{StreamExt, stream};
use store::NoticeRow;
use wire::notice::notice_body;

use crate::{
    busy::{Busy, Turn},
    clock,
    egress::{Callee, WhenOpen},
    metrics as figures,
    node::Node,
    webhooks::{MOST_UNDER_WAY, Webhook},
};

/// How often it is looked which are due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Notices to one supplier in one round.
const MOST: u32 = 64;

/// Tells suppliers what is due, until the process ends. Each one's notices are told by themselves: one that is silent holds up no other's.
pub async fn tell(node: Arc<Node>) {
    let busy = Busy::default();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        for (supplier, rows) in due_by_supplier(&node).await {
            if let Some(turn) = busy.begin(&supplier) {
                tokio::spawn(tell_all(Arc::clone(&node), rows, turn));
            }
        }
    }
}

async fn due_by_supplier(node: &Node) -> BTreeMap<SupplierName, Vec<NoticeRow>> {
    let due = node.readers.read(|reader| reader.due_notices(clock::now(), MOST)).await;
    let due = due.inspect_err(|error| tracing::error!(%error, "notices to suppliers could not be read")).unwrap_or_default();
    let mut by_supplier: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in due {
        by_supplier.entry(row.supplier.clone()).or_default().push(row);
    }
    by_supplier
}

async fn tell_all(node: Arc<Node>, rows: Vec<NoticeRow>, turn: Turn<SupplierName>) {
    stream::iter(rows).for_each_concurrent(MOST_UNDER_WAY, |row| try_once(&node, row)).await;
    drop(turn);
}

async fn try_once(node: &Node, row: NoticeRow) {
    let Some(market) = node.market() else { return };
    let (notice, tries) = (row.notice.id, row.tries);
    let taken = node.writer.apply(Command::TakeNotice(TakeNotice { notice, tries })).await;
    if !matches!(taken, Ok(Outcome::Done)) {
        return;
    }
    let result = match market.supplier(&row.supplier).filter(|supplier| supplier.notify_url.is_some()) {
        Some(supplier) => call(node, &market, supplier, &row.notice).await,
        None => TryResult::Unwanted,
    };
    match node.writer.apply(Command::NoteTry(NoteTry { notice, tries, result: result.clone() })).await {
        Ok(Outcome::Noted(state)) => count(&row, &result, state),
        Ok(other) => tracing::error!(%notice, ?other, "what came of a notice could not be noted"),
        Err(error) => tracing::error!(%notice, %error, "what came of a notice could not be noted"),
    }
}

fn count(row: &NoticeRow, result: &TryResult, state: NoticeState) {
    let (notice, supplier) = (row.notice.id, &row.supplier);
    let outcome = match (result, state) {
        (TryResult::Delivered, _) => "delivered",
        (TryResult::Unwanted, _) => "unwanted",
        (TryResult::Failed(why), NoticeState::GivenUp) => {
            tracing::warn!(%supplier, %notice, %why, "a supplier could not be told of its lead for three days: the notice is given up");
            "given_up"
        }
        (TryResult::Failed(why), _) => {
            tracing::debug!(%supplier, %notice, %why, "a supplier could not be told of its lead; it is tried again");
            "failed"
        }
    };
    figures::noticed(supplier, outcome);
}

async fn call(node: &Node, market: &Market, supplier: &Supplier, notice: &Notice) -> TryResult {
    let Some(url) = &supplier.notify_url else { return TryResult::Unwanted };
    let webhook = Webhook {
        callee: Callee::Supplier(supplier.name.clone()),
        url,
        id: notice.id.to_string(),
        secret: supplier.notify_secret.as_ref(),
        body: notice_body(notice, market.currency()),
        when_open: WhenOpen::Skip,
    };
    webhook.send(&node.egress, market).await
}
