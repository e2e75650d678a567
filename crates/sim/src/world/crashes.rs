//! Nodes that die, and come back.

use std::time::Duration;

use exchange::{command::Command, flow::effect::StoreRequest, id::NodeId};

use super::{Fatal, World, node::CrashAt};
use crate::{
    agenda::{Event, micros},
    model::State,
    row::Row,
};

impl World {
    pub(super) fn take_chance(&mut self, node: usize) {
        let is_busy = !self.nodes[node].runs.is_empty();
        if self.nodes[node].is_up && self.random.chance(self.rates.crash) && (is_busy || self.random.chance(100)) {
            if self.random.chance(150) {
                return self.stall(node);
            }
            let at = match self.random.below(6) {
                0 | 1 => CrashAt::Effect(self.random.between(0, 40) as u32),
                2 | 3 => CrashAt::BeforeCommit,
                4 => CrashAt::AfterCommit,
                _ => CrashAt::BeforeReply,
            };
            self.nodes[node].crash = Some(at);
        }
        if !self.calm {
            let next = if is_busy { self.random.between(300, 3000) } else { self.random.between(5000, 600_000) };
            self.after(Duration::from_millis(next), Event::Chance { node });
        }
    }

    /// While something is under way, whatever can go wrong has its chance.
    pub(super) fn tempt(&mut self, node: usize) {
        if self.calm {
            return;
        }
        let soon = |random: &mut crate::random::Random| Duration::from_millis(random.below(1800));
        if self.random.chance(self.rates.operator / 6) {
            let wait = soon(&mut self.random);
            self.after(wait, Event::OperatorNow);
        }
        if self.random.chance(self.rates.crash / 8) {
            let wait = soon(&mut self.random);
            self.after(wait, Event::Chance { node });
        }
        if !self.disk_full && self.random.chance(self.rates.disk_full / 25) {
            let wait = soon(&mut self.random);
            self.after(wait, Event::DiskFull { full: true });
        }
    }

    /// The moments that few faults would hit by themselves: around the commits that a lead's fate hangs on.
    pub(super) fn tempt_request(&mut self, node: usize, request: &StoreRequest) {
        if self.calm {
            return;
        }
        match request {
            StoreRequest::Plain(Command::Accept(_)) if self.random.chance(self.rates.crash / 16) => self.nodes[node].crash = Some(CrashAt::AfterCommit),
            StoreRequest::Reserve(reserve) => {
                if self.random.chance(self.rates.crash / 16) {
                    self.nodes[node].crash = Some(CrashAt::BeforeCommit);
                } else if self.random.chance(self.rates.operator / 4) {
                    let wait = micros(self.random.below(600));
                    self.after(wait, Event::Withdraw { lead: reserve.lead });
                }
            }
            _ => {}
        }
    }

    /// The buyer has the contact, and the node that sent it hasn't heard of it yet.
    pub(super) fn tempt_sent(&mut self, node: usize) {
        if !self.calm && self.nodes[node].is_up && self.random.chance(self.rates.crash / 5) {
            self.nodes[node].crash = Some(CrashAt::Effect(0));
        }
    }

    /// It hangs, for longer than its leads are safe, and goes on as if nothing had been.
    fn stall(&mut self, node: usize) {
        self.tally.fault("node stalled");
        let time = self.random.between(1000, 40_000);
        self.journal.note(self.now, format_args!("node {node} stalls for {time} ms"));
        self.nodes[node].stalled_until = self.now.plus(Duration::from_millis(time));
        self.after(Duration::from_millis(time), Event::Chance { node });
    }

    pub(super) fn crash(&mut self, node: usize, why: &str) {
        self.tally.fault("node crashed");
        self.journal.note(self.now, format_args!("node {node} crashes {why}"));
        self.note_cut_off(node);
        self.nodes[node].forget();
        let down = if self.random.chance(800) { self.random.between(50, 5000) } else { self.random.between(5000, 900_000) };
        self.after(Duration::from_millis(down), Event::Restart { node });
    }

    /// Which rows the crash has reached: by what was durable when it came.
    fn note_cut_off(&mut self, node: usize) {
        let leads: Vec<_> = self.nodes[node].runs.values().filter_map(|running| running.machine.run().map(|run| run.subject())).collect();
        for subject in leads {
            let exchange::id::Subject::Lead(lead) = subject else { continue };
            if !self.model.leads.get(&lead).is_some_and(|row| row.runs) {
                continue;
            }
            let sales = &self.model.leads[&lead].sales;
            let posted = sales.iter().any(|sale| self.model.sales[sale].state == State::Posted && self.books.posts.contains_key(sale));
            if posted {
                self.tally.row(Row::CrashAfterSend);
            } else if sales.is_empty() {
                self.tally.row(Row::CrashBeforeReserve);
            }
        }
    }

    pub(super) fn restart(&mut self, node: usize) -> Result<(), Fatal> {
        if self.nodes[node].is_up {
            return Ok(());
        }
        let engine = self.seams.engine(self.storage.engine()?);
        let id = NodeId::from_bytes(self.random.bytes());
        let down = &mut self.nodes[node];
        (down.engine, down.is_up, down.id) = (Some(engine), true, id);
        let epoch = down.epoch;
        self.journal.note(self.now, format_args!("node {node} starts"));
        self.follow(node, epoch)?;
        self.recover_at_start(node)?;
        self.tick_after(node, epoch, Duration::from_secs(2));
        Ok(())
    }
}
