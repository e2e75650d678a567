//! Running figures of each buyer, for the live table: what this node has seen since it started.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
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
    of: Mutex<BTreeMap<BuyerName, OfBuyer>>,
}

/// The running figures of one buyer. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct OfBuyer(Arc<Mutex<BuyerTally>>);

impl OfBuyer {
    pub fn pinged(&self, reply: &PingReply, took: Duration) {
        self.count(|tally| {
            tally.pings += 1;
            tally.ping_time += took;
            match reply {
                PingReply::Bid(_) => tally.bids += 1,
                PingReply::NoBid(_) => {}
                PingReply::Failed(_) => tally.failures += 1,
            }
        });
    }

    pub fn posted(&self, reply: &PostReply) {
        self.count(|tally| {
            tally.posts += 1;
            tally.accepted += u64::from(matches!(reply, PostReply::Accepted { .. }));
        });
    }

    fn count(&self, count: impl FnOnce(&mut BuyerTally)) {
        count(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn now(&self) -> BuyerTally {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    pub fn of(&self, buyer: &BuyerName) -> OfBuyer {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).entry(buyer.clone()).or_default().clone()
    }

    pub fn snapshot(&self) -> BTreeMap<BuyerName, BuyerTally> {
        let of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        of.iter().map(|(buyer, tally)| (buyer.clone(), tally.now())).collect()
    }
}
