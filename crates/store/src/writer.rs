//! One queue, one writer: commands that wait at the same time are committed together. On a store that several nodes share there are
//! two of each.
//!
//! What ends a sale goes first, then what starts one, then quotes, then records.
//!
//! Time comes from whoever attends to the writer, and so does whatever else a process wants to know of its batches.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use exchange::{
    changes::Changes,
    command::{Command, Engine, Outcome, StoreUnknown},
    time::Timestamp,
};
use tokio::sync::oneshot;

/// Who attends to a writer: tells it the time, and hears of its batches.
pub trait Attendant: Clone + Send + Sync + 'static {
    /// What is remembered from the beginning of a batch to its end.
    type Begun;

    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// A monotonic clock, since whenever.
    fn elapsed(&self) -> Duration;
    fn begins(&self, commands: usize) -> Self::Begun;
    /// What a batch changed, or why it was not committed. Before anybody else is told.
    fn ended(&self, begun: Self::Begun, result: Result<Changes, &StoreUnknown>);
}

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
            Command::Settle(_)
            | Command::Void(_)
            | Command::MarkUnknown { .. }
            | Command::End(_)
            | Command::StartPost(_)
            | Command::TakeOver(_)
            | Command::LookAgain(_)
            | Command::RequestReturn(_)
            | Command::Beat(_) => Self::Settle,
            Command::Reserve(_) | Command::Accept(_) | Command::Operate(_) => Self::Reserve,
            Command::Claim(_) | Command::Unclaim(_) | Command::Quote(_) | Command::AddOffers { .. } => Self::Quote,
            Command::Audited(audited) => Self::of(&audited.command),
            Command::Record { .. } | Command::TakeNotice(_) | Command::NoteTry(_) | Command::Keep(_) | Command::Sweep => Self::Record,
        }
    }
}

struct Job {
    command: Command,
    answer: oneshot::Sender<Answer>,
    /// Since it waits.
    since: Duration,
}

#[derive(Default)]
struct Queue {
    lanes: [VecDeque<Job>; Lane::COUNT],
    is_closed: bool,
    /// Somebody sees to it that what is ready to be written at the same time comes into one batch.
    is_gathering: bool,
    /// The writer's thread sleeps until it is told.
    is_awaited: bool,
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

    fn waiting(&self) -> usize {
        self.lock().lanes.iter().map(VecDeque::len).sum()
    }

    /// Wakes the writer's thread, if it sleeps: whom nobody waits for, nobody is told.
    fn tell(&self, mut queue: MutexGuard<'_, Queue>) {
        let is_awaited = std::mem::take(&mut queue.is_awaited);
        drop(queue);
        if is_awaited {
            self.filled.notify_one();
        }
    }
}

/// So many turns of the scheduler a batch is gathered for at most.
const MOST_TURNS: usize = 16;

/// Held by whoever brought the first command of a batch: as long as it is, the batch waits for others.
struct Gathering(Arc<Shared>);

impl Gathering {
    /// Lets every task run that can run now, and again as long as that brings more commands. On an idle processor that takes no time; on
    /// a busy one it makes one commit of many.
    async fn until_quiet(self) {
        let mut gathered = 0;
        for _ in 0..MOST_TURNS {
            tokio::task::yield_now().await;
            let waiting = self.0.waiting();
            if waiting <= gathered || waiting >= MOST_IN_BATCH {
                return;
            }
            gathered = waiting;
        }
    }
}

impl Drop for Gathering {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.is_gathering = false;
        self.0.tell(queue);
    }
}

/// The way to the node's writer. Clones lead to the same.
#[derive(Clone)]
pub struct Writer<A> {
    shared: Arc<Shared>,
    /// Where there is a second engine: for what waits for no contract and no buyer, so that hot ones hold up no ping.
    apart: Option<Arc<Shared>>,
    attendant: A,
}

impl<A> std::fmt::Debug for Writer<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

