//! The way to one address of one buyer or supplier: what all calls there have in common, found once.

use std::{fmt, sync::Arc, time::Duration};

use exchange::call::CallFailure;

use super::{
    Answered, Failed, WhenOpen,
    circuits::OfCallee,
    in_flight::Places,
    reach::{Left, Reach},
    sending::Sending,
    target::Target,
};

/// A call that had less time than this says nothing of its buyer by not being answered.
pub const FAIR_TIME: Duration = Duration::from_millis(100);

/// Clones are the same.
#[derive(Clone)]
pub struct Way {
    places: Places,
    circuit: Arc<OfCallee>,
    reach: Arc<Reach>,
    target: Arc<Target>,
}

/// Addresses may hold keys, and bodies contact data.
impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Way({:?})", self.target)
    }
}

impl Way {
    pub(super) fn new(places: Places, circuit: Arc<OfCallee>, reach: Arc<Reach>, target: Arc<Target>) -> Self {
        Self { places, circuit, reach, target }
    }

    /// Sends, and gives the whole answer, whatever its status. To be awaited to its end: dropped, it can't say what left.
    pub async fn send(&self, sending: &Sending) -> Result<Answered, Failed> {
        let Some(_place) = self.places.enter(sending.max_in_flight) else { return Err(Failed::unsent(CallFailure::Busy)) };
        let is_counted = sending.when_open != WhenOpen::Ignore;
        let pass = if is_counted { self.circuit.enter(self.reach.time()) } else { None };
        if pass.is_none() && sending.when_open == WhenOpen::Skip {
            return Err(Failed::unsent(CallFailure::CircuitOpen));
        }
        let mut left = Left::default();
        let answer = tokio::time::timeout(sending.time, self.reach.call(&self.target, sending, &mut left)).await;
        let result = answer.unwrap_or(Err(CallFailure::Timeout)).map_err(|failure| Failed { failure, body_left: left.is_so() });
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
