//! The way to one address of one buyer or supplier: what all calls there have in common, found once.

use std::{fmt, sync::Arc, time::Duration};

use exchange::call::CallFailure;
use tokio::time::Instant;

use super::{
    Answered, Failed, WhenOpen,
    circuit::Pass,
    circuits::OfCallee,
    in_flight::{Place, Places},
    pipelines::Pipelines,
    reach::{Left, Reach},
    sending::Sending,
    target::Target,
    turns::Lost,
};
use crate::clock;

/// A call that had less time than this says nothing of its buyer by not being answered.
pub const FAIR_TIME: Duration = Duration::from_millis(100);

/// Clones are the same.
#[derive(Clone)]
pub struct Way {
    places: Places,
    circuit: Arc<OfCallee>,
    reach: Arc<Reach>,
    target: Arc<Target>,
    /// Connections that messages share, where they may be sent twice, and who is called allows it.
    pipelines: Option<Pipelines>,
}

/// Addresses may hold keys, and bodies contact data.
impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Way({:?})", self.target)
    }
}

impl Way {
    pub(super) fn new(places: Places, circuit: Arc<OfCallee>, reach: Arc<Reach>, target: Arc<Target>, pipelines: Option<Pipelines>) -> Self {
        Self { places, circuit, reach, target, pipelines }
    }

    /// Whether messages share connections.
    pub fn is_shared(&self) -> bool {
        self.pipelines.is_some()
    }

    /// Sends, and gives the whole answer, whatever its status. To be awaited to its end: dropped, it can't say what left.
    pub async fn send(&self, sending: &Sending) -> Result<Answered, Failed> {
        let entered = self.enter(sending)?;
        let until = clock::instant() + sending.time;
        let result = match self.call_shared(sending, until).await {
            Some(result) => result,
            None => self.call_alone(sending, until).await,
        };
        self.leave(entered, sending, result)
    }

    /// The same, smaller while it waits for an answer over a connection that messages share. `until` is when its time is over.
    pub async fn send_shared(&self, sending: &Sending, until: Instant) -> Result<Answered, Failed> {
        let entered = self.enter(sending)?;
        let result = match self.call_shared(sending, until).await {
            Some(result) => result,
            None => Box::pin(self.call_alone(sending, until)).await,
        };
        self.leave(entered, sending, result)
    }

    fn enter(&self, sending: &Sending) -> Result<(Place<'_>, Option<Pass>), Failed> {
        let place = self.places.enter(sending.max_in_flight).ok_or(Failed::unsent(CallFailure::Busy))?;
        let is_counted = sending.when_open != WhenOpen::Ignore;
        let pass = if is_counted { self.circuit.enter(|| self.reach.time()) } else { None };
        if pass.is_none() && sending.when_open == WhenOpen::Skip {
            return Err(Failed::unsent(CallFailure::CircuitOpen));
        }
        Ok((place, pass))
    }

    fn leave(&self, (_, pass): (Place<'_>, Option<Pass>), sending: &Sending, result: Result<Answered, Failed>) -> Result<Answered, Failed> {
        match &result {
            Ok(answered) => tracing::trace!(callee = %self.circuit.callee(), status = answered.status, "a call was answered"),
            Err(failed) => {
                tracing::trace!(callee = %self.circuit.callee(), failure = failed.failure.word(), left = failed.body_left, "a call gave no whole answer");
            }
        }
        if let (Some(pass), Some(failed)) = (pass, has_failed(&result, sending.time)) {
            self.circuit.report(pass, self.reach.time(), failed);
        }
        result
    }

    /// None where no shared connection has room, or where one ended before the answer's turn came: it is asked over one of its own then,
    /// for the first time or again, once.
    async fn call_shared(&self, sending: &Sending, until: Instant) -> Option<Result<Answered, Failed>> {
        match self.pipelines.as_ref()?.call(&self.target, sending, until).await? {
            Ok(answered) => Some(Ok(answered)),
            Err(Lost::Failed(failure)) => Some(Err(Failed { failure, body_left: true })),
            Err(Lost::Unanswered) => None,
        }
    }

    async fn call_alone(&self, sending: &Sending, until: Instant) -> Result<Answered, Failed> {
        let mut left = Left::default();
        let answer = tokio::time::timeout_at(until, self.reach.call(&self.target, sending, self.pipelines.as_ref(), &mut left)).await;
        answer.unwrap_or(Err(CallFailure::Timeout)).map_err(|failure| Failed { failure, body_left: left.is_so() })
    }
}

/// Whether a call speaks against who is called, or for it. None: it says nothing.
fn has_failed(result: &Result<Answered, Failed>, time: Duration) -> Option<bool> {
    match result {
        Ok(answered) => Some(answered.status >= 500 || answered.status == 408 || answered.status == 429),
        Err(Failed { failure: CallFailure::Forbidden | CallFailure::Busy | CallFailure::CircuitOpen, .. }) => None,
        Err(Failed { failure: CallFailure::Timeout, .. }) if time < FAIR_TIME => None,
        Err(_) => Some(true),
    }
}