/// Whether a command touches nothing that others may hold for long.
fn waits_for_nobody(command: &Command) -> bool {
    match command {
        Command::Claim(_) | Command::Unclaim(_) | Command::Record { .. } | Command::Beat(_) | Command::Keep(_) => true,
        Command::Quote(quote) => quote.holds.is_empty(),
        _ => false,
    }
}

impl<A: Attendant> Writer<A> {
    /// Starts the writer's thread. It ends, everything written, once [`Writer::close`] was called.
    pub fn start(engine: impl Engine + Send + 'static, attendant: A) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (shared, thread) = start_thread(engine, attendant.clone())?;
        Ok((Self { shared, apart: None, attendant }, thread))
    }

    /// Gives the writer a second engine and thread, on a store that takes two transactions at a time.
    pub fn with_second(self, engine: impl Engine + Send + 'static) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (second, thread) = start_thread(engine, self.attendant.clone())?;
        Ok((Self { apart: Some(second), ..self }, thread))
    }

    pub fn attendant(&self) -> &A {
        &self.attendant
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Shared>> {
        [Some(&self.shared), self.apart.as_ref()].into_iter().flatten()
    }

    /// Applies a command, together with whatever else is waiting, and answers once it has committed.
    pub async fn apply(&self, command: Command) -> Answer {
        let (answer, answered) = oneshot::channel();
        if let Some(gathering) = self.enqueue(Job { command, answer, since: self.attendant.elapsed() })? {
            gathering.until_quiet().await;
        }
        answered.await.unwrap_or_else(|_| Err(StoreUnknown::CommitUnknown("the writer has ended".into())))
    }

    fn enqueue(&self, job: Job) -> Result<Option<Gathering>, StoreUnknown> {
        let shared = self.apart.as_ref().filter(|_| waits_for_nobody(&job.command)).unwrap_or(&self.shared);
        let mut queue = shared.lock();
        if queue.is_closed {
            return Err(StoreUnknown::NotWritten("the writer has ended".into()));
        }
        let lane = &mut queue.lanes[Lane::of(&job.command) as usize];
        if lane.len() >= MOST_WAITING {
            return Err(StoreUnknown::NotWritten("too much is waiting to be written".into()));
        }
        lane.push_back(job);
        let is_first = !std::mem::replace(&mut queue.is_gathering, true);
        Ok(is_first.then(|| Gathering(Arc::clone(shared))))
    }

    /// No more commands; those that wait are still written.
    pub fn close(&self) {
        for shared in self.all() {
            let mut queue = shared.lock();
            queue.is_closed = true;
            shared.tell(queue);
        }
    }

    /// How long the command has waited that has waited longest.
    pub fn longest_wait(&self) -> Duration {
        let now = self.attendant.elapsed();
        let longest = |shared: &Arc<Shared>| shared.lock().lanes.iter().filter_map(VecDeque::front).map(|job| now.saturating_sub(job.since)).max();
        self.all().filter_map(longest).max().unwrap_or_default()
    }

    /// How many commands wait.
    pub fn waiting(&self) -> usize {
        self.all().map(|shared| shared.waiting()).sum()
    }
}

/// Whatever ends the writer, nobody waits for it any more.
struct CloseAtEnd<'a>(&'a Shared);

impl Drop for CloseAtEnd<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.lock();
        queue.is_closed = true;
        queue.lanes.iter_mut().for_each(VecDeque::clear);
    }
}

fn start_thread(engine: impl Engine + Send + 'static, attendant: impl Attendant) -> std::io::Result<(Arc<Shared>, std::thread::JoinHandle<()>)> {
    let shared = Arc::new(Shared::default());
    let of_thread = Arc::clone(&shared);
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || write(Written { engine, attendant }, &of_thread))?;
    Ok((shared, thread))
}

/// What a writer's thread writes to, and by whose clock.
struct Written<E, A> {
    engine: E,
    attendant: A,
}

fn write(mut store: Written<impl Engine, impl Attendant>, shared: &Shared) {
    let _close = CloseAtEnd(shared);
    while let Some(batch) = next_batch(shared) {
        let (commands, answers): (Vec<Command>, Vec<_>) = batch.into_iter().map(|job| (job.command, job.answer)).unzip();
        for (answer, result) in answers.into_iter().zip(store.apply(&commands)) {
            // Nobody waits any more where a run was cut off.
            drop(answer.send(result));
        }
    }
}

