//! Drives a run with what was recorded, in the time of then.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Deal, End, Past, Pick};
use crate::{
    call::PingCall,
    command::QuotedOffer,
    contract::SaleKind,
    facts::Facts,
    flow::{
        Run, RunStart, Task,
        effect::{Answer, Effect, EffectId, Event, NumberedEffect, Reply, StoreRequest},
    },
    id::{ContractIndex, ContractKey, NodeId, PingId},
    market::Market,
    record::Decision,
    time::Now,
};

/// What a run waits for.
enum Due {
    Answer(Answer),
    /// A tier's deadline, and those of the tier whose bids nobody knows.
    Deadline(Vec<ContractKey>),
}

struct Playback<'a> {
    past: &'a Past<'a>,
    market: &'a Arc<Market>,
    run: Run,
    now: Duration,
    queue: BTreeMap<(Duration, EffectId), Due>,
    /// Contracts of whose caps or credit something is unknown.
    unsure: Vec<ContractKey>,
    end: Option<End>,
}

/// How the auction ends. None where the run can't start, which the caller has ruled out.
pub(super) fn end(past: &Past<'_>, market: &Arc<Market>) -> Option<End> {
    let record = past.record;
    let start = RunStart {
        market: Arc::clone(market),
        supplier: record.supplier.clone(),
        vertical: record.vertical.clone(),
        test: record.test,
        attributes: record.attributes.clone(),
        limits: past.limits,
        evidence: None,
        seed: record.seed,
        // Whatever it was, its auction is that of a ping; no id is of any consequence.
        task: Task::Ping { ping: PingId::from_bytes([0; 16]), sealed: None, idempotency: None, node: NodeId::from_bytes([0; 16]) },
    };
    let (run, effects) = Run::start(start, Now { elapsed: Duration::ZERO, at: record.started_at }).ok()?;
    let mut playback = Playback { past, market, run, now: Duration::ZERO, queue: BTreeMap::new(), unsure: Vec::new(), end: None };
    playback.perform(effects);
    Some(playback.play())
}

impl Playback<'_> {
    fn play(mut self) -> End {
        while self.end.is_none() {
            let Some(((at, effect), due)) = self.queue.pop_first() else { break };
            let answer = match due {
                Due::Answer(answer) => answer,
                // Whoever nobody knows of might have bid by now.
                Due::Deadline(unknown) if !unknown.is_empty() => return End::Unknown(unknown),
                Due::Deadline(_) => Answer::Woke,
            };
            self.now = self.now.max(at);
            let now = Now { elapsed: self.now, at: self.past.record.started_at.plus(self.now) };
            let effects = self.run.step(now, Event { effect, answer });
            self.perform(effects);
        }
        self.end.unwrap_or_else(|| End::Unknown(Vec::new()))
    }

    fn perform(&mut self, effects: Vec<NumberedEffect>) {
        let mut unknown = Vec::new();
        for NumberedEffect { id, effect } in effects {
            match effect {
                Effect::Facts(request) => {
                    let facts = self.facts(&request.contracts);
                    self.queue.insert((self.past.facts_at, id), Due::Answer(Answer::Facts(facts)));
                }
                Effect::Ping(call) => {
                    if !self.ask(id, &call) {
                        unknown.push(self.market.contract(call.contract).key.clone());
                    }
                }
                Effect::Wake { at } => {
                    unknown.sort();
                    self.queue.insert((at, id), Due::Deadline(std::mem::take(&mut unknown)));
                }
                Effect::Store(request) => {
                    if let StoreRequest::Quote { quote, .. } = *request {
                        self.end = Some(self.offered(&quote.offers));
                    }
                }
                Effect::Reply(Reply::Unmatched { reason, .. }) => self.end = Some(End::Unsold(reason)),
                Effect::Reply(_) | Effect::Confirm(_) | Effect::Post(_) | Effect::Status(_) => {}
            }
        }
    }

    fn facts(&mut self, contracts: &[ContractIndex]) -> Facts {
        let mut looked_up = Vec::with_capacity(contracts.len());
        for index in contracts {
            let (facts, known) = self.past.facts(self.market, *index);
            looked_up.push(facts);
            if !known {
                self.unsure.push(self.market.contract(*index).key.clone());
            }
        }
        Facts { contracts: looked_up, round: self.past.record.facts.round }
    }

    /// False where nobody knows what it would answer.
    fn ask(&mut self, effect: EffectId, call: &PingCall) -> bool {
        let tier = self.run.record().decisions.iter().rev().find_map(|(_, decision)| match decision {
            Decision::TierEntered { tier } => Some(*tier),
            _ => None,
        });
        let answered = self.past.answer(&self.market.contract(call.contract).key, tier.unwrap_or_default());
        let Some(answered) = answered.filter(|answered| answered.tells(call)) else { return false };
        // Whoever never answered does not now either.
        if let Some(reply) = answered.reply {
            self.queue.insert((self.now + answered.after, effect), Due::Answer(Answer::Pinged(reply.clone())));
        }
        true
    }

    fn offered(&self, offers: &[QuotedOffer]) -> End {
        let promised: Vec<&QuotedOffer> = offers.iter().filter(|offer| offer.promised).collect();
        let key = |offer: &QuotedOffer| self.market.contract(offer.contract).key.clone();
        // With all that may have been left to it, such a contract is the choice; with less, another would be.
        let unsure: Vec<ContractKey> = promised.iter().map(|offer| key(offer)).filter(|key| self.unsure.contains(key)).collect();
        if !unsure.is_empty() {
            return End::Unknown(unsure);
        }
        End::Offered(Deal {
            tier: promised.first().map_or(0, |offer| offer.tier),
            kind: promised.first().map_or(SaleKind::Exclusive, |offer| offer.kind),
            picks: promised.into_iter().map(|offer| Pick { contract: key(offer), price: offer.price, net: offer.net }).collect(),
        })
    }
}
