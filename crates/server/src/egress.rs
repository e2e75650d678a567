//! The only HTTP client of the exchange. Every call out goes through [`Egress::call`].
//!
//! Bounds: one total deadline a call, 64 KiB of body counted while it streams, 16 KiB of headers, 1 MiB of bytes whatever
//! they mean, so many calls under way a buyer. A buyer that mostly fails is left alone for a while. Redirects are answers,
//! not instructions; nothing is decompressed, and nothing compressed is taken; only allowed addresses are connected to.
//! HTTP/1.1 is spoken by the call's own task, over a connection that is kept (`connection.rs`); a host that chooses HTTP/2 is
//! hyper's (`http2.rs`). Pings to a buyer that allows it share connections, each of which has a task (`pipeline.rs`).
//! A failure says whether any byte of the request's body may have left: it decides between *unsent* and *unknown*.
//! Bodies, headers and addresses' paths are never logged here.

mod address;
mod answer;
mod callee;
mod chunks;
mod circuit;
mod circuits;
mod connection;
mod connector;
mod fault;
mod handing;
mod headers;
mod http2;
mod in_flight;
mod metered;
mod origin;
mod outgoing;
mod pipeline;
mod pipelines;
mod reach;
mod resolver;
mod system_lookup;
mod target;
mod turns;
mod way;
mod sending;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::call::{CallFailure, ConfirmReply, PingReply, PostReply};
use hyper::{Method, body::Bytes};
use hyper_rustls::ConfigBuilderExt;
use ipnet::IpNet;
use url::Url;

pub use self::{
    callee::Callee,
    handing::Handing,
    headers::{Headers, Message, message_headers},
    resolver::Lookup,
    sending::Sending,
    target::request_bytes,
    way::Way,
};
use self::{circuits::Circuits, in_flight::InFlight, reach::Reach, system_lookup::system_lookup, target::Target};
use crate::clock::Stopwatch;

/// In bytes: the most that an answer's body may have.
pub const MAX_BODY: usize = 64 * 1024;
/// In bytes: the most that an answer's status line and headers may have.
pub const MAX_HEAD: usize = 16 * 1024;
/// Of one answer, trailers not counted.
const MAX_HEADERS: usize = 100;

/// One call to one buyer, or to a supplier.
pub struct Call<'a> {
    pub callee: &'a Callee,
    /// How many calls to this one may be under way.
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
    /// How many calls may wait for their answers on one connection: above 1 for pings alone, which may be asked twice.
    pub pipelining: usize,
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
        write!(f, "Call(to {}, {} bytes)", self.callee, self.body.len())
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
        // A question names what it asks for: each has an address of its own, which is not kept.
        let reach = self.reach(call.allow);
        let target = if call.method == Method::POST && call.is_lasting { reach.kept_target(call.url) } else { reach.target(call.url) };
        let way = target.map(|target| self.way_over(call.callee, reach, target, call.pipelining)).ok_or(Failed::unsent(CallFailure::Unreachable))?;
        let Call { max_in_flight, method, headers, body, time, fresh, when_open, keeps_headers, .. } = call;
        way.send(&Sending { max_in_flight, method, headers, body, time, fresh, when_open, keeps_headers }).await
    }

    /// The way to an address, for many messages, of which so many may wait for their answers on one connection. None for what is no
    /// address of HTTP.
    pub fn way(&self, callee: &Callee, url: &Url, allow: &[IpNet], pipelining: usize) -> Option<Way> {
        let reach = self.reach(allow);
        let target = reach.kept_target(url)?;
        Some(self.way_over(callee, reach, target, pipelining))
    }

    fn way_over(&self, callee: &Callee, reach: Arc<Reach>, target: Arc<Target>, pipelining: usize) -> Way {
        let pipelines = (pipelining > 1).then(|| reach.pipelines(callee, &target.place, pipelining));
        Way::new(self.in_flight.of(callee), self.circuits.of(callee), reach, target, pipelines)
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
