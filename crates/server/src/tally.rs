//! What this node counts of its own calls and runs: for the live table since it started, and for the store by quarter of an hour.
//!
//! Of what a node that is killed has counted, the last seconds are lost. Money and leads are never counted here: the ledger has them.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use exchange::{
    call::{CallFailure, PingReply, PostReply},
    figures::{Auctions, BuyerCounts, KeepTallies, Quarter},
    flow::Run,
    id::{BuyerName, NodeId, VerticalName},
    record::{Decision, RunKind, RunRecord},
    time::Timestamp,
};

#[derive(Default)]
pub struct Tally {
    buyers: Mutex<BTreeMap<BuyerName, OfBuyer>>,
    verticals: Mutex<BTreeMap<VerticalName, Auctions>>,
    keeping: Mutex<Keeping>,
}

/// What one buyer's calls came to. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct OfBuyer(Arc<Mutex<SinceStart>>);

#[derive(Debug, Default)]
struct SinceStart {
    /// Of the quarters of an hour that are over.
    past: BuyerCounts,
    present: BuyerCounts,
}

/// What of it the store has.
#[derive(Default)]
struct Keeping {
    quarter: Option<Quarter>,
    /// Of quarters that are over, and not known to be kept.
    over: Vec<KeepTallies>,
    kept: Option<KeepTallies>,
}

/// Quarters that wait for a store that doesn't write: the oldest are given up.
const MOST_WAITING: usize = 96;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OfBuyer {
    pub fn pinged(&self, reply: &PingReply, took: Duration) {
        let counts = &mut lock(&self.0).present;
        // A buyer that was spared a ping wasn't pinged.
        match reply {
            PingReply::Failed(CallFailure::Busy) => return counts.busy += 1,
            PingReply::Failed(CallFailure::CircuitOpen) => return counts.left_alone += 1,
            _ => counts.pings += 1,
        }
        counts.times.add(took);
        match reply {
            PingReply::Bid(_) => counts.bids += 1,
            PingReply::NoBid(_) => {}
            PingReply::Failed(failure) => {
                counts.failures += 1;
                counts.time_outs += u64::from(*failure == CallFailure::Timeout);
            }
        }
    }

    pub fn posted(&self, reply: &PostReply) {
        let counts = &mut lock(&self.0).present;
        counts.posts += u64::from(!matches!(reply, PostReply::Unsent(_)));
        counts.accepted += u64::from(matches!(reply, PostReply::Accepted { .. }));
        counts.rejected += u64::from(matches!(reply, PostReply::Rejected { .. }));
    }
}

impl Tally {
    pub fn of(&self, buyer: &BuyerName) -> OfBuyer {
        let mut buyers = lock(&self.buyers);
        match buyers.get(buyer) {
            Some(known) => known.clone(),
            None => buyers.entry(buyer.clone()).or_default().clone(),
        }
    }

    /// Counts a run that has ended.
    pub fn ended(&self, run: &Run) {
        if run.is_test() {
            return;
        }
        let (answered, auction) = (answered_ping(run.record()), auction_time(run.record()));
        if answered.is_none() && auction.is_none() {
            return;
        }
        let mut verticals = lock(&self.verticals);
        let counts = match verticals.get_mut(run.vertical()) {
            Some(known) => known,
            None => verticals.entry(run.vertical().clone()).or_default(),
        };
        counts.pings += u64::from(answered.is_some());
        counts.matched += u64::from(answered == Some(true));
        if let Some(took) = auction {
            counts.times.add(took);
        }
    }

    /// Since the node started.
    pub fn snapshot(&self) -> BTreeMap<BuyerName, BuyerCounts> {
        let all = |of: &OfBuyer| {
            let since = lock(&of.0);
            let mut all = since.past.clone();
            all += &since.present;
            all
        };
        lock(&self.buyers).iter().map(|(buyer, of)| (buyer.clone(), all(of))).collect()
    }

    /// What the store is to keep by now. What it has already is left out; what follows a clock that went back is counted on.
    pub fn to_keep(&self, node: NodeId, now: Timestamp) -> Vec<KeepTallies> {
        let mut keeping = lock(&self.keeping);
        let present = keeping.quarter.map_or(Quarter::of(now), |known| known.max(Quarter::of(now)));
        if let Some(over) = keeping.quarter.replace(present).filter(|known| *known < present) {
            keeping.over.push(self.counted(node, over, true));
            let too_many = keeping.over.len().saturating_sub(MOST_WAITING);
            keeping.over.drain(..too_many);
        }
        let running = self.counted(node, present, false);
        let is_news = keeping.kept.as_ref() != Some(&running);
        keeping.over.iter().cloned().chain(is_news.then_some(running)).filter(|tallies| !(tallies.buyers.is_empty() && tallies.verticals.is_empty())).collect()
    }

