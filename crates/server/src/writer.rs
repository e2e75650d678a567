//! This process beside its writer: clocks, figures, and the facts in memory, which follow every commit.

use std::{sync::LazyLock, time::Duration};

use exchange::{
    changes::Changes,
    command::{Engine, StoreUnknown},
    time::Timestamp,
};
use metrics::Histogram;
use store::Attendant;

use crate::{
    clock::{self, Stopwatch},
    facts::{BatchBegun, FactsInMemory},
};

pub type Writer = store::Writer<Beside>;

#[derive(Clone)]
pub struct Beside {
    pub facts: FactsInMemory,
    since: Stopwatch,
}

/// Starts the node's writer.
pub fn start(engine: impl Engine + Send + 'static) -> std::io::Result<(Writer, std::thread::JoinHandle<()>)> {
    store::Writer::start(engine, Beside { facts: FactsInMemory::default(), since: Stopwatch::start() })
}

/// A batch under way.
pub struct Begun {
    facts: BatchBegun,
    commands: usize,
    watch: Stopwatch,
}

impl Attendant for Beside {
    type Begun = Begun;

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    fn begins(&self, commands: usize) -> Begun {
        static COMMANDS: LazyLock<Histogram> = LazyLock::new(|| metrics::histogram!("pingpost_store_batch_commands"));
        COMMANDS.record(commands as f64);
        Begun { facts: self.facts.begin(), commands, watch: Stopwatch::start() }
    }

    fn ended(&self, begun: Begun, result: Result<Changes, &StoreUnknown>) {
        static SECONDS: LazyLock<Histogram> = LazyLock::new(|| metrics::histogram!("pingpost_store_commit_seconds"));
        let Begun { facts, commands, watch } = begun;
        SECONDS.record(watch.elapsed().as_secs_f64());
        if let Err(error) = result {
            tracing::error!(%error, commands, "a batch was not committed");
        }
        self.facts.ended(facts, result.ok());
    }
}
