//! Performs the effects of a run in virtual time.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    command::{Accept, Idempotency},
    facts::Seed,
    flow::{
        Run, RunStart, Task,
        effect::{Answer, Effect, EffectId, Event, NumberedEffect, StoreRequest},
    },
    id::{ContractIndex, LeadId, NodeId, PingId, Subject},
    market::Market,
    seal::{Fingerprint, PersonMac},
    time::{Now, Timestamp},
};

use super::{Played, World, as_ping, as_post, played::Happening, sealed, store::Store, world};

/// Monday, 23 November 2026, noon in UTC.
pub const START: Timestamp = Timestamp::from_micros(1_795_435_200_000_000);

const FACTS_TIME: Duration = Duration::from_millis(1);
const STORE_TIME: Duration = Duration::from_millis(2);

/// A market with its store, open for pings and leads one after the other.
#[derive(Debug)]
pub struct Exchange {
    pub world: World,
    pub market: Arc<Market>,
    pub store: Store,
    /// When the next run starts.
    pub at: Timestamp,
    pub last_ping: Option<PingId>,
    /// Brings every event twice.
    pub repeats_events: bool,
    /// What crosses runs can't be read.
    pub has_no_facts: bool,
    runs: u8,
    posts: BTreeMap<&'static str, usize>,
}

impl Exchange {
    pub fn new(world: World) -> Self {
        let market = world.market();
        let store = Store::new(Arc::clone(&market), world.faults.clone(), world.round);
        Self { world, market, store, at: START, last_ping: None, repeats_events: false, has_no_facts: false, runs: 0, posts: BTreeMap::new() }
    }

    fn seed(&mut self) -> Seed {
        self.runs += 1;
        let mut seed = [self.world.seed; 32];
        seed[0] = self.runs;
        Seed(seed)
    }

    pub fn ping(&mut self) -> Played {
        self.ping_with_key(None)
    }

    pub fn ping_with_key(&mut self, key: Option<(&str, u8)>) -> Played {
        let ping = PingId::from_bytes([0x50 + self.runs; 16]);
        let idempotency = key.map(|(key, payload)| Idempotency { key: key.into(), fingerprint: Fingerprint([payload; 16]) });
        let read = as_ping(&self.world.fields);
        self.last_ping = Some(ping);
        self.play(read.attributes, Task::Ping { ping, sealed: None, idempotency, node: NodeId::from_bytes([1; 16]) })
    }

    pub fn lead(&mut self) -> Played {
        let accept = self.accept(None);
        self.play(accept.attributes.clone(), Task::Lead(Box::new(accept)))
    }

    /// The post of the last ping.
    pub fn post(&mut self) -> Played {
        let accept = self.accept(self.last_ping);
        self.play(accept.attributes.clone(), Task::Lead(Box::new(accept)))
    }

    pub fn take(&mut self, accept: Accept) -> Played {
        self.play(accept.attributes.clone(), Task::Lead(Box::new(accept)))
    }

    pub fn accept(&self, ping: Option<PingId>) -> Accept {
        let lead = LeadId::from_bytes([0xa0 + self.runs; 16]);
        let post = as_post(&self.world.fields);
        Accept {
            lead,
            supplier: world::supplier(),
            vertical: "loans".parse().unwrap(),
            revision: self.market.revision(),
            test: self.world.is_test,
            ping,
            requote: self.world.requote,
            idempotency: None,
            fingerprint: Fingerprint([1; 16]),
            attributes: post.attributes.clone(),
            sealed: sealed(Subject::Lead(lead), &post),
            people: vec![PersonMac([7; 16])],
            duplicates_window: Duration::from_secs(30 * 24 * 3600),
            lease: Duration::from_secs(60),
            node: NodeId::from_bytes([1; 16]),
        }
    }

    fn play(&mut self, attributes: exchange::attribute::PingPart, task: Task) -> Played {
        let seed = self.seed();
        let start = RunStart {
            market: Arc::clone(&self.market),
            supplier: world::supplier(),
            vertical: "loans".parse().unwrap(),
            test: self.world.is_test,
            attributes,
            limits: self.world.limits,
            evidence: self.world.evidence.clone(),
            seed,
            task,
        };
        let started_at = self.at;
        let (run, effects) = Run::start(start, Now { elapsed: Duration::ZERO, at: started_at }).unwrap();
        let mut driver = Driver { exchange: self, started_at, run, now: Duration::ZERO, queue: BTreeMap::new(), happenings: Vec::new(), effects: Vec::new() };
        driver.perform(effects);
        driver.run_to_end();
        let Driver { run, happenings, effects, now, .. } = driver;
        self.at = started_at.plus(now + Duration::from_secs(1));
        Played::new(&self.market, &self.store, &run, happenings, effects)
    }
}

