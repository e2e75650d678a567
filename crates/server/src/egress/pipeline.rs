//! One connection that many pings share: all that are asked at the same moment leave in one write, and as many answers as have come
//! are read at once (RFC 9112, 9.3.2).

use std::{
    future::Future,
    mem::{self, MaybeUninit},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    io::ReadBuf,
    sync::oneshot,
    time::{Instant, Sleep},
};

use super::{
    Answered,
    connection::Connection,
    sending::Sending,
    target::Target,
    turns::{Lost, Over, Turn, Turns},
};
use crate::clock;

/// In bytes: what is read at once.
const READ_SIZE: usize = 16 * 1024;
/// Between two looks at the time.
const SOON: Duration = Duration::from_millis(1);
/// In bytes: what is kept of a buffer that was larger.
const MOST_KEPT: usize = 64 * 1024;

/// What those who ask and the connection's task share.
#[derive(Debug)]
pub struct Pipeline(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Asked, and not taken by the task yet: the requests' bytes, and whose they are.
    requests: Vec<u8>,
    asked: Vec<Turn>,
    /// Of all requests ever.
    bytes: u64,
    /// How many wait for their answers, asked just now or before.
    waiting: usize,
    /// An answer is overdue: until it came, no more is taken.
    is_late: bool,
    is_over: bool,
    /// Of the task, while it has taken all.
    task: Option<Waker>,
}

impl Pipeline {
    /// Over a connection that has answered before, and is kept by both sides. It is closed when nothing was asked for `idle_time`.
    pub fn start(connection: Connection, idle_time: Duration) -> Arc<Self> {
        let state = State { requests: Vec::new(), asked: Vec::new(), bytes: 0, waiting: 0, is_late: false, is_over: false, task: None };
        let pipeline = Arc::new(Self(Mutex::new(state)));
        let now = clock::instant();
        tokio::spawn(Exchanges {
            pipeline: Arc::clone(&pipeline),
            connection,
            turns: Turns::default(),
            requests: Vec::new(),
            written: 0,
            sent: 0,
            is_flushed: true,
            is_gathering: false,
            timer: Box::pin(tokio::time::sleep_until(now + idle_time)),
            used_at: now,
            idle_time,
        });
        pipeline
    }

    /// Asks, if fewer than `most` wait for their answers, each of which comes in its turn.
    pub fn ask(&self, most: usize, target: &Target, sending: &Sending, until: Instant) -> Option<oneshot::Receiver<Result<Answered, Lost>>> {
        let mut state = self.lock();
        if !state.has_room(most) {
            return None;
        }
        let (asker, answer) = oneshot::channel();
        let before = state.requests.len();
        target.write_request(&mut state.requests, &sending.method, &sending.headers, &sending.body);
        state.bytes += (state.requests.len() - before) as u64;
        state.waiting += 1;
        let turn = Turn::new(asker, until, sending.keeps_headers, state.bytes);
        state.asked.push(turn);
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
        Some(answer)
    }

    pub fn has_room(&self, most: usize) -> bool {
        self.lock().has_room(most)
    }

    pub fn is_over(&self) -> bool {
        self.lock().is_over
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_room(&self, most: usize) -> bool {
        !self.is_over && !self.is_late && self.waiting < most
    }
}

/// The connection's task.
struct Exchanges {
    pipeline: Arc<Pipeline>,
    connection: Connection,
    turns: Turns,
    /// Being written.
    requests: Vec<u8>,
    written: usize,
    /// Of all requests, how many bytes were written.
    sent: u64,
    is_flushed: bool,
    /// Others that are about to ask may join.
    is_gathering: bool,
    timer: Pin<Box<Sleep>>,
    used_at: Instant,
    idle_time: Duration,
}

impl Future for Exchanges {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // An end is told to all who wait, and to those who would ask.
        self.get_mut().poll_all(context).map(|Over| ())
    }
}

