//! Facts kept in memory say what the store says, as long as they follow every commit.

use std::time::Duration;

use exchange::{
    buyer::{Buyer, Endpoint, Protocol},
    changes::Others,
    command::{Command, Engine, Outcome, Terms},
    contract::{Contract, DisclosurePolicy, Pricing, SaleKind, SaleKinds, Sources},
    id::{BuyerIndex, ContractIndex, Revision},
    known_facts::KnownFacts,
    market::{Market, MarketParts},
    money::{Currency, Percent},
    supplier::{QuoteKind, QuotePolicy},
    time::{Now, Timestamp},
};

use super::{Bench, world::*};
use crate::reader::Reader;

/// A market of contracts with these terms, in the order of their keys.
fn market(terms: &[Terms]) -> Market {
    let mut names: Vec<_> = terms.iter().map(|terms| (terms.contract.buyer.clone(), terms)).collect();
    names.dedup_by(|a, b| a.0 == b.0);
    let place = |terms: &Terms| BuyerIndex(names.iter().position(|(name, _)| *name == terms.contract.buyer).unwrap() as u32);
    let buyers = names.iter().map(|(name, terms)| Buyer {
        name: name.clone(),
        label: name.to_string(),
        parent: terms.parent.clone(),
        credit: terms.credit,
        consent_names: Vec::new(),
        endpoint: Endpoint {
            protocol: Protocol::Native,
            ping_url: None,
            post_url: "http://127.0.0.1/".parse().unwrap(),
            confirm_url: None,
            status_url: None,
            test_ping_url: None,
            test_post_url: None,
            secret: None,
            idempotent: false,
            post_timeout: Duration::from_secs(15),
            max_in_flight: 1,
            pipelining: 1,
        },
        suspended: false,
    });
    let contracts = terms.iter().map(|terms| Contract {
        key: terms.contract.clone(),
        buyer: place(terms),
        vertical: "mortgage".parse().unwrap(),
        filter: None,
        requires: Vec::new(),
        pricing: Pricing::Bid { max_bid: units(100) },
        agreed_price: None,
        kinds: SaleKinds::BOTH,
        caps: terms.caps.clone(),
        hours: Vec::new(),
        time_zone: terms.time_zone.clone(),
        disclosure: DisclosurePolicy::Post,
        unknown: None,
        duplicate_days: terms.duplicate_days,
        lists: Vec::new(),
        sources: Sources::All,
        priority: None,
        weight: 1,
        tags: std::collections::BTreeSet::new(),
        return_days: None,
        return_percent: Percent::of_whole(100).unwrap(),
        paused: false,
        paused_by_buyer: false,
        self_service: Default::default(),
    });
    let parts = MarketParts {
        currency: Currency::USD,
        time_zone: jiff::tz::TimeZone::UTC,
        quote: QuotePolicy { kind: QuoteKind::Indicative, ttl: Duration::from_secs(300) },
        firm_share: Percent::of_whole(20).unwrap(),
        duplicates_window_days: 30,
        egress_allow: Vec::new(),
        approvals_above: None,
        alerts: Default::default(),
        verticals: Vec::new(),
        suppliers: Vec::new(),
        buyers: buyers.collect(),
        contracts: contracts.collect(),
        trees: Vec::new(),
    };
    Market::new(Revision(1), parts)
}

/// A node's memory of the facts of some contracts, told of every commit of its engine.
pub(super) struct Memory {
    terms: Vec<Terms>,
    pub known: KnownFacts,
    since: Timestamp,
}

impl Memory {
    pub fn of<B: Bench>(world: &World<B>, terms: Vec<Terms>) -> Self {
        Self { known: KnownFacts::of(market(&terms).into()), terms, since: world.now }
    }

    pub fn now<B: Bench>(&self, world: &World<B>) -> Now {
        Now { elapsed: world.now.since(self.since), at: world.now }
    }

    pub fn apply<B: Bench>(&mut self, world: &mut World<B>, commands: &[Command]) -> Outcome {
        let (now, begun) = (self.now(world), self.known.begin());
        let outcome = world.engine.apply(world.now, commands).unwrap().pop().unwrap();
        self.known.committed(begun, now, world.engine.take_changes());
        outcome
    }

    pub fn read<B: Bench>(&mut self, world: &mut World<B>) {
        let asked: Vec<_> = (0..).map(ContractIndex).zip(self.terms.iter().cloned()).collect();
        let (now, mark) = (self.now(world), self.known.mark());
        let found = world.reader.facts(world.now, &asked, &[], false).unwrap();
        self.known.keep(mark, now, &found);
    }

