//! The heart: one run per ping or lead, a pure state machine. Events and the time go in, effects come out.
//!
//! No IO, no clock, no randomness of its own, no waiting. Server, simulator and replay drive the very same machine;
//! whatever must be right about a lead lives here, and a driver only performs effects.
//!
//! A run goes: claim or accept → facts → tier by tier { ask → choose } → quote, or sell → end → reply.

pub mod effect;
pub mod reconcile;
pub mod recover;

mod accepting;
mod asking;
mod ending;
mod offers;
mod quoting;
mod selling;
mod storing;

use std::{sync::Arc, time::Duration};

use crate::{
    attribute::PingPart,
    auction::Offer,
    command::{Accept, Claim, Idempotency, StoreUnknown, StoredQuote},
    evidence::Evidence,
    facts::{ContractFacts, Facts, Seed},
    id::{ContractIndex, LeadId, NodeId, PingId, Subject, SupplierName, TreeIndex, VerticalName},
    index::Admitted,
    market::Market,
    matching::Offered,
    money::Money,
    record::{Decision, Micros, RecordedEvent, RunKind, RunRecord},
    schema::Vertical,
    seal::{ContactPart, PersonMac},
    supplier::Supplier,
    time::Now,
    tree::{Tier, Tree},
};

use self::{
    asking::Asking,
    effect::{Answer, Effect, EffectId, Event, NumberedEffect, Reply},
    selling::Leg,
    storing::Stored,
};

/// What a run starts with. It keeps this market to its end.
#[derive(Debug)]
pub struct RunStart {
    pub market: Arc<Market>,
    pub supplier: SupplierName,
    pub vertical: VerticalName,
    pub test: bool,
    pub attributes: PingPart,
    pub limits: Limits,
    /// Of a lead; none of a ping.
    pub evidence: Option<Evidence>,
    pub seed: Seed,
    pub task: Task,
}

/// What a supplier asks of this request alone. It narrows the supplier's terms in the market, and never widens them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Net: below it the lead isn't sold.
    pub min_price: Option<Money>,
    pub max_disclosures: Option<u32>,
}

#[derive(Debug)]
pub enum Task {
    /// A supplier's ping: auction and quote.
    Ping { ping: PingId, sealed: Option<ContactPart>, idempotency: Option<Idempotency>, node: NodeId },
    /// A direct post, or the post of a quote: the accept says which. For a quote, the market is the quote's.
    Lead(Box<Accept>),
}

/// Why a run can't start: its market doesn't know what it is about. Intake checks before, so this is a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the market of the run doesn't know its supplier or vertical")]
pub struct UnknownStart;

/// What the run is for.
#[derive(Debug)]
enum Purpose {
    /// The claim is of the supplier's idempotency key, where it named one.
    Quote {
        ping: PingId,
        sealed: Option<ContactPart>,
        claim: Option<Claim>,
    },
    Sale(Lead),
}

/// The lead of a run that sells.
#[derive(Debug)]
struct Lead {
    id: LeadId,
    /// The ping it is the post of, once the store has given its quote.
    quote: Option<Box<StoredQuote>>,
    /// The store has it: there is something to record.
    is_accepted: bool,
    fence: crate::command::Fence,
    people: Vec<PersonMac>,
}

/// Where the run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The store is asked to take the request on.
    Accepting,
    /// What crosses runs is being looked up.
    Looking,
    /// The tier's contracts are being asked.
    Asking,
    /// Offers are being reserved and posted.
    Selling,
    /// The end is being made durable.
    Ending,
    /// The run can't go on: what it took on is being given back.
    GivingBack,
    /// The supplier has its answer; what is still out is only recorded.
    Replied,
}

/// What an outstanding effect was for.
#[derive(Debug)]
enum Pending {
    Facts,
    Ping {
        tier: u32,
        contract: ContractIndex,
    },
    TierDeadline {
        tier: u32,
        ask: u32,
    },
    Confirm {
        leg: usize,
    },
    Post {
        leg: usize,
    },
    Stored(Box<Stored>),
    /// A store request waits to be tried again.
    Retry(Box<Stored>),
}

/// Where the run's market has what the run is about.
#[derive(Clone, Copy, Debug)]
struct OfMarket {
    supplier: usize,
    vertical: usize,
    tree: Option<TreeIndex>,
}

impl OfMarket {
    fn new(market: &Market, supplier: &SupplierName, vertical: &VerticalName) -> Option<Self> {
        let tree = market.tree_for(vertical, supplier);
        Some(Self { supplier: market.supplier_place(supplier)?, vertical: market.vertical_place(vertical)?, tree })
    }
}

#[derive(Debug)]
pub struct Run {
    market: Arc<Market>,
    supplier: SupplierName,
    vertical: VerticalName,
    of_market: OfMarket,
    purpose: Purpose,
    limits: Limits,
    evidence: Option<Evidence>,
    seed: Seed,
    stage: Stage,
    now: Now,

