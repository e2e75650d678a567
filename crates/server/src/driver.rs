//! The server's driver of a run: performs its effects over real HTTP, the real store and real time.
//!
//! One task per run. It decides nothing: whatever must be right about a lead is decided in the flow.

mod calls;
mod facts;
mod look;

use std::{collections::VecDeque, future::Future, pin::Pin, sync::Arc, time::Duration};

use exchange::flow::{
    Run, RunStart, UnknownStart,
    effect::{Answer, Effect, EffectId, Event, NumberedEffect, Reply, StoreRequest},
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::sync::oneshot;

use self::facts::Question;
use crate::{clock::Stopwatch, metrics as figures, node::Node};

pub use look::look;

type Answering = Pin<Box<dyn Future<Output = Event> + Send>>;

/// Starts a run. The reply comes as soon as the run has one; the run goes on by itself until it has ended.
pub fn start(node: &Arc<Node>, start: RunStart) -> Result<oneshot::Receiver<Reply>, UnknownStart> {
    let watch = Stopwatch::start();
    let (run, effects) = Run::start(start, watch.now())?;
    let (answer, answered) = oneshot::channel();
    let driver = Driver { node: Arc::clone(node), run, watch, answer: Some(answer), under_way: FuturesUnordered::new(), at_once: VecDeque::new() };
    node.runs.spawn(driver.drive(effects));
    Ok(answered)
}

struct Driver {
    node: Arc<Node>,
    run: Run,
    watch: Stopwatch,
    answer: Option<oneshot::Sender<Reply>>,
    under_way: FuturesUnordered<Answering>,
    /// Answers that nobody had to wait for.
    at_once: VecDeque<Event>,
}

impl Driver {
    async fn drive(mut self, first: Vec<NumberedEffect>) {
        self.perform_all(first);
        while !self.run.is_finished() {
            let Some(event) = self.under_way.next().await else { break };
            let effects = self.run.step(self.watch.now(), event);
            self.perform_all(effects);
        }
        figures::run_ended(&self.run);
    }

    /// Performs effects, and those that follow from what could be answered at once.
    fn perform_all(&mut self, effects: Vec<NumberedEffect>) {
        let mut effects = effects;
        loop {
            for NumberedEffect { id, effect } in effects {
                self.perform(id, effect);
            }
            let Some(event) = self.at_once.pop_front() else { return };
            effects = self.run.step(self.watch.now(), event);
        }
    }

    fn perform(&mut self, id: EffectId, effect: Effect) {
        match effect {
            Effect::Reply(reply) => {
                figures::replied(&self.run, &reply, self.watch.elapsed());
                // A supplier that has gone away finds its answer by repeating its request.
                if let Some(answer) = self.answer.take() {
                    drop(answer.send(reply));
                }
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
                let wait = at.saturating_sub(self.watch.elapsed());
                self.await_answer(id, async move {
                    tokio::time::sleep(wait).await;
                    Answer::Woke
                });
            }
            Effect::Ping(call) => {
                let within = call.give_up.saturating_sub(self.watch.elapsed());
                let ping = calls::ping(&self.node, &self.run, &call, within);
                self.await_answer(id, async move { Answer::Pinged(ping.await) });
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