/// So many failures in a row are the store's, not the commands': the rest is not tried.
const MOST_FAILURES: usize = 3;

impl<E: Engine, A: Attendant> Written<E, A> {
    /// Applies a batch. One that was refused as a whole is tried command by command: what is wrong with one is not the others' fault.
    fn apply(&mut self, commands: &[Command]) -> Vec<Answer> {
        match self.apply_at_once(commands) {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(StoreUnknown::NotWritten(why)) if commands.len() > 1 => self.one_by_one(commands, &why),
            Err(unknown) => commands.iter().map(|_| Err(unknown.clone())).collect(),
        }
    }

    fn one_by_one(&mut self, commands: &[Command], why: &str) -> Vec<Answer> {
        let mut failures = 0;
        let one = |command: &Command| {
            if failures >= MOST_FAILURES {
                return Err(StoreUnknown::NotWritten(why.to_owned()));
            }
            let result = self.apply_at_once(std::slice::from_ref(command));
            failures = if result.is_err() { failures + 1 } else { 0 };
            result.and_then(|mut outcomes| outcomes.pop().ok_or_else(|| StoreUnknown::CommitUnknown("the engine gave no answer".into())))
        };
        commands.iter().map(one).collect()
    }

    fn apply_at_once(&mut self, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown> {
        let begun = self.attendant.begins(commands.len());
        let result = self.engine.apply(self.attendant.now(), commands);
        self.attendant.ended(begun, result.as_ref().map(|_| self.engine.take_changes()));
        result
    }
}

/// Waits for the next batch; none when the writer is closed and nothing is left.
fn next_batch(shared: &Shared) -> Option<Vec<Job>> {
    let mut queue = shared.lock();
    loop {
        if !queue.is_gathering || queue.is_closed {
            let batch = queue.take_batch();
            if !batch.is_empty() {
                return Some(batch);
            }
            if queue.is_closed {
                return None;
            }
        }
        queue.is_awaited = true;
        queue = shared.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use exchange::id::{LeadId, SaleId};

    use super::*;

    #[derive(Clone)]
    struct Nobody;

    impl Attendant for Nobody {
        type Begun = ();

        fn now(&self) -> Timestamp {
            Timestamp::default()
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn begins(&self, _: usize) {}

        fn ended(&self, (): (), _: Result<Changes, &StoreUnknown>) {}
    }

    /// Refuses every batch with a certain sale in it, as an engine does with a command that it chokes on.
    struct Choking(SaleId);

    impl Engine for Choking {
        fn apply(&mut self, _: Timestamp, commands: &[Command]) -> Result<Vec<Outcome>, StoreUnknown> {
            let chokes = commands.iter().any(|command| matches!(command, Command::MarkUnknown { sale, .. } if *sale == self.0));
            if chokes { Err(StoreUnknown::NotWritten("choked".into())) } else { Ok(commands.iter().map(|_| Outcome::Done).collect()) }
        }

        fn take_changes(&mut self) -> Changes {
            Changes::none()
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_takes_no_other_with_it_and_what_waits_is_written_before_the_end() {
        let bad = SaleId::from_bytes([1; 16]);
        let (writer, thread) = Writer::start(Choking(bad), Nobody).unwrap();
        let mark = |byte| Command::MarkUnknown { sale: SaleId::from_bytes([byte; 16]), why: LeadId::from_bytes([byte; 16]).to_string() };
        let (first, second, third) = tokio::join!(writer.apply(mark(0)), writer.apply(mark(1)), writer.apply(mark(2)));
        assert!(first.is_ok() && third.is_ok());
        assert_eq!(second.unwrap_err(), StoreUnknown::NotWritten("choked".into()));
        writer.close();
        assert!(writer.apply(mark(3)).await.is_err(), "closed");
        thread.join().unwrap();
    }
}
