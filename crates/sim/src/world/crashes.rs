//! Nodes that die, and come back.

use std::time::Duration;

use super::{Fatal, World, node::CrashAt};
use crate::{agenda::Event, model::State, row::Row};

impl World {
    pub(super) fn take_chance(&mut self, node: usize) {
        let is_busy = !self.nodes[node].runs.is_empty();
        if self.nodes[node].is_up && self.random.chance(self.rates.crash) && (is_busy || self.random.chance(100)) {
            let at = match self.random.below(6) {
                0 | 1 => CrashAt::Effect(self.random.between(0, 40) as u32),
                2 | 3 => CrashAt::BeforeCommit,
                4 => CrashAt::AfterCommit,
                _ => CrashAt::BeforeReply,
            };
            self.nodes[node].crash = Some(at);
        }
        if !self.calm {
            let next = if is_busy { self.random.between(200, 3000) } else { self.random.between(2000, 60_000) };
            self.after(Duration::from_millis(next), Event::Chance { node });
        }
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
        let leads: Vec<_> = self.nodes[node].runs.values().map(|running| running.run.subject()).collect();
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
        let engine = self.storage.engine()?;
        let down = &mut self.nodes[node];
        (down.engine, down.is_up) = (Some(engine), true);
        let epoch = down.epoch;
        self.journal.note(self.now, format_args!("node {node} starts"));
        self.follow(node, epoch)?;
        self.recover_at_start(node)?;
        self.after(Duration::from_secs(5), Event::Tend { node, epoch });
        Ok(())
    }
}
