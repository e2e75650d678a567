//! What crosses runs, kept in memory: how full the caps of a market's contracts are and what its buyers may still spend, as
//! the store was last read and as every commit of this node has changed it since.
//!
//! A read and a commit that overlap can't be put in order, so nothing that such a read found of what the commit changed is
//! kept. What others write is seen as soon as the engine hears of it, and after [`KNOWN_FOR`] at the latest.

use std::{sync::Arc, time::Duration};

use crate::{
    cap::{Cap, Usage, Window},
    changes::{Change, Changes, Others},
    facts::ContractFacts,
    id::ContractIndex,
    market::Market,
    money::Money,
    time::{Now, Timestamp},
};

/// What was read is known for so long, and again for so long with each commit before which nobody else had written.
pub const KNOWN_FOR: Duration = Duration::from_millis(250);

/// When a read or a batch began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64);

#[derive(Debug)]
pub struct KnownFacts {
    market: Arc<Market>,
    /// By buyer: balance less holds.
    spendable: Vec<Known<Money>>,
    /// By contract; of those without caps nothing is to be known.
    used: Vec<Known<InUse>>,
    /// Counts beginnings and ends of batches.
    tick: u64,
    /// What was read before, or by a read that had begun before, is forgotten.
    forgotten: u64,
    /// When the last batch began before which nobody else had written.
    alone_at: Option<Duration>,
}

#[derive(Debug)]
struct Known<T> {
    read: Option<Box<Read<T>>>,
    /// When a commit changed it last.
    changed: u64,
}

#[derive(Debug)]
struct Read<T> {
    value: T,
    /// When its read had ended.
    tick: u64,
    /// When its read began.
    since: Duration,
}

/// The caps of a contract and how full they are, in windows that end together.
#[derive(Debug)]
struct InUse {
    caps: Arc<[(Cap, Usage)]>,
    windows: Box<[Window]>,
}

impl<T> Known<T> {
    fn nothing() -> Self {
        Self { read: None, changed: 0 }
    }

    fn keep(&mut self, mark: Mark, tick: u64, since: Duration, value: T) {
        if self.changed <= mark.0 {
            self.read = Some(Box::new(Read { value, tick, since }));
        }
    }

    /// Follows a commit of a batch that began at `begun`. What was read since then may have the change in it already, or not.
    fn change(&mut self, begun: Mark, tick: u64, follow: impl FnOnce(&mut T) -> Option<()>) {
        self.changed = tick;
        let follows = self.read.as_mut().filter(|read| read.tick < begun.0).and_then(|read| follow(&mut read.value));
        if follows.is_none() {
            self.read = None;
        }
    }

    fn get(&self, forgotten: u64, fresh_since: Duration) -> Option<&T> {
        self.read.as_deref().filter(|read| read.tick >= forgotten && read.since >= fresh_since).map(|read| &read.value)
    }
}

impl InUse {
    fn is_of(&self, at: Timestamp) -> bool {
        self.windows.iter().all(|window| window.start <= at && at < window.end)
    }

    fn step(&mut self, at: Timestamp, count: i64, spend: Money) -> Option<()> {
        for ((_, usage), window) in Arc::make_mut(&mut self.caps).iter_mut().zip(&self.windows) {
            if window.start <= at && at < window.end {
                *usage = Usage { count: usage.count.checked_add_signed(count)?, spend: usage.spend + spend };
            }
        }
        Some(())
    }
}

impl KnownFacts {
    #[must_use]
    pub fn of(market: Arc<Market>) -> Self {
        let (spendable, used) = nothing_of(&market);
        Self { market, spendable, used, tick: 0, forgotten: 0, alone_at: None }
    }

    #[must_use]
    pub fn market(&self) -> &Arc<Market> {
        &self.market
    }

    /// Goes over to another revision. Nothing is known of it yet.
    pub fn follow(&mut self, market: Arc<Market>) {
        (self.spendable, self.used) = nothing_of(&market);
        self.market = market;
        self.forget();
    }

    /// Nothing is known any more, nor by any read that has begun.
    pub fn forget(&mut self) {
        self.tick += 1;
        self.forgotten = self.tick;
        self.alone_at = None;
    }

    /// To be asked for before the store is read for [`KnownFacts::keep`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.tick)
    }

    /// Keeps what was read: facts of this market's contracts, none of them refused, of a read that began at `mark` and `now`.
    pub fn keep(&mut self, mark: Mark, now: Now, facts: &[ContractFacts]) {
        if mark.0 < self.forgotten {
            return;
        }
        let market = Arc::clone(&self.market);
        for facts in facts {
            let contract = market.contract(facts.contract);
            let spendable = facts.available - market.buyer(contract.buyer).credit;
            self.spendable[contract.buyer.0 as usize].keep(mark, self.tick, now.elapsed, spendable);
            if !facts.caps.is_empty() {
                let windows = facts.caps.iter().map(|(cap, _)| cap.per.window(now.at, &contract.time_zone)).collect();
                let in_use = InUse { caps: Arc::clone(&facts.caps), windows };
                self.used[facts.contract.0 as usize].keep(mark, self.tick, now.elapsed, in_use);
            }
        }
    }

    /// The facts of a contract for whoever has no people to look up; none where they must be read.
    #[must_use]
    pub fn facts(&self, index: ContractIndex, now: Now) -> Option<ContractFacts> {
        let contract = self.market.contract(index);
        if let Some(refusal) = self.market.refusal_of(index) {
            return Some(ContractFacts::refused(index, refusal));
        }
        let stale_before = now.elapsed.saturating_sub(KNOWN_FOR);
        let fresh_since = if self.alone_at.is_some_and(|at| at >= stale_before) { Duration::ZERO } else { stale_before };
        let spendable = self.spendable[contract.buyer.0 as usize].get(self.forgotten, fresh_since)?;
        let caps = if contract.caps.is_empty() {
            Arc::default()
        } else {
            Arc::clone(&self.used[index.0 as usize].get(self.forgotten, fresh_since).filter(|in_use| in_use.is_of(now.at))?.caps)
        };
        Some(ContractFacts { contract: index, refused: None, caps, available: *spendable + self.market.buyer(contract.buyer).credit })
    }

    /// To be called before a batch is given to the engine.
    pub fn begin(&mut self) -> Mark {
        self.tick += 1;
        Mark(self.tick)
    }

    /// Follows a batch that has committed and that began at `begun` and `now`, before anybody is told of it.
    pub fn committed(&mut self, begun: Mark, now: Now, changes: Changes) {
        match changes.others {
            Others::Wrote => return self.forget(),
            Others::None => self.alone_at = Some(now.elapsed),
            Others::Unknown => {}
        }
        self.tick += 1;
        for change in changes.steps {
            self.change(begun, change);
        }
    }

    fn change(&mut self, begun: Mark, change: Change) {
        match change {
            Change::Available { buyer, by } => {
                let Some(index) = self.market.buyer_index(&buyer) else { return };
                self.spendable[index.0 as usize].change(begun, self.tick, |spendable| {
                    *spendable += by;
                    Some(())
                });
            }
            Change::Used { contract, at, count, spend } => {
                let Some(index) = self.market.contract_index(&contract) else { return };
                self.used[index.0 as usize].change(begun, self.tick, |in_use| in_use.step(at, count, spend));
            }
        }
    }
}

fn nothing_of(market: &Market) -> (Vec<Known<Money>>, Vec<Known<InUse>>) {
    let parts = market.parts();
    (parts.buyers.iter().map(|_| Known::nothing()).collect(), parts.contracts.iter().map(|_| Known::nothing()).collect())
}