    /// The store has it.
    pub fn kept(&self, tallies: KeepTallies) {
        let mut keeping = lock(&self.keeping);
        keeping.over.retain(|over| *over != tallies);
        if keeping.quarter == Some(tallies.quarter) {
            keeping.kept = Some(tallies);
        }
    }

    /// With what is over, counting begins anew.
    fn counted(&self, node: NodeId, quarter: Quarter, is_over: bool) -> KeepTallies {
        let mut counted = KeepTallies { node, quarter, verticals: Vec::new(), buyers: Vec::new() };
        for (buyer, of) in &*lock(&self.buyers) {
            let since = &mut *lock(&of.0);
            let counts = since.present.clone();
            if is_over {
                since.past += &mem::take(&mut since.present);
            }
            if counts != BuyerCounts::default() {
                counted.buyers.push((buyer.clone(), counts));
            }
        }
        for (vertical, present) in &mut *lock(&self.verticals) {
            let counts = if is_over { mem::take(present) } else { present.clone() };
            if counts != Auctions::default() {
                counted.verticals.push((vertical.clone(), counts));
            }
        }
        counted
    }
}

/// Whether a ping was answered, and then whether with a price. None of a lead, and of a ping that another run had answered.
fn answered_ping(record: &RunRecord) -> Option<bool> {
    let answer = |decision: &Decision| match decision {
        Decision::Quoted { .. } => Some(true),
        Decision::Unsold { .. } => Some(false),
        _ => None,
    };
    let is_ping = record.kind == RunKind::Ping;
    record.decisions.iter().filter(|_| is_ping).find_map(|(_, decision)| answer(decision))
}

/// From the first tier's start to the winner, or to nobody. None where no tier was asked.
fn auction_time(record: &RunRecord) -> Option<Duration> {
    let mut decisions = record.decisions.iter();
    let (start, _) = decisions.find(|(_, decision)| matches!(decision, Decision::TierEntered { .. }))?;
    let is_end = |decision: &Decision| matches!(decision, Decision::Quoted { .. } | Decision::Reserving { .. } | Decision::Unsold { .. });
    let (end, _) = decisions.find(|(_, decision)| is_end(decision))?;
    Some(Duration::from_micros(end.0.saturating_sub(start.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pings(tally: &Tally, count: usize) {
        let acme = tally.of(&"acme".parse().unwrap());
        (0..count).for_each(|_| acme.pinged(&PingReply::NoBid(None), Duration::from_millis(3)));
    }

    fn kept(tally: &Tally, minutes: i64) -> Vec<(i64, u64)> {
        let now = Timestamp::from_micros(minutes * 60_000_000);
        let keep = tally.to_keep(NodeId::from_bytes([1; 16]), now);
        keep.iter().map(|tallies| (tallies.quarter.start().micros() / 60_000_000, tallies.buyers[0].1.pings)).collect()
    }

    #[test]
    fn each_quarter_is_kept_whole_and_until_the_store_has_it() {
        let tally = Tally::default();
        assert_eq!(kept(&tally, 1), [], "nothing is counted yet");
        pings(&tally, 2);
        assert_eq!(kept(&tally, 2), [(0, 2)]);
        pings(&tally, 1);
        let keep = tally.to_keep(NodeId::from_bytes([1; 16]), Timestamp::from_micros(0));
        keep.into_iter().for_each(|tallies| tally.kept(tallies));
        assert_eq!(kept(&tally, 3), [], "the store has it");
        pings(&tally, 1);
        assert_eq!(kept(&tally, 16), [(0, 4)], "what came up to now is of the quarter before");
        pings(&tally, 5);
        assert_eq!(kept(&tally, 17), [(0, 4), (15, 5)], "as long as the store hasn't it");
        assert_eq!(kept(&tally, 14), [(0, 4), (15, 5)], "a clock that goes back begins no quarter anew");
        assert_eq!(tally.snapshot().values().map(|counts| counts.pings).collect::<Vec<_>>(), [9]);
    }

    #[test]
    fn a_buyer_that_is_spared_a_ping_was_not_pinged() {
        let tally = Tally::default();
        let acme = tally.of(&"acme".parse().unwrap());
        for failure in [CallFailure::Busy, CallFailure::CircuitOpen, CallFailure::Timeout, CallFailure::Reset] {
            acme.pinged(&PingReply::Failed(failure), Duration::from_millis(1));
        }
        let counts = tally.snapshot().remove(&"acme".parse().unwrap()).unwrap();
        assert_eq!((counts.pings, counts.failures, counts.time_outs, counts.busy, counts.left_alone), (2, 2, 1, 1, 1));
    }
}