/// The answer to an effect, worked out when it is due.
#[derive(Debug)]
enum Due {
    Answer(Answer),
    Store(Box<StoreRequest>),
}

struct Driver<'e> {
    exchange: &'e mut Exchange,
    started_at: Timestamp,
    run: Run,
    now: Duration,
    /// By time, then by effect or in a shuffled order.
    queue: BTreeMap<(Duration, u64, EffectId), Due>,
    happenings: Vec<(Duration, Happening)>,
    effects: Vec<String>,
}

impl Driver<'_> {
    fn run_to_end(&mut self) {
        for _ in 0..10_000 {
            let Some(((time, _, effect), due)) = self.queue.pop_first() else { return };
            // The driver may let go of a finished run: half of the tests' runs would never notice an event that comes after.
            self.now = time;
            let now = Now { elapsed: time, at: self.started_at.plus(time) };
            let answer = match due {
                Due::Answer(answer) => answer,
                Due::Store(request) => Answer::Stored(self.exchange.store.answer(*request, now.at)),
            };
            let effects = self.run.step(now, Event { effect, answer });
            if self.exchange.repeats_events {
                assert!(self.run.step(now, Event { effect, answer: Answer::Woke }).is_empty());
            }
            self.perform(effects);
        }
        panic!("the run doesn't end: {:#?}", &self.effects[self.effects.len() - 20..]);
    }

    fn perform(&mut self, effects: Vec<NumberedEffect>) {
        for NumberedEffect { id, effect } in effects {
            self.effects.push(format!("{:?} {id:?} {effect:?}", self.now));
            if let Some(happening) = Happening::of(&effect, &self.exchange.market) {
                self.happenings.push((self.now, happening));
            }
            let (at, due) = match effect {
                Effect::Facts(_) if self.exchange.has_no_facts => (self.now + FACTS_TIME, Due::Answer(Answer::NoFacts)),
                Effect::Facts(request) => (self.now + FACTS_TIME, Due::Answer(Answer::Facts(self.exchange.store.facts(&request)))),
                Effect::Store(request) => (self.now + STORE_TIME, Due::Store(request)),
                Effect::Ping(call) => {
                    let (at, reply) = self.ping_reply(call.contract, call.give_up);
                    (at, Due::Answer(Answer::Pinged(reply)))
                }
                Effect::Confirm(call) => {
                    let (after, reply) = self.player(call.contract).confirm.clone();
                    let after = Duration::from_millis(after);
                    let reply = if after > call.time { ConfirmReply::Failed(CallFailure::Timeout) } else { reply };
                    (self.now + after.min(call.time), Due::Answer(Answer::Confirmed(reply)))
                }
                Effect::Post(call) => {
                    let (after, reply) = self.post_reply(call.contract);
                    let reply = if after > call.time { PostReply::Unknown(CallFailure::Timeout) } else { reply };
                    (self.now + after.min(call.time), Due::Answer(Answer::Posted(reply)))
                }
                Effect::Status(_) => (self.now, Due::Answer(Answer::Status(PostReply::Unsent(CallFailure::Unreachable)))),
                Effect::Wake { at } => (at.max(self.now), Due::Answer(Answer::Woke)),
                Effect::Reply(reply) => {
                    self.happenings.push((self.now, Happening::Replied(reply)));
                    continue;
                }
            };
            let turn = self.exchange.world.shuffle.map_or(0, |seed| mix(seed, u64::from(id.0)));
            self.queue.insert((at, turn, id), due);
        }
    }

    fn player(&self, contract: ContractIndex) -> &super::Player {
        let key = &self.exchange.market.contract(contract).key;
        self.exchange.world.players.iter().find(|player| player.key() == *key).unwrap()
    }

    fn ping_reply(&self, contract: ContractIndex, give_up: Duration) -> (Duration, PingReply) {
        match self.player(contract).ping.clone() {
            Some((after, reply)) if self.now + Duration::from_millis(after) <= give_up => (self.now + Duration::from_millis(after), reply),
            _ => (give_up, PingReply::Failed(CallFailure::Timeout)),
        }
    }

    fn post_reply(&mut self, contract: ContractIndex) -> (Duration, PostReply) {
        let player = self.player(contract);
        let (name, replies) = (player.name, player.posts.clone());
        let count = self.exchange.posts.entry(name).or_default();
        let (after, reply) = replies[(*count).min(replies.len() - 1)].clone();
        *count += 1;
        (Duration::from_millis(after), reply)
    }
}

/// Any fixed function that scatters: the order of equal times hangs on nothing but the seed.
pub fn mix(seed: u64, number: u64) -> u64 {
    let mut x = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
