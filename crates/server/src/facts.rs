//! What crosses runs: known to this node, or read from the store once for all runs that miss it at the same time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use exchange::{
    changes::Changes,
    command::Terms,
    facts::ContractFacts,
    id::ContractIndex,
    known_facts::{KnownFacts, Mark},
    market::Market,
    seal::PersonMac,
    time::Now,
};
use tokio::sync::oneshot;

use crate::{
    clock::{self, Stopwatch},
    readers::Readers,
};

/// A read that fails is tried again; none, where it goes on failing.
const MOST_TRIES: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(25);

/// What a read found, by the contracts of the market that it was for. None where it failed for good.
type Found = Option<Arc<BTreeMap<ContractIndex, ContractFacts>>>;

/// A node's facts. Clones are the same.
#[derive(Clone)]
pub struct FactsInMemory(Arc<Shared>);

struct Shared {
    known: Mutex<Option<KnownFacts>>,
    missed: Mutex<Missed>,
    /// What [`KnownFacts`] counts time by.
    watch: Stopwatch,
}

/// What waits to be read, by the next read: one that has begun may miss what a run must see.
#[derive(Default)]
struct Missed {
    is_reading: bool,
    market: Option<Arc<Market>>,
    contracts: BTreeSet<ContractIndex>,
    waiting: Vec<oneshot::Sender<Found>>,
}

impl Default for FactsInMemory {
    fn default() -> Self {
        Self(Arc::new(Shared { known: Mutex::default(), missed: Mutex::default(), watch: Stopwatch::start() }))
    }
}

/// When a batch began.
#[derive(Clone, Copy, Debug)]
pub struct BatchBegun(Option<Mark>, Now);

impl FactsInMemory {
    fn known(&self) -> MutexGuard<'_, Option<KnownFacts>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn missed(&self) -> MutexGuard<'_, Missed> {
        self.0.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the facts of this market's contracts are kept.
    pub fn follow(&self, market: &Arc<Market>) {
        let mut known = self.known();
        match &mut *known {
            Some(known) => known.follow(Arc::clone(market)),
            None => *known = Some(KnownFacts::of(Arc::clone(market))),
        }
    }

    /// Before a batch.
    pub fn begin(&self) -> BatchBegun {
        BatchBegun(self.known().as_mut().map(KnownFacts::begin), self.0.watch.now())
    }

    /// After a batch, before anybody is told of it: what it changed, or none where nobody can say.
    pub fn ended(&self, begun: BatchBegun, changes: Option<Changes>) {
        let mut known = self.known();
        match (&mut *known, begun, changes) {
            (Some(known), BatchBegun(Some(mark), now), Some(changes)) => known.committed(mark, now, changes),
            (Some(known), _, _) => known.forget(),
            (None, _, _) => {}
        }
    }

    /// The facts of contracts of the market in force, in their order, where all of them are known.
    pub fn known_of(&self, present: &Arc<Market>, contracts: &[ContractIndex]) -> Option<Vec<ContractFacts>> {
        let now = self.0.watch.now();
        let known = self.known();
        let known = known.as_ref().filter(|known| Arc::ptr_eq(known.market(), present))?;
        contracts.iter().map(|index| known.facts(*index, now)).collect()
    }

    /// The same from the store, as of a moment after this call, and of contracts that take leads at present.
    pub async fn read(&self, readers: &Readers, present: &Arc<Market>, contracts: &[ContractIndex]) -> Option<Vec<ContractFacts>> {
        let Some(answer) = self.await_read(readers, present, contracts) else { return self.read_alone(readers, present, contracts).await };
        let found = answer.await.ok().flatten()?;
        contracts.iter().map(|index| found.get(index).cloned()).collect()
    }

    /// Has contracts read by the next read. None where that one is of another market.
    fn await_read(&self, readers: &Readers, present: &Arc<Market>, contracts: &[ContractIndex]) -> Option<oneshot::Receiver<Found>> {
        let (found, answer) = oneshot::channel();
        let mut missed = self.missed();
        if !Arc::ptr_eq(missed.market.get_or_insert_with(|| Arc::clone(present)), present) {
            return None;
        }
        missed.contracts.extend(contracts);
        missed.waiting.push(found);
        if !std::mem::replace(&mut missed.is_reading, true) {
            tokio::spawn(self.clone().read_missed(readers.clone()));
        }
        Some(answer)
    }

    /// Reads until nothing is missed any more.
    async fn read_missed(self, readers: Readers) {
        while let Some((market, missed)) = self.next_missed() {
            let contracts: Vec<ContractIndex> = missed.contracts.into_iter().collect();
            let found = self.read_alone(&readers, &market, &contracts).await;
            let found = found.map(|found| Arc::new(found.into_iter().map(|facts| (facts.contract, facts)).collect::<BTreeMap<_, _>>()));
            for run in missed.waiting {
                // A run may have been cut off.
                drop(run.send(found.clone()));
            }
        }
    }

    /// What is to be read next. Where that is nothing, the reading has ended.
    fn next_missed(&self) -> Option<(Arc<Market>, Missed)> {
        let mut missed = self.missed();
        let mut next = std::mem::take(&mut *missed);
        let market = next.market.take();
        missed.is_reading = market.is_some();
        market.map(|market| (market, next))
    }

    /// The same, waiting for no other's read and with no run that waits for this one: for pages, whose threads give way to all others.
    pub async fn read_alone(&self, readers: &Readers, market: &Arc<Market>, contracts: &[ContractIndex]) -> Option<Vec<ContractFacts>> {
        let terms = |index: &ContractIndex| Some((*index, Terms::of(market, &market.contract(*index).key).ok()?));
        let (now, mark) = (self.0.watch.now(), self.known().as_ref().map(KnownFacts::mark));
        let found = read(readers, contracts.iter().filter_map(terms).collect(), Vec::new(), false).await?;
        if let (Some(mark), Some(known)) = (mark, self.known().as_mut().filter(|known| Arc::ptr_eq(known.market(), market))) {
            known.keep(mark, now, &found);
        }
        Some(found)
    }
}

/// Facts as the store has them now.
pub async fn read(readers: &Readers, asked: Vec<(ContractIndex, Terms)>, people: Vec<PersonMac>, test: bool) -> Option<Vec<ContractFacts>> {
    let (asked, people): (Arc<[_]>, Arc<[_]>) = (asked.into(), people.into());
    for tried in 0..MOST_TRIES {
        let (asked, people) = (Arc::clone(&asked), Arc::clone(&people));
        match readers.read(move |reader| reader.facts(clock::now(), &asked, &people, test)).await {
            Ok(found) => return Some(found),
            Err(error) => tracing::error!(%error, tried, "the facts of a run could not be read"),
        }
        tokio::time::sleep(FIRST_WAIT * 2u32.pow(tried)).await;
    }
    None
}
