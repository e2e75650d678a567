//! One world: an exchange with its suppliers, buyers and operators, in virtual time, from one seed.
//!
//! No thread, no clock, no order but the seed's. Whatever it does a second time it does the same way.

mod arriving;
mod calls;
mod commits;
mod crashes;
mod ends;
mod intake;
mod machine;
mod node;
mod noting;
mod overhearing;
mod operators;
mod performing;
mod recovery;
mod suppliers;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use exchange::{command::Engine, id::Revision, market::Market, seal::MasterKey, time::Timestamp};
use store::ReadError;

use crate::{
    agenda::{Agenda, Event},
    books::Books,
    buyers::Buyer,
    invariant::{Broken, Invariant},
    journal::Journal,
    market::MarketPlan,
    model::Model,
    people::Person,
    random::Random,
    rates::Rates,
    seams::Seams,
    setup::Setup,
    storage::{NoStorage, Storage, Stores, master},
    tally::Tally,
};

pub(crate) use self::{node::Node, suppliers::Deal};

/// What came of a world.
#[derive(Clone, Debug)]
pub struct Ended {
    pub tally: Tally,
    /// Of the whole event log.
    pub hash: [u8; 32],
    pub broken: Option<Broken>,
    /// The last lines of the log.
    pub last: Vec<String>,
}

#[derive(Debug)]
struct Fatal(String);

impl From<ReadError> for Fatal {
    fn from(error: ReadError) -> Self {
        Self(error.to_string())
    }
}

impl From<NoStorage> for Fatal {
    fn from(error: NoStorage) -> Self {
        Self(error.to_string())
    }
}

pub(crate) struct World {
    setup: Setup,
    seams: Seams,
    random: Random,
    rates: Rates,
    now: Timestamp,
    began: Timestamp,
    agenda: Agenda,
    journal: Journal,
    tally: Tally,
    master: MasterKey,
    storage: Storage,
    /// The operators' own connection.
    desk: Box<dyn Engine>,
    plan: MarketPlan,
    markets: BTreeMap<Revision, Arc<Market>>,
    nodes: Vec<Node>,
    people: Vec<Person>,
    deals: Vec<Deal>,
    buyers: BTreeMap<String, Buyer>,
    books: Books,
    model: Model,
    disk_full: bool,
    /// Until when each ping that is out must be answered, by the world's own clock.
    answer_by: BTreeMap<(usize, u32, u32, u32), (Timestamp, exchange::id::BuyerPingId)>,
    /// Deals that may still do something by themselves.
    open_deals: usize,
    calm: bool,
}

/// No world goes on for longer than this; one that would is broken.
const MOST_EVENTS: u64 = 2_000_000;

/// Lives through a world from beginning to end.
pub fn live(stores: &Stores, setup: Setup, name: &str) -> Result<Ended, NoStorage> {
    let mut world = World::new(stores, setup, name)?;
    if let Err(Fatal(what)) = world.run() {
        world.model.report(Invariant::EverythingEnds, what);
    }
    Ok(world.into_ended())
}

impl World {
    fn new(stores: &Stores, setup: Setup, name: &str) -> Result<Self, NoStorage> {
        let mut random = Random::of(setup.seed, 0);
        let rates = Rates::draw(&mut random);
        let began = draw_beginning(&mut random);
        let plan = MarketPlan::draw(&mut random);
        let storage = stores.fresh(name)?;
        let seams = Seams::of(setup);
        let desk = seams.engine(storage.engine()?);
        let count = if random.chance(400) { 1 } else { random.between(2, 3) };
        let nodes = (0..count).map(|_| Node::new(&mut random, rates.skew_us)).collect();
        let buyers = plan.buyers.iter().map(|buyer| (buyer.name.clone(), Buyer::draw(&mut random, rates.buyer))).collect();
        Ok(Self {
            setup,
            seams,
            random,
            rates,
            now: began,
            began,
            agenda: Agenda::default(),
            journal: Journal::default(),
            tally: Tally::default(),
            master: master(),
            storage,
            desk,
            plan,
            markets: BTreeMap::new(),
            nodes,
            people: Vec::new(),
            deals: Vec::new(),
            buyers,
            books: Books::default(),
            model: Model::default(),
            disk_full: false,
            answer_by: BTreeMap::new(),
            open_deals: 0,
            calm: false,
        })
    }

    fn run(&mut self) -> Result<(), Fatal> {
        let (rates, began) = (self.rates.clone(), self.began);
        self.journal.note(began, format_args!("seed {} nodes {} {rates:?}", self.setup.seed, self.nodes.len()));
        self.set_up()?;
        self.go_on_while(|world| world.open_deals > 0)?;
        self.come_to_an_end()
    }

