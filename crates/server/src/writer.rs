//! One queue, one writer: commands that wait at the same time are committed together.
//!
//! What ends a sale goes first, then what starts one, then quotes, then records.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use exchange::command::{Command, Engine, Outcome, StoreUnknown};
use tokio::sync::oneshot;

/// So many commands are committed in one transaction at most.
const MOST_IN_BATCH: usize = 512;
/// Past so many waiting commands of a lane, new ones are refused: the store can't keep up.
const MOST_WAITING: usize = 20_000;

type Answer = Result<Outcome, StoreUnknown>;

/// The order in which waiting commands are taken.
#[derive(Clone, Copy)]
enum Lane {
    Settle,
    Reserve,
    Quote,
    Record,
}

impl Lane {
    const COUNT: usize = 4;

    fn of(command: &Command) -> Self {
        match command {
            Command::Settle(_) | Command::Void(_) | Command::MarkUnknown { .. } | Command::End(_) | Command::StartPost { .. } => Self::Settle,
            Command::Reserve(_) | Command::Accept(_) | Command::Operate(_) => Self::Reserve,
            Command::Claim(_) | Command::Quote(_) | Command::AddOffers { .. } => Self::Quote,
            Command::Record { .. } | Command::Sweep => Self::Record,
        }
    }
}

struct Job {
    command: Command,
    answer: oneshot::Sender<Answer>,
}

#[derive(Default)]
struct Queue {
    lanes: [VecDeque<Job>; Lane::COUNT],
    is_closed: bool,
}

impl Queue {
    fn take_batch(&mut self) -> Vec<Job> {
        let mut batch = Vec::new();
        for lane in &mut self.lanes {
            let most = (MOST_IN_BATCH - batch.len()).min(lane.len());
            batch.extend(lane.drain(..most));
        }
        batch
    }
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to the node's one writer. Clones lead to the same.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

impl Writer {
    /// Starts the writer's thread. It ends, everything written, once [`Writer::close`] was called.
    pub fn start(engine: impl Engine + Send + 'static) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || write(engine, &of_thread))?;
        Ok((Self { shared }, thread))
    }

    /// Applies a command, together with whatever else is waiting, and answers once it has committed.
    pub async fn apply(&self, command: Command) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.enqueue(Job { command, answer })?;
        answered.await.unwrap_or_else(|_| Err(StoreUnknown::CommitUnknown("the writer has ended".into())))
    }

    fn enqueue(&self, job: Job) -> Result<(), StoreUnknown> {
        let mut queue = self.shared.lock();
        if queue.is_closed {
            return Err(StoreUnknown::NotWritten("the writer has ended".into()));
        }
        let lane = &mut queue.lanes[Lane::of(&job.command) as usize];
        if lane.len() >= MOST_WAITING {
            return Err(StoreUnknown::NotWritten("too much is waiting to be written".into()));
        }
        lane.push_back(job);
        drop(queue);
        self.shared.filled.notify_one();
        Ok(())
    }

    /// No more commands; those that wait are still written.
    pub fn close(&self) {
        self.shared.lock().is_closed = true;
        self.shared.filled.notify_one();
    }

    /// How many commands wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().lanes.iter().map(VecDeque::len).sum()
    }
}

fn write(mut engine: impl Engine, shared: &Shared) {
    while let Some(batch) = next_batch(shared) {
        let (commands, answers): (Vec<Command>, Vec<_>) = batch.into_iter().map(|job| (job.command, job.answer)).unzip();
        metrics::histogram!("pingpost_store_batch_commands").record(commands.len() as f64);
        let watch = crate::clock::Stopwatch::start();
        let result = engine.apply(crate::clock::now(), &commands);
        metrics::histogram!("pingpost_store_commit_seconds").record(watch.elapsed().as_secs_f64());
        match result {
            Ok(outcomes) => answers.into_iter().zip(outcomes).for_each(|(answer, outcome)| drop(answer.send(Ok(outcome)))),
            Err(unknown) => {
                tracing::error!(error = %unknown, commands = commands.len(), "a batch was not committed");
                answers.into_iter().for_each(|answer| drop(answer.send(Err(unknown.clone()))));
            }
        }
    }
}

/// Waits for the next batch; none when the writer is closed and nothing is left.
fn next_batch(shared: &Shared) -> Option<Vec<Job>> {
    let mut queue = shared.lock();
    loop {
        let batch = queue.take_batch();
        if !batch.is_empty() {
            return Some(batch);
        }
        if queue.is_closed {
            return None;
        }
        queue = shared.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}
