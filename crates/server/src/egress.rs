//! The only HTTP client of the exchange. Every call out goes through [`Egress::call`].
//!
//! Bounds: one total deadline a call, 64 KiB of body counted while it streams, 16 KiB of headers, 1 MiB of bytes whatever
//! they mean, so many calls under way a buyer. A buyer that mostly fails is left alone for a while. Redirects are answers,
//! not instructions; nothing is decompressed, and nothing compressed is taken; only allowed addresses are connected to.
//! HTTP/1.1 is spoken by the call's own task, over a connection that is kept (`connection.rs`); a host that chooses HTTP/2 is
//! hyper's (`http2.rs`).
//! A failure says whether any byte of the request's body may have left: it decides between *unsent* and *unknown*.
//! Bodies, headers and addresses' paths are never logged here.

mod address;
mod answer;
mod chunks;
mod circuit;
mod circuits;
mod connection;
mod connector;
mod fault;
mod headers;
mod http2;
mod in_flight;
mod metered;
mod origin;
mod outgoing;
mod reach;
mod resolver;
mod system_lookup;
mod target;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    id::BuyerName,
};
use hyper::{Method, body::Bytes};
use hyper_rustls::ConfigBuilderExt;
use ipnet::IpNet;
use url::Url;

use self::{
    circuits::Circuits,
    in_flight::InFlight,
    reach::{Left, Reach},
    system_lookup::system_lookup,
};
pub use self::{
    headers::{Headers, Message, message_headers},
    resolver::Lookup,
    target::request_bytes,
};
use crate::clock::Stopwatch;

/// In bytes: the most that an answer's body may have.
pub const MAX_BODY: usize = 64 * 1024;
/// In bytes: the most that an answer's status line and headers may have.
pub const MAX_HEAD: usize = 16 * 1024;
/// Of one answer, trailers not counted.
const MAX_HEADERS: usize = 100;

/// A call that had less time than this says nothing of its buyer by not being answered.
const FAIR_TIME: Duration = Duration::from_millis(100);

/// One call to one buyer.
pub struct Call<'a> {
    pub buyer: &'a BuyerName,
    /// How many calls to this buyer may be under way.
    pub max_in_flight: usize,
    pub url: &'a Url,
    pub method: Method,
    pub headers: Headers,
    pub body: Bytes,
    /// For everything: name, connection, sending, and the answer to its last byte.
    pub time: Duration,
    /// Ranges beyond public ones that may be connected to, and the only ones for plain HTTP.
    pub allow: &'a [IpNet],
    /// Opens a connection of its own: for a repeat after a pooled connection died.
    pub fresh: bool,
    pub when_open: WhenOpen,
    /// The answer's headers are wanted.
    pub keeps_headers: bool,
    /// The address is the same for each message: it is read once. Another may hold what nobody should remember.
    pub is_lasting: bool,
}

/// What becomes of a call while its buyer is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenOpen {
    /// It is unsent: a ping, or the first post of a sale, which another buyer may then have.
    Skip,
    /// It goes all the same: a repeat of what may have arrived, which can't be unsent any more.
    Call,
    /// It goes, and what comes of it says nothing of the buyer: a test.
    Ignore,
}

/// Addresses may hold keys, and bodies contact data.
impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call(to {}, {} bytes)", self.buyer, self.body.len())
    }
}

#[derive(Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// Those that are text, by their names in lower case; none, unless the call keeps them.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answered({}, {} bytes)", self.status, self.body.len())
    }
}

/// A call that gave no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub failure: CallFailure,
    /// Whether any byte of the body may have left. If not, it never will.
    pub body_left: bool,
}

impl Failed {
    fn unsent(failure: CallFailure) -> Self {
        Self { failure, body_left: false }
    }
}

impl From<Failed> for PingReply {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed.failure)
    }
}

impl From<Failed> for ConfirmReply {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed.failure)
    }
}

impl From<Failed> for PostReply {
    fn from(failed: Failed) -> Self {
        if failed.body_left { Self::Unknown(failed.failure) } else { Self::Unsent(failed.failure) }
    }
}

