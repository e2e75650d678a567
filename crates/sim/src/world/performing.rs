//! Performs the effects of runs, as the server's driver does, in virtual time.

use std::sync::Arc;

use exchange::{
    command::Terms,
    facts::{ContractFacts, Facts},
    flow::effect::{Answer, Effect, EffectId, Event as Answered, FactsRequest, NumberedEffect, Reply, StoreRequest},
    market::Market,
};
use store::Reader;

use super::{
    Fatal, World,
    node::{CrashAt, Job},
    overhearing::Heard,
};
use crate::agenda::{Event, RunAt, micros};

impl World {
    fn is_alive(&self, at: RunAt) -> bool {
        let node = &self.nodes[at.node];
        node.is_up && node.epoch == at.epoch && node.runs.contains_key(&at.run)
    }

    pub(super) fn answer(&mut self, at: RunAt, effect: EffectId, answer: Answer) -> Result<(), Fatal> {
        if !self.is_alive(at) {
            return Ok(());
        }
        let node = &self.nodes[at.node];
        let mut now = node.clocks(&node.runs[&at.run], self.now);
        now.elapsed = self.seams.elapsed(now.elapsed);
        let heard = Heard::of(&answer);
        let answer = self.through_seams(at, answer);
        let Some(running) = self.nodes[at.node].runs.get_mut(&at.run) else { return Ok(()) };
        let before = running.machine.run().map_or(0, |run| run.record().decisions.len());
        let effects = running.machine.step(now, Answered { effect, answer });
        self.check_heard(at, effect, before, heard);
        self.perform_all(at, effects)?;
        if self.is_alive(at) && self.nodes[at.node].runs[&at.run].machine.is_finished() {
            self.note_finished(at);
            self.nodes[at.node].runs.remove(&at.run);
        }
        Ok(())
    }

    pub(super) fn perform_all(&mut self, at: RunAt, effects: Vec<NumberedEffect>) -> Result<(), Fatal> {
        for NumberedEffect { id, effect } in effects {
            if !self.is_alive(at) {
                return Ok(());
            }
            if let Some(CrashAt::Effect(left)) = self.nodes[at.node].crash {
                if left == 0 {
                    self.crash(at.node, "before an effect");
                    return Ok(());
                }
                self.nodes[at.node].crash = Some(CrashAt::Effect(left - 1));
            }
            self.perform(at, id, effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, at: RunAt, id: EffectId, effect: Effect) -> Result<(), Fatal> {
        match effect {
            Effect::Reply(reply) => return self.reply(at, reply),
            Effect::Facts(request) => {
                let answer = self.facts(at, request)?;
                let wait = self.slow(300, 2000);
                self.after(wait, Event::Answer { at, effect: id, answer });
            }
            Effect::Store(request) => self.store(at, id, *request),
            Effect::Wake { at: due } => {
                let due = self.nodes[at.node].runs[&at.run].started.plus(self.seams.wake(due)).max(self.now);
                let late = micros(self.random.below(1500));
                self.at(due.plus(late), Event::Answer { at, effect: id, answer: Answer::Woke });
            }
            Effect::Ping(call) => self.ping(at, id, call),
            Effect::Confirm(call) => self.confirm(at, id, &call),
            Effect::Post(call) => self.post(at, id, &call)?,
            Effect::Status(call) => self.status(at, id, &call)?,
        }
        Ok(())
    }

    fn store(&mut self, at: RunAt, effect: EffectId, request: StoreRequest) {
        let present = self.present(at);
        self.note_request(at, &request, &present);
        self.post_early(&request);
        self.tempt_request(at.node, &request);
        match request.under(&present) {
            Ok(command) => self.enqueue(at.node, Job { command, answer_to: Some((at, effect)) }),
            Err(outcome) => self.after(micros(1), Event::Answer { at, effect, answer: Answer::Stored(Ok(outcome)) }),
        }
    }

    /// The market in force on the run's node.
    pub(super) fn present(&self, at: RunAt) -> Arc<Market> {
        let node = &self.nodes[at.node];
        node.market.clone().unwrap_or_else(|| Arc::clone(node.runs[&at.run].machine.market()))
    }

    fn facts(&mut self, at: RunAt, request: FactsRequest) -> Result<Answer, Fatal> {
        if self.random.chance(self.rates.read / 4) {
            self.tally.fault("read failed");
            return Ok(Answer::NoFacts);
        }
        let present = self.present(at);
        let market = Arc::clone(self.nodes[at.node].runs[&at.run].machine.market());
        let (mut refused, mut asked) = (Vec::new(), Vec::new());
        for index in request.contracts {
            match Terms::of(&present, &market.contract(index).key) {
                Ok(terms) => asked.push((index, terms)),
                Err(refusal) => refused.push(ContractFacts::refused(index, refusal)),
            }
        }
        let node = &mut self.nodes[at.node];
        node.rounds += 1;
        let (round, wall) = (node.rounds - 1, node.wall(self.now));
        let mut contracts = self.storage.reader.facts(wall, &asked, &request.people, request.test)?;
        contracts.extend(refused);
        Ok(Answer::Facts(Facts { contracts, round }))
    }

    fn reply(&mut self, at: RunAt, reply: Reply) -> Result<(), Fatal> {
        if self.nodes[at.node].crash == Some(CrashAt::BeforeReply) {
            self.crash(at.node, "before a reply");
            return Ok(());
        }
        let running = &self.nodes[at.node].runs[&at.run];
        let (asked_by, is_sure) = (running.asked_by, running.is_sure);
        self.journal.note(self.now, format_args!("node {} answers {asked_by:?} {reply:?}", at.node));
        self.model.told(&reply, is_sure);
        let told = self.told(&reply)?;
        if let Some(asked_by) = asked_by {
            self.tell(asked_by, told);
        }
        Ok(())
    }
}
