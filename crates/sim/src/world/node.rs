//! A node: its runs, its one writer, its clock. What it knows is gone when it crashes.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use exchange::{
    command::{Command, Engine},
    flow::effect::EffectId,
    id::NodeId,
    market::Market,
    time::{Now, Timestamp},
};

use super::machine::Machine;
use crate::{agenda::RunAt, random::Random};

pub(crate) struct Node {
    /// In microseconds: how far its wall clock is off.
    pub skew_us: i64,
    /// Counts its lives.
    pub epoch: u32,
    /// Another one in each of its lives.
    pub id: NodeId,
    /// Until then it does nothing at all, and doesn't know it.
    pub stalled_until: Timestamp,
    pub last_beat: Timestamp,
    pub is_up: bool,
    pub engine: Option<Box<dyn Engine>>,
    pub market: Option<Arc<Market>>,
    pub runs: BTreeMap<u32, Running>,
    pub next_run: u32,
    lanes: [VecDeque<Job>; 4],
    pub is_flush_due: bool,
    pub rounds: u64,
    pub crash: Option<CrashAt>,
    pub ticks: u64,
}

pub(crate) struct Running {
    pub machine: Machine,
    pub started: Timestamp,
    pub started_wall: Timestamp,
    /// The deal and attempt that wait for its answer. Nobody waits for a look.
    pub asked_by: Option<(usize, u32)>,
    /// Every command of it was answered.
    pub is_sure: bool,
}

/// Where a node is about to crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CrashAt {
    /// After so many more effects.
    Effect(u32),
    BeforeCommit,
    /// Committed, and nobody hears of it.
    AfterCommit,
    BeforeReply,
}

pub(crate) struct Job {
    pub command: Command,
    pub answer_to: Option<(RunAt, EffectId)>,
}

impl Node {
    pub fn new(random: &mut Random, most_skew_us: u64) -> Self {
        let skew = random.below(2 * most_skew_us + 1) as i64 - most_skew_us as i64;
        Self {
            skew_us: skew,
            epoch: 0,
            id: NodeId::from_bytes(random.bytes()),
            stalled_until: Timestamp::default(),
            last_beat: Timestamp::default(),
            is_up: false,
            engine: None,
            market: None,
            runs: BTreeMap::new(),
            next_run: 0,
            lanes: std::array::from_fn(|_| VecDeque::new()),
            is_flush_due: false,
            rounds: 0,
            crash: None,
            ticks: 0,
        }
    }

    /// What its own clock shows.
    pub fn wall(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_micros(now.micros() + self.skew_us)
    }

    pub fn clocks(&self, running: &Running, now: Timestamp) -> Now {
        let elapsed = now.since(running.started);
        Now { elapsed, at: running.started_wall.plus(elapsed) }
    }

    pub fn enqueue(&mut self, job: Job) {
        self.lanes[lane(&job.command)].push_back(job);
    }

    pub fn is_anything_queued(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.is_empty())
    }

    /// What is committed together: what ends a sale first.
    pub fn take_batch(&mut self, most: usize) -> Vec<Job> {
        let mut batch = Vec::new();
        for lane in &mut self.lanes {
            let count = (most - batch.len()).min(lane.len());
            batch.extend(lane.drain(..count));
        }
        batch
    }

    /// All that only it knew is gone.
    pub fn forget(&mut self) {
        self.epoch += 1;
        self.is_up = false;
        self.engine = None;
        self.market = None;
        self.runs.clear();
        self.lanes.iter_mut().for_each(VecDeque::clear);
        self.is_flush_due = false;
        self.crash = None;
    }
}

/// The order of the server's writer.
fn lane(command: &Command) -> usize {
    match command {
        Command::Settle(_)
        | Command::Void(_)
        | Command::MarkUnknown { .. }
        | Command::End(_)
        | Command::StartPost(_)
        | Command::TakeOver(_)
        | Command::LookAgain(_)
        | Command::RequestReturn(_)
        | Command::Beat(_) => 0,
        Command::Reserve(_) | Command::Accept(_) | Command::Operate(_) => 1,
        Command::Claim(_) | Command::Unclaim(_) | Command::Quote(_) | Command::AddOffers { .. } => 2,
        Command::Audited(audited) => lane(&audited.command),
        Command::Record { .. } | Command::TakeNotice(_) | Command::NoteTry(_) | Command::Keep(_) | Command::Sweep => 3,
    }
}
