//! A ping's whole life, without its sockets and without a store: read, sealed, matched, asked about, bid for, quoted.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use exchange::{
    call::PingCall,
    command::Outcome,
    facts::{ContractFacts, Facts, Seed},
    flow::{
        Limits, Run, RunStart, Task,
        effect::{Answer, Effect, Event, NumberedEffect, Reply, StoreRequest},
    },
    id::{NodeId, PingId, Revision, Subject},
    lead::read_ping,
    market::Market,
    money::Money,
    schema::Vertical,
    seal::MasterKey,
    time::{Now, Timestamp},
};
use guard::{
    market::{NoMarket, fields_of_ping, parts},
    random::Random,
};
use jiff::civil::date;
use wire::{
    body,
    native::{PingContext, Shown, ping_body, read_bid},
};

/// Buyers that are asked.
const BUYERS: u32 = 10;

pub struct Life<'a> {
    market: &'a Arc<Market>,
    vertical: &'a Vertical,
    master: MasterKey,
    at: Timestamp,
    request: Vec<u8>,
    bids: Vec<Vec<u8>>,
    random: Random,
}

/// The market that pings live in.
pub fn market() -> Result<Arc<Market>, NoMarket> {
    let market = Arc::new(Market::new(Revision(1), parts(10_000, BUYERS)?));
    market.prepare(None);
    Ok(market)
}

impl<'a> Life<'a> {
    pub fn new(market: &'a Arc<Market>, at: Timestamp) -> Result<Self, NoMarket> {
        let bid = |buyer: u32| format!("{{\"bid\":\"{}.50\",\"ref\":\"reference-{buyer}\"}}", 10 + buyer * 7 % 10).into_bytes();
        Ok(Self {
            market,
            vertical: market.parts().verticals.first().ok_or(NoMarket)?,
            master: MasterKey::from_bytes([7; 32]),
            at,
            request: fields_of_ping().to_string().into_bytes(),
            bids: (0..BUYERS).map(bid).collect(),
            random: Random::of(4),
        })
    }

    /// How many bytes of pings went out, for a ping that was quoted.
    pub fn live(&mut self) -> usize {
        let ping = PingId::from_bytes([1; 16]);
        let Some(start) = self.read(ping) else { return 0 };
        let now = |ms| Now { elapsed: Duration::from_millis(ms), at: self.at };
        let Ok((mut run, first)) = Run::start(start, now(0)) else { return 0 };
        let mut effects: VecDeque<NumberedEffect> = first.into();
        let (mut asked, mut replied, mut shown) = (0, 0, None);
        while let Some(NumberedEffect { id, effect }) = effects.pop_front() {
            let answer = match effect {
                Effect::Facts(request) => {
                    let facts = |contract| ContractFacts { available: Money::from_units(1000), ..ContractFacts::untouched(contract) };
                    Answer::Facts(Facts { contracts: request.contracts.into_iter().map(facts).collect(), round: 0 })
                }
                Effect::Ping(call) => {
                    let context = PingContext { market: self.market, vertical: self.vertical, attributes: run.attributes(), test: false };
                    let body = ping_body(&context, shown.get_or_insert_with(|| Shown::of(&context)), &call, &call.buyer_ping.to_string());
                    asked += body.len();
                    Answer::Pinged(self.bid(&call))
                }
                Effect::Store(request) => match *request {
                    StoreRequest::Quote { .. } => Answer::Stored(Ok(Outcome::Quoted { firm: false, expires_at: self.at })),
                    _ => Answer::Stored(Ok(Outcome::Done)),
                },
                Effect::Reply(Reply::Quoted(_)) => {
                    replied += 1;
                    continue;
                }
                _ => continue,
            };
            effects.extend(run.step(now(20), Event { effect: id, answer }));
        }
        asked * replied
    }

    fn read(&mut self, ping: PingId) -> Option<RunStart> {
        let fields = body::read(Some("application/json"), &self.request).ok()?.fields;
        let read = read_ping(self.vertical, &fields, date(2026, 11, 24)).ok()?;
        let named = read.exact.iter().map(|(index, value)| (self.vertical.field(*index).name.as_str(), value));
        let random = &mut self.random;
        let sealed = self.master.seal(Subject::Ping(ping), named, &mut |bytes| bytes.fill_with(|| random.below(256) as u8)).ok()?;
        Some(RunStart {
            market: Arc::clone(self.market),
            supplier: "source".parse().ok()?,
            vertical: self.vertical.name.clone(),
            test: false,
            attributes: read.attributes,
            limits: Limits::default(),
            evidence: None,
            seed: Seed([5; 32]),
            task: Task::Ping { ping, sealed: Some(sealed), idempotency: None, node: NodeId::from_bytes([2; 16]) },
        })
    }

    fn bid(&self, call: &PingCall) -> exchange::call::PingReply {
        let bytes = &self.bids[call.contract.0 as usize % self.bids.len()];
        read_bid(200, bytes, self.market.currency(), call.kinds)
    }
}