    /// Whom the market and the ping alone admit: looked up once, with the facts.
    admitted: Admitted,
    /// The places of the record's facts, in the order of contracts.
    facts: Vec<u32>,
    facts_known: bool,
    asking: Asking,
    /// Every offer that stands: not taken up yet, not dropped.
    offers: Vec<Offer>,
    legs: Vec<Leg>,
    /// Whose bids came after the quote, by the deadline, and are still to be added to it.
    fallbacks: Vec<ContractIndex>,
    /// Of promised shared legs that fell away: what a replacement must bring at least.
    vacancies: Vec<Money>,
    story: offers::Story,
    /// Where the consumer goes on, as the first buyer that settled says.
    redirect_url: Option<String>,

    next_effect: u32,
    /// What is outstanding, in the order it was asked for.
    pending: Vec<(EffectId, Pending)>,
    effects: Vec<NumberedEffect>,
    /// Shared with the command that makes it durable.
    record: Arc<RunRecord>,
    /// How much of the record had been written when it was last made durable.
    recorded: Option<(usize, usize)>,
    /// Whether there is a ping or lead of this run that a record could be of.
    is_recorded: bool,
}

impl Run {
    /// Starts a run and gives its first effects.
    pub fn start(start: RunStart, now: Now) -> Result<(Self, Vec<NumberedEffect>), UnknownStart> {
        let of_market = OfMarket::new(&start.market, &start.supplier, &start.vertical).ok_or(UnknownStart)?;
        let kind = match &start.task {
            Task::Ping { .. } => RunKind::Ping,
            Task::Lead(accept) => accept.ping.map_or(RunKind::Direct, RunKind::Quoted),
        };
        let record = Arc::new(RunRecord {
            revision: start.market.revision(),
            supplier: start.supplier.clone(),
            vertical: start.vertical.clone(),
            test: start.test,
            kind,
            attributes: start.attributes,
            started_at: now.at,
            seed: start.seed,
            facts: Facts::default(),
            events: Vec::new(),
            decisions: Vec::new(),
        });
        let (purpose, first) = accepting::purpose_and_first(start.task, &start.supplier);
        let mut run = Self {
            market: start.market,
            supplier: start.supplier,
            vertical: start.vertical,
            of_market,
            purpose,
            limits: start.limits,
            evidence: start.evidence,
            seed: start.seed,
            stage: Stage::Accepting,
            now,
            admitted: Admitted::default(),
            facts: Vec::new(),
            facts_known: false,
            asking: Asking::default(),
            offers: Vec::new(),
            legs: Vec::new(),
            fallbacks: Vec::new(),
            vacancies: Vec::new(),
            story: offers::Story::default(),
            redirect_url: None,
            next_effect: 0,
            pending: Vec::new(),
            effects: Vec::new(),
            record,
            recorded: None,
            is_recorded: true,
        };
        let Limits { min_price, max_disclosures } = run.limits;
        if run.limits != Limits::default() {
            run.decide(Decision::Limited { min_price, max_disclosures });
        }
        match first {
            Some(first) => run.store(first),
            None => run.look_up_facts(),
        }
        let effects = run.take_effects();
        Ok((run, effects))
    }

    /// Takes one event in and gives the effects that follow. An event that answers nothing outstanding changes nothing.
    pub fn step(&mut self, now: Now, event: Event) -> Vec<NumberedEffect> {
        // A clock that jumps back must not: elapsed time never shrinks.
        self.now = Now { elapsed: now.elapsed.max(self.now.elapsed), at: now.at };
        if let Some(place) = self.pending.iter().position(|(effect, _)| *effect == event.effect) {
            let (_, pending) = self.pending.remove(place);
            self.take(pending, event.answer);
        }
        self.record_rest();
        self.take_effects()
    }

