//! Commits: the writer of a node, the faults of its store, and the oracle that sees what really committed.

use std::time::Duration;

use exchange::command::{Command, Outcome, StoreUnknown};

use super::{
    Fatal, World,
    node::{CrashAt, Job},
};
use crate::{
    agenda::{Event, micros},
    row::Row,
};
use exchange::flow::effect::Answer;

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Commits,
    Refused,
    Full,
    /// Nobody knows whether it committed; this says whether it did.
    Unknown(bool),
}

impl World {
    pub(super) fn enqueue(&mut self, node: usize, job: Job) {
        self.nodes[node].enqueue(job);
        self.flush_later(node);
    }

    fn flush_later(&mut self, node: usize) {
        if !self.nodes[node].is_flush_due && self.nodes[node].is_anything_queued() {
            self.nodes[node].is_flush_due = true;
            let wait = self.slow(200, 3000);
            let epoch = self.nodes[node].epoch;
            self.after(wait, Event::Flush { node, epoch });
        }
    }

    /// So many microseconds; at times, far more.
    pub(super) fn slow(&mut self, low: u64, high: u64) -> Duration {
        let usual = self.random.between(low, high);
        if self.rates.delay > 0 && self.random.chance(self.rates.delay / 4) {
            self.tally.fault("delayed");
            return micros(usual * self.random.between(2, 60));
        }
        micros(usual)
    }

    pub(super) fn flush(&mut self, node: usize, epoch: u32) -> Result<(), Fatal> {
        if self.nodes[node].epoch != epoch || !self.nodes[node].is_up {
            return Ok(());
        }
        self.nodes[node].is_flush_due = false;
        if self.nodes[node].crash == Some(CrashAt::BeforeCommit) {
            self.crash(node, "before a commit");
            return Ok(());
        }
        let most = if self.random.chance(300) { self.random.between(1, 3) } else { 512 } as usize;
        let batch = self.nodes[node].take_batch(most);
        let (commands, answers): (Vec<Command>, Vec<_>) = batch.into_iter().map(|job| (job.command, job.answer_to)).unzip();
        let results = self.apply(node, &commands)?;
        if self.nodes[node].crash == Some(CrashAt::AfterCommit) {
            self.crash(node, "after a commit");
            return Ok(());
        }
        let took = self.slow(300, 2000);
        for (answer_to, result) in answers.into_iter().zip(results) {
            if let Some((at, effect)) = answer_to {
                if result.is_err()
                    && let Some(running) = self.nodes[node].runs.get_mut(&at.run)
                {
                    running.is_sure = false;
                }
                self.after(took, Event::Answer { at, effect, answer: Answer::Stored(result) });
            }
        }
        self.flush_later(node);
        Ok(())
    }

    /// As the server's writer: what was refused as a whole is tried command by command.
    fn apply(&mut self, node: usize, commands: &[Command]) -> Result<Vec<Result<Outcome, StoreUnknown>>, Fatal> {
        match self.commit(Some(node), commands)? {
            Ok(outcomes) => Ok(outcomes.into_iter().map(Ok).collect()),
            Err(StoreUnknown::NotWritten(_)) if commands.len() > 1 && !self.disk_full => {
                let mut results = Vec::new();
                for command in commands {
                    let result = self.commit(Some(node), std::slice::from_ref(command))?;
                    results.push(result.map(|mut outcomes| outcomes.pop().unwrap_or(Outcome::Done)));
                }
                Ok(results)
            }
            Err(unknown) => Ok(commands.iter().map(|_| Err(unknown.clone())).collect()),
        }
    }

    fn fate(&mut self, commands: &[Command]) -> Fate {
        // Past its reserve space a full disk takes nothing; the reserve is for outcomes.
        let grows = commands.iter().any(|command| matches!(command, Command::Accept(_) | Command::Quote(_) | Command::Claim(_)));
        if self.disk_full && grows && self.random.chance(500) {
            return Fate::Full;
        }
        if self.random.chance(self.rates.refused) {
            return Fate::Refused;
        }
        if self.random.chance(self.rates.commit_unknown) {
            return Fate::Unknown(self.random.chance(500));
        }
        Fate::Commits
    }

    /// Of what is sold, some is given back later.
    fn plan_returns(&mut self, commands: &[Command], outcomes: &[Outcome]) {
        for (command, outcome) in commands.iter().zip(outcomes) {
            if let (Command::Settle(settle), Outcome::Done) = (command, outcome)
                && self.random.chance(120)
            {
                let wait = self.random.between(60, 10_000);
                self.after(Duration::from_secs(wait), Event::Return { sale: settle.sale });
            }
        }
    }

    /// One transaction; the operators' own where no node is named. What committed is seen by the oracle, whoever hears of it.
    pub(super) fn commit(&mut self, node: Option<usize>, commands: &[Command]) -> Result<Result<Vec<Outcome>, StoreUnknown>, Fatal> {
        let fate = if node.is_some() { self.fate(commands) } else { Fate::Commits };
        match fate {
            Fate::Full => {
                self.tally.fault("disk full");
                return Ok(Err(StoreUnknown::NotWritten("disk full".into())));
            }
            Fate::Refused => {
                self.tally.fault("batch refused");
                return Ok(Err(StoreUnknown::NotWritten("busy".into())));
            }
            Fate::Unknown(_) => {
                self.tally.fault("commit unknown");
                self.tally.row(Row::CommitUnknown);
            }
            Fate::Commits => {}
        }
        if fate == Fate::Unknown(false) {
            return Ok(Err(StoreUnknown::CommitUnknown("disconnected before".into())));
        }
        let now = self.now;
        let engine = match node {
            Some(node) => self.nodes[node].engine.as_mut().ok_or_else(|| Fatal("a node without an engine".into()))?,
            None => &mut self.desk,
        };
        let outcomes = match engine.apply(now, commands) {
            Ok(outcomes) => outcomes,
            Err(unknown) => return Err(Fatal(format!("the store failed by itself: {unknown}"))),
        };
        self.tally.commits += 1;
        self.note_commit(node, commands, &outcomes);
        self.plan_returns(commands, &outcomes);
        let touched = self.model.observe(now, commands, &outcomes, &self.books);
        self.model.compare_touched(&mut self.storage.reader, &touched)?;
        if fate == Fate::Unknown(true) {
            return Ok(Err(StoreUnknown::CommitUnknown("disconnected after".into())));
        }
        Ok(Ok(outcomes))
    }
}
