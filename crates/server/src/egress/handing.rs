//! What isn't HTTP, such as mail, under the bounds of every call out: checked addresses, one deadline, so many at one time, and
//! whoever mostly fails is left alone for a while.

use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use exchange::call::CallFailure;
use ipnet::IpNet;
use tokio::net::TcpStream;

use super::{Callee, Egress, Failed, WhenOpen, metered::Metered, way::FAIR_TIME};

/// Whom something is handed to, and its bounds.
#[derive(Clone, Copy, Debug)]
pub struct Handing<'a> {
    pub callee: &'a Callee,
    /// How many calls to this one may be under way.
    pub max_in_flight: usize,
    /// For everything: name, connection, sending, and the last answer.
    pub time: Duration,
    /// Ranges beyond public ones that may be connected to, and the only ones for what goes in clear.
    pub allow: &'a [IpNet],
    pub when_open: WhenOpen,
}

impl Egress {
    /// Does `work` within the bounds. It sets `left` before the first byte of what is handed over may leave. To be awaited to its
    /// end: dropped, it can't say what left.
    pub async fn hand_over<T>(&self, handing: &Handing<'_>, left: &AtomicBool, work: impl Future<Output = Result<T, CallFailure>>) -> Result<T, Failed> {
        let (places, circuit) = (self.in_flight.of(handing.callee), self.circuits.of(handing.callee));
        let Some(_place) = places.enter(handing.max_in_flight) else { return Err(Failed::unsent(CallFailure::Busy)) };
        let is_counted = handing.when_open != WhenOpen::Ignore;
        let pass = if is_counted { circuit.enter(&*self.settings.time) } else { None };
        if pass.is_none() && handing.when_open == WhenOpen::Skip {
            return Err(Failed::unsent(CallFailure::CircuitOpen));
        }
        let result = tokio::time::timeout(handing.time, work).await.unwrap_or(Err(CallFailure::Timeout));
        let result = result.map_err(|failure| Failed { failure, body_left: left.load(Ordering::SeqCst) });
        if let Err(failed) = &result {
            tracing::trace!(callee = %handing.callee, failure = failed.failure.word(), left = failed.body_left, "nothing could be handed over");
        }
        if let (Some(pass), Some(failed)) = (pass, has_failed(&result, handing.time)) {
            circuit.report(pass, (self.settings.time)(), failed);
        }
        result
    }

    /// Connects to a checked address. What goes in clear (`is_secured` is false) goes to allowed ranges alone.
    pub async fn connect(&self, host: &str, port: u16, is_secured: bool, allow: &[IpNet]) -> Result<Metered<TcpStream>, CallFailure> {
        self.reach(allow).connect(host, port, is_secured).await.map(Metered::new)
    }
}

fn has_failed<T>(result: &Result<T, Failed>, time: Duration) -> Option<bool> {
    match result {
        // A server that says no is there.
        Ok(_) | Err(Failed { failure: CallFailure::Refused(_), .. }) => Some(false),
        Err(Failed { failure: CallFailure::Forbidden | CallFailure::Busy | CallFailure::CircuitOpen, .. }) => None,
        Err(Failed { failure: CallFailure::Timeout, .. }) if time < FAIR_TIME => None,
        Err(_) => Some(true),
    }
}
