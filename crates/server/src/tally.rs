//! Running figures of each buyer, for the live table: what this node has seen since it started.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use exchange::{
    call::{PingReply, PostReply},
    id::BuyerName,
};

#[derive(Clone, Copy, Debug, Default)]
pub struct BuyerTally {
    pub pings: u64,
    pub bids: u64,
    pub failures: u64,
    pub posts: u64,
    pub accepted: u64,
    pub ping_time: Duration,
}

impl BuyerTally {
    /// The mean time to answer a ping.
    pub fn mean_ping_time(&self) -> Option<Duration> {
        u32::try_from(self.pings).ok().and_then(|pings| self.ping_time.checked_div(pings))
    }
}

#[derive(Default)]
pub struct Tally {
    of: Mutex<BTreeMap<BuyerName, BuyerTally>>,
}

impl Tally {
    pub fn pinged(&self, buyer: &BuyerName, reply: &PingReply, took: Duration) {
        self.count(buyer, |tally| {
            tally.pings += 1;
            tally.ping_time += took;
            match reply {
                PingReply::Bid(_) => tally.bids += 1,
                PingReply::NoBid(_) => {}
                PingReply::Failed(_) => tally.failures += 1,
            }
        });
    }

    pub fn posted(&self, buyer: &BuyerName, reply: &PostReply) {
        self.count(buyer, |tally| {
            tally.posts += 1;
            tally.accepted += u64::from(matches!(reply, PostReply::Accepted { .. }));
        });
    }

    fn count(&self, buyer: &BuyerName, count: impl FnOnce(&mut BuyerTally)) {
        count(self.of.lock().unwrap_or_else(PoisonError::into_inner).entry(buyer.clone()).or_default());
    }

    pub fn snapshot(&self) -> BTreeMap<BuyerName, BuyerTally> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