    /// Until the condition fails, nothing is left to happen, or something is broken.
    fn go_on_while(&mut self, goes_on: impl Fn(&Self) -> bool) -> Result<(), Fatal> {
        let mut events = 0u64;
        while self.model.first_broken().is_none() && goes_on(self) {
            let Some((at, event)) = self.agenda.next() else { break };
            self.now = self.now.max(at);
            self.take(event)?;
            events += 1;
            if events > MOST_EVENTS {
                return Err(Fatal("the world doesn't end".into()));
            }
        }
        Ok(())
    }

    fn go_on_until(&mut self, until: Timestamp) -> Result<(), Fatal> {
        self.go_on_while(|world| world.agenda.next_at().is_some_and(|at| at <= until))?;
        self.now = self.now.max(until);
        Ok(())
    }

    fn take(&mut self, event: Event) -> Result<(), Fatal> {
        if let Some(until) = event.node().map(|node| self.nodes[node].stalled_until).filter(|until| *until > self.now) {
            self.at(until, event);
            return Ok(());
        }
        match event {
            Event::Send { deal, ask } => self.send(deal, ask),
            Event::Arrive { node, request } => self.arrive(node, request)?,
            Event::Hear { deal, attempt, told } => self.hear(deal, attempt, told),
            Event::Impatient { deal, attempt } => self.lose_patience(deal, attempt),
            Event::Answer { at, effect, answer } => self.answer(at, effect, answer)?,
            Event::Flush { node, epoch } => self.flush(node, epoch)?,
            Event::AtBuyer(call) => self.reach_buyer(*call),
            Event::Chance { node } => self.take_chance(node),
            Event::Restart { node } => self.restart(node)?,
            Event::Tend { node, epoch, tick } => self.tend(node, epoch, tick)?,
            Event::Follow { node, epoch } => self.follow(node, epoch)?,
            Event::Operator => self.operate_and_come_back()?,
            Event::OperatorNow => self.operate()?,
            Event::Withdraw { lead } => self.withdraw(lead)?,
            Event::Report { sale } => self.report(sale)?,
            Event::Return { sale } => self.request_return(sale)?,
            Event::Check => self.check_all()?,
            Event::DiskFull { full } => self.fill_disk(full),
        }
        Ok(())
    }

    fn set_up(&mut self) -> Result<(), Fatal> {
        self.apply_market()?;
        self.prepay_all()?;
        for node in 0..self.nodes.len() {
            self.restart(node)?;
            let first = self.random.between(10, 120);
            self.after(Duration::from_secs(first), Event::Chance { node });
        }
        self.draw_deals();
        let first = self.random.between(5, 600);
        self.after(Duration::from_secs(first), Event::Operator);
        self.after(Duration::from_secs(1800), Event::Check);
        Ok(())
    }

    fn fill_disk(&mut self, full: bool) {
        self.disk_full = full && !self.calm;
        self.journal.note(self.now, format_args!("disk full: {}", self.disk_full));
        if self.disk_full {
            let time = self.random.between(2, 60);
            self.after(Duration::from_secs(time), Event::DiskFull { full: false });
        }
    }

    fn check_all(&mut self) -> Result<(), Fatal> {
        self.tally.checks += 1;
        self.model.compare_all(&mut self.storage.reader)?;
        if !self.calm {
            self.after(Duration::from_secs(2 * 3600), Event::Check);
        }
        Ok(())
    }

    fn at(&mut self, at: Timestamp, event: Event) {
        let turn = self.random.next() as u32;
        self.agenda.add(at, turn, event);
    }

    fn after(&mut self, time: Duration, event: Event) {
        self.at(self.now.plus(time), event);
    }

    fn into_ended(mut self) -> Ended {
        self.tally.simulated = self.now.since(self.began);
        self.tally.leads = self.model.leads.len() as u64;
        self.tally.sold =
            self.model.sales.values().filter(|sale| matches!(sale.state, crate::model::State::Sold | crate::model::State::Returned)).count() as u64;
        Ended { tally: self.tally, hash: self.journal.hash(), broken: self.model.first_broken().cloned(), last: self.journal.last() }
    }
}

/// A third of the worlds live through a day of 23 or 25 hours.
fn draw_beginning(random: &mut Random) -> Timestamp {
    const HOUR: u64 = 3600;
    // Noon in UTC on the Saturdays before the clocks of the United States change in 2026, and a day in February.
    let (spring, autumn, winter) = (1_772_884_800u64, 1_793_448_000u64, 1_770_000_000u64);
    let seconds = match random.below(6) {
        0 => spring + random.between(8 * HOUR, 20 * HOUR),
        1 => autumn + random.between(8 * HOUR, 20 * HOUR),
        _ => winter + random.below(300 * 24 * HOUR),
    };
    Timestamp::from_micros((seconds * 1_000_000) as i64)
}