    /// How many contracts' facts are known; and each is as the store has it.
    pub fn known_now<B: Bench>(&self, world: &mut World<B>) -> usize {
        let now = self.now(world);
        let known = (0..).zip(&self.terms).filter(|(number, terms)| {
            let index = ContractIndex(*number);
            let Some(known) = self.known.facts(index, now) else { return false };
            let stored = world.reader.facts(world.now, &[(index, (*terms).clone())], &[], false).unwrap().remove(0);
            assert_eq!(known, stored, "{:?}", terms.contract);
            true
        });
        known.count()
    }
}

pub(super) fn what_is_known_follows_every_commit<B: Bench>(bench: B) {
    let capped = Terms { caps: vec![count(3, exchange::cap::Period::Hour)], credit: units(50), ..terms("acme/west") };
    let mut world = World::new(bench);
    let mut memory = Memory::of(&world, vec![capped.clone(), terms("other/one")]);
    assert_eq!(memory.known_now(&mut world), 0);
    memory.read(&mut world);
    assert_eq!(memory.known_now(&mut world), 2);
    // The first batch can't say whether others wrote before it; the second can, if the engine can tell at all.
    memory.apply(&mut world, &[Command::Sweep]);
    let tells = world.engine.apply(world.now, &[Command::Sweep]).map(|_| world.engine.take_changes().others == Others::None).unwrap();
    memory.read(&mut world);
    let firm = exchange::command::Quote { firm_share: Percent::of_whole(100).unwrap(), ..quote(1, vec![offer(0, SaleKind::Exclusive, 7)], vec![capped]) };
    assert!(matches!(memory.apply(&mut world, &[Command::Quote(firm)]), Outcome::Quoted { firm: true, .. }));
    assert_eq!(memory.known_now(&mut world), 2, "what a firm quote holds is followed, and not forgotten");
    world.pass(Duration::from_millis(200));
    memory.apply(&mut world, &[Command::Sweep]);
    world.pass(Duration::from_millis(200));
    assert_eq!(memory.known_now(&mut world), if tells { 2 } else { 0 }, "only who is alone knows for longer");
    memory.read(&mut world);
    world.pass(Duration::from_secs(3600));
    memory.apply(&mut world, &[Command::Sweep]);
    assert_eq!(memory.known_now(&mut world), usize::from(tells), "another hour is another window of the cap");
    memory.read(&mut world);
    assert_eq!(memory.known_now(&mut world), 2);
}

pub(super) fn what_others_wrote_is_not_known<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let mut memory = Memory::of(&world, vec![terms("acme/west")]);
    memory.apply(&mut world, &[Command::Sweep]);
    memory.read(&mut world);
    let mut other = world.bench.engine();
    other.apply(world.now, &[prepay(1, "acme", 5)]).unwrap();
    world.pass(Duration::from_millis(249));
    memory.apply(&mut world, &[Command::Sweep]);
    world.pass(Duration::from_millis(2));
    assert_eq!(memory.known_now(&mut world), 0);
}

pub(super) fn a_read_and_a_commit_that_overlap<B: Bench>(bench: B) {
    let mut world = World::new(bench);
    let mut memory = Memory::of(&world, vec![terms("acme/west"), terms("other/one")]);
    memory.apply(&mut world, &[Command::Sweep]);
    let asked = [(ContractIndex(0), terms("acme/west")), (ContractIndex(1), terms("other/one"))];
    let now = memory.now(&world);
    // Read before the commit, kept after it.
    let mark = memory.known.mark();
    let found = world.reader.facts(world.now, &asked, &[], false).unwrap();
    memory.apply(&mut world, &[prepay(1, "acme", 5)]);
    memory.known.keep(mark, now, &found);
    assert_eq!(memory.known_now(&mut world), 1, "what the commit changed isn't kept");
    // Read after the commit, kept before anybody was told of it.
    let begun = memory.known.begin();
    world.engine.apply(world.now, &[prepay(2, "acme", 5)]).unwrap();
    memory.read(&mut world);
    assert_eq!(memory.known_now(&mut world), 2);
    memory.known.committed(begun, now, world.engine.take_changes());
    assert_eq!(memory.known_now(&mut world), 1, "a change that was read already isn't made twice");
}