    /// Nothing is outstanding that matters any more: the driver may let go of the run and of its timers.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Replied && !self.is_anything_out()
    }

    #[must_use]
    pub fn market(&self) -> &Arc<Market> {
        &self.market
    }

    #[must_use]
    pub fn attributes(&self) -> &PingPart {
        &self.record.attributes
    }

    #[must_use]
    pub fn is_test(&self) -> bool {
        self.record.test
    }

    #[must_use]
    pub fn vertical(&self) -> &VerticalName {
        &self.vertical
    }

    #[must_use]
    pub fn supplier(&self) -> &SupplierName {
        &self.supplier
    }

    /// What has been seen and decided so far.
    #[must_use]
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Whose run this is.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match &self.purpose {
            Purpose::Quote { ping, .. } => Subject::Ping(*ping),
            Purpose::Sale(lead) => Subject::Lead(lead.id),
        }
    }

    fn take(&mut self, pending: Pending, answer: Answer) {
        match (pending, answer) {
            (Pending::Facts, Answer::Facts(facts)) => self.on_facts(facts),
            (Pending::Facts, Answer::NoFacts) => self.give_back_request(),
            (Pending::Ping { tier, contract }, Answer::Pinged(reply)) => self.on_ping_reply(tier, contract, reply),
            (Pending::TierDeadline { tier, ask }, Answer::Woke) => self.on_tier_deadline(tier, ask),
            (Pending::Confirm { leg }, Answer::Confirmed(reply)) => self.on_confirm_reply(leg, reply),
            (Pending::Post { leg }, Answer::Posted(reply)) => self.on_post_reply(leg, reply),
            (Pending::Stored(stored), Answer::Stored(result)) => self.on_stored(*stored, result),
            (Pending::Retry(stored), Answer::Woke) => self.store_again(*stored),
            // An answer of another kind than its effect: a bug of the driver, which must not become one of ours.
            (pending, _) => self.on_mismatch(pending),
        }
    }

    fn on_mismatch(&mut self, pending: Pending) {
        use crate::call::{CallFailure, ConfirmReply, PingReply, PostReply};
        let bug = || CallFailure::Malformed("the driver answered otherwise".into());
        match pending {
            Pending::Facts => self.on_facts(Facts::default()),
            Pending::Ping { tier, contract } => self.on_ping_reply(tier, contract, PingReply::Failed(bug())),
            Pending::TierDeadline { tier, ask } => self.on_tier_deadline(tier, ask),
            Pending::Confirm { leg } => self.on_confirm_reply(leg, ConfirmReply::Failed(bug())),
            Pending::Post { leg } => self.on_post_reply(leg, PostReply::Unknown(bug())),
            Pending::Stored(stored) => self.on_stored(*stored, Err(StoreUnknown::CommitUnknown("the driver answered otherwise".into()))),
            Pending::Retry(stored) => self.store_again(*stored),
        }
    }

    fn emit(&mut self, effect: Effect, pending: Option<Pending>) {
        let id = EffectId(self.next_effect);
        self.next_effect += 1;
        if let Some(pending) = pending {
            self.pending.push((id, pending));
        }
        self.effects.push(NumberedEffect { id, effect });
    }

    fn reply(&mut self, reply: Reply) {
        if self.stage != Stage::Replied {
            self.stage = Stage::Replied;
            self.is_recorded = match reply {
                Reply::NotAccepted(_) | Reply::AlreadyPinged(_) => false,
                Reply::Unavailable => self.lead().is_some_and(|lead| lead.is_accepted),
                Reply::Quoted(_) | Reply::Unmatched { .. } | Reply::Lead(_) => true,
            };
            self.emit(Effect::Reply(reply), None);
        }
    }

    fn take_effects(&mut self) -> Vec<NumberedEffect> {
        std::mem::take(&mut self.effects)
    }

    fn decide(&mut self, decision: Decision) {
        let at = Micros::from(self.now.elapsed);
        Arc::make_mut(&mut self.record).decisions.push((at, decision));
    }

    fn saw(&mut self, event: RecordedEvent) {
        let at = Micros::from(self.now.elapsed);
        Arc::make_mut(&mut self.record).events.push((at, event));
    }

    // What the run's market says. That supplier and vertical exist was checked at the start.

    fn offered(&self) -> Option<Offered<'_>> {
        Some(Offered {
            market: &self.market,
            vertical: self.vertical_of_run()?,
            supplier: self.supplier_of_run()?,
            ping: &self.record.attributes,
            at: self.record.started_at,
            test: self.record.test,
        })
    }

    fn supplier_of_run(&self) -> Option<&Supplier> {
        self.market.parts().suppliers.get(self.of_market.supplier)
    }

    fn vertical_of_run(&self) -> Option<&Vertical> {
        self.market.parts().verticals.get(self.of_market.vertical)
    }

    fn tree(&self) -> Option<&Tree> {
        self.of_market.tree.map(|index| self.market.tree(index))
    }

    /// What the store said of a contract.
    fn facts_of(&self, index: ContractIndex) -> Option<&ContractFacts> {
        let contracts = &self.record.facts.contracts;
        let place = self.facts.binary_search_by_key(&index, |place| contracts[*place as usize].contract).ok()?;
        Some(&contracts[self.facts[place] as usize])
    }

    /// Whether an answer that matters is still to come.
    fn is_anything_out(&self) -> bool {
        self.pending.iter().any(|(_, pending)| !matches!(pending, Pending::TierDeadline { .. }))
    }

    fn tier(&self, tier: u32) -> Option<&Tier> {
        self.tree()?.tiers.get(tier as usize)
    }

    fn lead(&self) -> Option<&Lead> {
        match &self.purpose {
            Purpose::Sale(lead) => Some(lead),
            Purpose::Quote { .. } => None,
        }
    }

    fn elapsed(&self) -> Duration {
        self.now.elapsed
    }
}