/// What an egress is made of.
pub struct Settings {
    pub tls: rustls::ClientConfig,
    pub lookup: Lookup,
    /// How long the addresses of a name are kept.
    pub addresses_kept: Duration,
    /// Of a connection alone, TLS not counted; the call's own time holds as well.
    pub connect_time: Duration,
    /// How long an idle connection is kept: shorter than servers usually do, so that it seldom dies under a post.
    pub idle_time: Duration,
    /// Idle connections kept for each host.
    pub max_idle: usize,
    /// The time since some beginning, for the buyers' circuits.
    pub time: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings")
    }
}

impl Settings {
    /// The system's resolver, the web's roots of trust, TLS by ring.
    pub fn standard() -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let watch = Stopwatch::start();
        Ok(Self {
            tls: versions.with_webpki_roots().with_no_client_auth(),
            lookup: system_lookup(),
            addresses_kept: Duration::from_secs(30),
            connect_time: Duration::from_secs(5),
            idle_time: Duration::from_secs(20),
            max_idle: 64,
            time: Arc::new(move || watch.elapsed()),
        })
    }
}

/// Lists of allowed ranges whose connections are kept: that of the present market and of the few that runs still hold.
const MAX_LISTS: usize = 4;

pub struct Egress {
    settings: Settings,
    in_flight: InFlight,
    circuits: Circuits,
    reaches: Mutex<Vec<Arc<Reach>>>,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Egress")
    }
}

impl Egress {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, in_flight: InFlight::default(), circuits: Circuits::default(), reaches: Mutex::default() }
    }

    /// Calls, and gives the whole answer, whatever its status. To be awaited to its end: dropped, it can't say what left.
    pub async fn call(&self, call: Call<'_>) -> Result<Answered, Failed> {
        let Some(_place) = self.in_flight.enter(call.buyer, call.max_in_flight) else { return Err(Failed::unsent(CallFailure::Busy)) };
        let (buyer, time, when_open) = (call.buyer, call.time, call.when_open);
        if when_open == WhenOpen::Ignore {
            return self.send(call).await;
        }
        let pass = self.circuits.enter(buyer, (self.settings.time)());
        if pass.is_none() && when_open == WhenOpen::Skip {
            return Err(Failed::unsent(CallFailure::CircuitOpen));
        }
        let result = self.send(call).await;
        match &result {
            Ok(answered) => tracing::trace!(%buyer, status = answered.status, "a buyer answered"),
            Err(failed) => tracing::trace!(%buyer, failure = failed.failure.word(), left = failed.body_left, "a call gave no whole answer"),
        }
        if let (Some(pass), Some(failed)) = (pass, has_failed(&result, time)) {
            self.circuits.report(buyer, pass, (self.settings.time)(), failed);
        }
        result
    }

    async fn send(&self, call: Call<'_>) -> Result<Answered, Failed> {
        let mut left = Left::default();
        let answer = tokio::time::timeout(call.time, self.reach(call.allow).call(&call, &mut left)).await;
        answer.unwrap_or(Err(CallFailure::Timeout)).map_err(|failure| Failed { failure, body_left: left.is_so() })
    }

    fn reach(&self, allow: &[IpNet]) -> Arc<Reach> {
        let mut lists = self.reaches.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lists.iter().find(|reach| reach.is_of(allow)) {
            return Arc::clone(known);
        }
        let reach = Arc::new(Reach::new(&self.settings, allow));
        if lists.len() == MAX_LISTS {
            lists.remove(0);
        }
        lists.push(Arc::clone(&reach));
        reach
    }
}

/// Whether a call speaks against its buyer, or for it. None: it says nothing.
fn has_failed(result: &Result<Answered, Failed>, time: Duration) -> Option<bool> {
    match result {
        Ok(answered) => Some(answered.status >= 500 || answered.status == 408 || answered.status == 429),
        Err(Failed { failure: CallFailure::Forbidden | CallFailure::Busy | CallFailure::CircuitOpen, .. }) => None,
        Err(Failed { failure: CallFailure::Timeout, .. }) if time < FAIR_TIME => None,
        Err(_) => Some(true),
    }
}