impl Exchanges {
    fn poll_all(&mut self, context: &mut Context<'_>) -> Poll<Over> {
        // Answers go first: what has come before something is asked is no answer to it.
        if let Poll::Ready(over) = self.poll_answers(context) {
            return Poll::Ready(over);
        }
        while self.has_requests() || self.take_requests(context.waker()) {
            match self.poll_requests(context) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(over)) => return Poll::Ready(over),
                Poll::Pending => break,
            }
        }
        self.poll_time(context)
    }

    /// Until there is nothing to read.
    fn poll_answers(&mut self, context: &mut Context<'_>) -> Poll<Over> {
        loop {
            let mut space = [const { MaybeUninit::uninit() }; READ_SIZE];
            let mut buffer = ReadBuf::uninit(&mut space);
            let read = ready!(self.connection.poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(self.turns.end());
            }
            match self.turns.read(buffer.filled(), self.sent, clock::instant()) {
                Ok(sooner) => self.look_at(sooner),
                Err(over) => return Poll::Ready(over),
            }
        }
    }

    fn has_requests(&self) -> bool {
        self.written < self.requests.len() || !self.is_flushed
    }

    /// Whether there are any. The first to ask lets others join who are to run at this moment and may have something to ask too.
    fn take_requests(&mut self, task: &Waker) -> bool {
        let mut state = self.pipeline.lock();
        (state.waiting, state.is_late) = (self.turns.len() + state.asked.len(), self.turns.is_late());
        if state.asked.is_empty() {
            state.task = Some(task.clone());
            return false;
        }
        self.is_gathering = !self.is_gathering;
        if self.is_gathering {
            task.wake_by_ref();
            return false;
        }
        self.requests.clear();
        self.requests.shrink_to(MOST_KEPT);
        mem::swap(&mut self.requests, &mut state.requests);
        let first = state.asked.iter().map(Turn::until).min();
        self.turns.extend(state.asked.drain(..));
        drop(state);
        (self.written, self.is_flushed, self.used_at) = (0, false, clock::instant());
        self.look_at(first);
        true
    }

    fn poll_requests(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Over>> {
        while self.written < self.requests.len() {
            match ready!(self.connection.poll_write(context, &self.requests[self.written..])) {
                Ok(taken @ 1..) => {
                    self.written += taken;
                    self.sent += taken as u64;
                }
                Ok(0) | Err(_) => return Poll::Ready(Err(self.turns.end())),
            }
        }
        self.is_flushed = ready!(self.connection.poll_flush(context)).is_ok();
        Poll::Ready(if self.is_flushed { Ok(()) } else { Err(self.turns.end()) })
    }

    /// At the latest.
    fn look_at(&mut self, time: Option<Instant>) {
        if let Some(time) = time.filter(|time| *time < self.timer.deadline()) {
            self.timer.as_mut().reset(time);
        }
    }

    fn poll_time(&mut self, context: &mut Context<'_>) -> Poll<Over> {
        while self.timer.as_mut().poll(context).is_ready() {
            let now = clock::instant();
            if let Err(over) = self.turns.pass(now) {
                return Poll::Ready(over);
            }
            let mut state = self.pipeline.lock();
            state.is_late = self.turns.is_late();
            let is_idle = state.asked.is_empty() && self.turns.len() == 0;
            drop(state);
            let idle_until = self.used_at + self.idle_time;
            if is_idle && idle_until <= now {
                return Poll::Ready(Over);
            }
            self.timer.as_mut().reset(self.turns.next_pass().unwrap_or(idle_until).max(now + SOON));
        }
        Poll::Pending
    }
}

/// Nobody is left to wait for an answer that nobody will read.
impl Drop for Exchanges {
    fn drop(&mut self) {
        let mut state = self.pipeline.lock();
        state.is_over = true;
        let asked = mem::take(&mut state.asked);
        state.requests = Vec::new();
        drop(state);
        for turn in asked {
            turn.lose();
        }
    }
}
