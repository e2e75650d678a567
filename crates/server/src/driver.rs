//! The server's driver of a run: performs its effects over real HTTP, the real store and real time.
//!
//! One task drives a run: its request's, and another once that is answered. It decides nothing: whatever must be right about a lead is decided in the flow.

pub mod about;
pub mod calls;
mod facts;
mod filed;
mod look;
pub mod mailed;
pub mod mapped;
mod pings;

use std::{collections::VecDeque, future::Future, pin::Pin, sync::Arc, time::Duration};

use exchange::{
    flow::{
        Run, RunStart, UnknownStart,
        effect::{Answer, Effect, EffectId, Event, NumberedEffect, Reply, StoreRequest},
    },
    time::Now,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::runtime::Handle;
use tokio_util::task::task_tracker::TaskTrackerToken;

use self::{
    facts::Question,
    pings::{Alike, Pinging},
};
use crate::{clock::RunClock, metrics as figures, node::Node};

pub use look::look;

type Answering = Pin<Box<dyn Future<Output = Event> + Send>>;

/// Starts a run.
pub fn start(node: &Arc<Node>, start: RunStart) -> Result<Started, UnknownStart> {
    let watch = RunClock::start();
    let now = watch.now();
    let (run, effects) = Run::start(start, now)?;
    let under_way = FuturesUnordered::new();
    let counted = node.runs.token();
    let mut driver = Driver {
        node: Arc::clone(node),
        run,
        watch,
        reply: None,
        under_way,
        at_once: VecDeque::new(),
        alike: Alike::default(),
        is_over: false,
        _counted: counted,
    };
    driver.perform_all(effects, now);
    Ok(Started(Some(Box::new(driver))))
}

/// A run under way. Whoever waits for its reply drives it; after that, and where nobody waits any more, it goes on by itself until it
/// has ended.
pub struct Started(Option<Box<Driver>>);

impl Started {
    /// None where the run was cut off.
    pub async fn reply(mut self) -> Option<Reply> {
        let driver = self.0.as_mut()?;
        driver.go_on(|driver| driver.reply.is_some()).await;
        driver.reply.take()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let driver = self.0.take().filter(|driver| !driver.is_over);
        // At the very end of the process there is nothing left to run on: the store says how to recover.
        if let (Some(mut driver), Ok(runtime)) = (driver, Handle::try_current()) {
            runtime.spawn(async move { driver.go_on(|_| false).await });
        }
    }
}

struct Driver {
    node: Arc<Node>,
    run: Run,
    watch: RunClock,
    /// A supplier that has gone away finds it by repeating its request.
    reply: Option<Reply>,
    under_way: FuturesUnordered<Answering>,
    /// Answers that nobody had to wait for.
    at_once: VecDeque<Event>,
    alike: Alike,
    is_over: bool,
    _counted: TaskTrackerToken,
}

impl Driver {
    /// Drives the run to its end, or for as long as is enough.
    async fn go_on(&mut self, is_enough: fn(&Self) -> bool) {
        while !self.run.is_finished() {
            if is_enough(self) {
                return;
            }
            let Some(event) = self.under_way.next().await else { break };
            let now = self.watch.now();
            let effects = self.run.step(now, event);
            self.perform_all(effects, now);
        }
        self.is_over = true;
        figures::run_ended(&self.run);
        self.node.tally.ended(&self.run);
    }

    /// Performs effects, and those that follow from what could be answered at once.
    fn perform_all(&mut self, mut effects: Vec<NumberedEffect>, mut now: Now) {
        loop {
            for NumberedEffect { id, effect } in effects {
                self.perform(id, effect, now);
            }
            let Some(event) = self.at_once.pop_front() else { return };
            now = self.watch.now();
            effects = self.run.step(now, event);
        }
    }

    fn perform(&mut self, id: EffectId, effect: Effect, now: Now) {
        match effect {
            Effect::Reply(reply) => {
                figures::replied(&self.run, &reply, self.watch.elapsed());
                self.reply = Some(reply);
            }
            Effect::Facts(request) => {
                let question = Question::new(&self.node, &self.run, request);
                match question.known() {
                    Some(facts) => self.at_once.push_back(Event { effect: id, answer: Answer::Facts(facts) }),
                    None => self.await_answer(id, async move { question.look_up().await.map_or(Answer::NoFacts, Answer::Facts) }),
                }
            }
            Effect::Store(request) => self.store(id, *request),
            Effect::Wake { at } => {
                let wait = at.saturating_sub(now.elapsed);
                self.await_answer(id, async move {
                    tokio::time::sleep(wait).await;
                    Answer::Woke
                });
            }
            Effect::Ping(call) => {
                let pinging = Pinging { node: &self.node, run: &self.run, alike: &self.alike, watch: self.watch, now };
                self.under_way.push(pinging.ping(id, &call));
            }
            Effect::Confirm(call) => {
                let confirm = calls::confirm(&self.node, &self.run, &call);
                self.await_answer(id, async move { Answer::Confirmed(confirm.await) });
            }
            Effect::Post(call) => {
                let post = calls::post(&self.node, &self.run, *call);
                self.await_answer(id, async move { Answer::Posted(post.await) });
            }
            // Only a look asks for the status of a post.
            Effect::Status(_) => {}
        }
    }

    /// The present market has its say in a reserve: pauses, caps and credit are the present's.
    fn store(&mut self, id: EffectId, request: StoreRequest) {
        let present = self.node.market().unwrap_or_else(|| Arc::clone(self.run.market()));
        match request.under(&present) {
            Ok(command) => {
                let node = Arc::clone(&self.node);
                self.await_answer(id, async move { Answer::Stored(node.writer.apply(command).await) });
            }
            Err(outcome) => self.at_once.push_back(Event { effect: id, answer: Answer::Stored(Ok(outcome)) }),
        }
    }

    fn await_answer(&self, effect: EffectId, answer: impl Future<Output = Answer> + Send + 'static) {
        self.under_way.push(Box::pin(async move { Event { effect, answer: answer.await } }));
    }
}

/// Waits until the runs under way have ended, at most so long. Says whether they have.
pub async fn drain(node: &Node, most: Duration) -> bool {
    node.runs.close();
    tokio::time::timeout(most, node.runs.wait()).await.is_ok()
}
