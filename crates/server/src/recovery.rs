//! What durable state alone says must be done: the node says that it lives, leads whose run was cut off are taken over, and sales
//! that nobody knows of are looked at again. Every node does this for all of them; the store decides who comes first.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::{
    command::{Beat, Command, StoreUnknown, TakeOver, TakenBy},
    flow::reconcile::{LookStart, Source, UnknownSale},
    id::{BuyerName, LeadId},
};
use futures_util::{StreamExt, stream};
use store::UnknownRow;

use crate::{
    busy::{Busy, Turn},
    clock::{self, Stopwatch},
    driver,
    node::Node,
};

/// How often it is looked what is to be done.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A node that hasn't said for so long that it lives is dead, and its leads are taken over.
const LIVES: Duration = Duration::from_secs(10);
/// Leads taken over in one round.
const MOST_TAKEN_OVER: u32 = 256;
/// Sales of one buyer looked at in one round, and at the same time.
const MOST_LOOKS: u32 = 64;
const MOST_LOOKS_UNDER_WAY: usize = 4;

/// A node that is alone on its store is known to live until another one takes the store.
const LIVES_ALONE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// At the start: nothing is taken in before the node is known to live. One alone on its store knows that every other is dead.
pub async fn at_start(node: &Node, alone: bool) -> Result<(), StoreUnknown> {
    let lives = if alone { LIVES_ALONE } else { LIVES };
    node.writer.apply(Command::Beat(Beat { node: node.id, lives, alone })).await?;
    take_over_all(node).await;
    Ok(())
}

/// When a node that shares its store last said that it lives, and was heard.
#[derive(Clone)]
pub struct Pulse(Arc<Mutex<Stopwatch>>);

impl Pulse {
    pub fn now() -> Self {
        Self(Arc::new(Mutex::new(Stopwatch::start())))
    }

    fn is_fresh(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < LIVES / 2
    }
}

/// Says that the node lives, until the process ends. By itself: whatever else takes its time must not make a living node look dead.
pub async fn beat(node: Arc<Node>, pulse: Pulse) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let watch = Stopwatch::start();
        match node.writer.apply(Command::Beat(Beat { node: node.id, lives: LIVES, alone: false })).await {
            Ok(_) => *pulse.0.lock().unwrap_or_else(PoisonError::into_inner) = watch,
            Err(error) => tracing::warn!(%error, "the node couldn't say that it lives"),
        }
    }
}

/// Takes over what others left, until the process ends. A node that isn't sure that it is known to live leaves that to others:
/// it would end its own runs. One that is alone on its store has no pulse.
pub async fn watch(node: Arc<Node>, pulse: Option<Pulse>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // Lets expired quotes go where nothing else is written, and forgets what is too old.
        drop(node.writer.apply(Command::Sweep).await);
        if pulse.as_ref().is_none_or(Pulse::is_fresh) {
            take_over_all(&node).await;
        }
    }
}

/// Looks at sales that are due for it, until the process ends. Each buyer's are looked at by themselves: one that is silent holds
/// up no other's.
pub async fn reconcile(node: Arc<Node>) {
    let busy = Busy::default();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        for (buyer, rows) in due_by_buyer(&node).await {
            if let Some(turn) = busy.begin(&buyer) {
                tokio::spawn(look_at_all(Arc::clone(&node), rows, turn));
            }
        }
    }
}

async fn take_over_all(node: &Node) {
    let lapsed = node.readers.read(|reader| reader.lapsed(clock::now(), MOST_TAKEN_OVER)).await;
    let lapsed = lapsed.inspect_err(|error| tracing::error!(%error, "leads that were cut off could not be read")).unwrap_or_default();
    for lead in lapsed {
        take_over(node, lead).await;
    }
}

async fn take_over(node: &Node, lead: LeadId) {
    tracing::warn!(%lead, "a run was cut off; its lead is ended from what is durable");
    if let Err(error) = node.writer.apply(Command::TakeOver(TakeOver { lead, by: TakenBy::Anybody })).await {
        tracing::error!(%error, %lead, "a lead could not be taken over; it is tried again");
    }
}

async fn due_by_buyer(node: &Node) -> BTreeMap<BuyerName, Vec<UnknownRow>> {
    let due = node.readers.read(|reader| reader.due_unknown(clock::now(), MOST_LOOKS)).await;
    let due = due.inspect_err(|error| tracing::error!(%error, "sales that nobody knows of could not be read")).unwrap_or_default();
    let mut by_buyer: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in due {
        by_buyer.entry(row.sale.buyer.clone()).or_default().push(row);
    }
    by_buyer
}

async fn look_at_all(node: Arc<Node>, rows: Vec<UnknownRow>, turn: Turn<BuyerName>) {
    stream::iter(rows).for_each_concurrent(MOST_LOOKS_UNDER_WAY, |row| look_at(&node, row)).await;
    drop(turn);
}

async fn look_at(node: &Arc<Node>, row: UnknownRow) {
    let sale = row.sale.sale;
    let Some(start) = look_start(node, row, Source::Asked).await else { return };
    if let Err(error) = driver::look(node, start, None).await {
        tracing::error!(%error, %sale, "a sale that nobody knows of could not be looked at");
    }
}

/// None where the market of the lead's auction can't be had.
pub async fn look_start(node: &Node, row: UnknownRow, source: Source) -> Option<LookStart> {
    let UnknownRow { sale, lead, age } = row;
    let market = node.market_of(lead.revision).await;
    let market = market.inspect_err(|error| tracing::error!(%error, sale = %sale.sale, "the market of a sale could not be had")).ok()?;
    let present = node.market();
    let contract = present.as_ref().and_then(|present| present.contract_named(&sale.contract)).or_else(|| market.contract_named(&sale.contract));
    let policy = contract.and_then(|contract| contract.unknown);
    let endpoint = present.as_ref().and_then(|present| present.buyer_named(&sale.buyer)).map(|buyer| buyer.endpoint.clone());
    let unknown = UnknownSale { sale: sale.sale, terms: sale.post_terms(), contract: sale.contract, confirmed: sale.confirmed, looks: sale.looks, age };
    Some(LookStart { market, vertical: lead.vertical, test: lead.test, attributes: lead.attributes, unknown, endpoint, policy, source })
}
