//! The only HTTP client of the exchange. Every call out goes through [`Egress::call`].
//!
//! Bounds: one total deadline a call, 64 KiB of body counted while it streams, 16 KiB of headers, 1 MiB of bytes whatever
//! they mean, so many calls under way a buyer. A buyer that mostly fails is left alone for a while. Redirects are answers,
//! not instructions; nothing is decompressed, and nothing compressed is taken; only allowed addresses are connected to.
//! A failure says whether any byte of the request's body may have left: it decides between *unsent* and *unknown*.
//! Bodies, headers and addresses' paths are never logged here.

mod address;
mod circuit;
mod circuits;
mod connector;
mod headers;
mod in_flight;
mod metered;
mod outgoing;
mod resolver;
mod system_lookup;

#[cfg(test)]
mod tests;

use std::{
    error::Error,
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    id::BuyerName,
};
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Method, Request, Response, Uri,
    body::{Body, Bytes, Incoming},
    header::{CONTENT_ENCODING, HeaderValue, USER_AGENT},
};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use ipnet::IpNet;
use url::Url;

use self::{
    circuits::Circuits,
    connector::{ConnectError, Connector},
    in_flight::InFlight,
    metered::TooMuch,
    outgoing::{Outgoing, Sent},
    resolver::Resolver,
    system_lookup::system_lookup,
};
pub use self::{
    headers::{Message, message_headers},
    resolver::Lookup,
};
use crate::clock::Stopwatch;

/// In bytes: the most that an answer's body may have.
pub const MAX_BODY: usize = 64 * 1024;
/// In bytes: the most that an answer's status line and headers may have.
pub const MAX_HEAD: usize = 16 * 1024;

/// The body of an answer whose status says it all is read for so long, so that its connection can be used again.
const REST_TIME: Duration = Duration::from_millis(50);
/// A call that had less time than this says nothing of its buyer by not being answered.
const FAIR_TIME: Duration = Duration::from_millis(100);

const AGENT: &str = concat!("pingpost/", env!("CARGO_PKG_VERSION"));

/// One call to one buyer.
pub struct Call<'a> {
    pub buyer: &'a BuyerName,
    /// How many calls to this buyer may be under way.
    pub max_in_flight: usize,
    pub url: &'a Url,
    pub method: Method,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// For everything: name, connection, sending, and the answer to its last byte.
    pub time: Duration,
    /// Ranges beyond public ones that may be connected to, and the only ones for plain HTTP.
    pub allow: &'a [IpNet],
    /// Opens a connection of its own: for a repeat after a pooled connection died.
    pub fresh: bool,
    pub when_open: WhenOpen,
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
    pub headers: HeaderMap,
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

type HttpClient = Client<HttpsConnector<Connector>, Outgoing>;

/// The clients of one list of allowed ranges: a connection is only reused under the list that it was checked by.
#[derive(Clone)]
struct Clients {
    allow: Arc<[IpNet]>,
    pooled: HttpClient,
    fresh: HttpClient,
}

/// In bytes: what a peer may send ahead of our reading, for one answer and for all of a connection.
const HTTP2_STREAM_WINDOW: u32 = 128 * 1024;
const HTTP2_CONNECTION_WINDOW: u32 = 512 * 1024;

/// Lists of allowed ranges whose connections are kept: that of the present market and of the few that runs still hold.
const MAX_LISTS: usize = 4;

pub struct Egress {
    settings: Settings,
    in_flight: InFlight,
    circuits: Circuits,
    clients: Mutex<Vec<Clients>>,
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Egress")
    }
}

impl Egress {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, in_flight: InFlight::default(), circuits: Circuits::default(), clients: Mutex::default() }
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
        if let (Some(pass), Some(failed)) = (pass, has_failed(&result, time)) {
            self.circuits.report(buyer, pass, (self.settings.time)(), failed);
        }
        result
    }

    async fn send(&self, call: Call<'_>) -> Result<Answered, Failed> {
        let Ok(uri) = call.url.as_str().parse::<Uri>() else { return Err(Failed::unsent(CallFailure::Unreachable)) };
        let clients = self.clients_for(call.allow);
        let client = if call.fresh { clients.fresh } else { clients.pooled };
        let sent = Sent::default();
        let mut request = Request::new(Outgoing::new(call.body, sent.clone()));
        *request.method_mut() = call.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = call.headers;
        request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static(AGENT));
        let answer = tokio::time::timeout(call.time, answer(client, request)).await;
        answer.unwrap_or(Err(CallFailure::Timeout)).map_err(|failure| Failed { failure, body_left: sent.withdraw() })
    }

    fn clients_for(&self, allow: &[IpNet]) -> Clients {
        let mut lists = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lists.iter().find(|clients| *clients.allow == *allow) {
            return known.clone();
        }
        let allow: Arc<[IpNet]> = allow.into();
        let resolver = Resolver::new(self.settings.lookup.clone(), self.settings.addresses_kept, Arc::clone(&allow));
        let clients = Clients { pooled: self.client(&resolver, &allow, self.settings.max_idle), fresh: self.client(&resolver, &allow, 0), allow };
        if lists.len() == MAX_LISTS {
            lists.remove(0);
        }
        lists.push(clients.clone());
        clients
    }

    fn client(&self, resolver: &Resolver, allow: &Arc<[IpNet]>, max_idle: usize) -> HttpClient {
        let connector = Connector::new(resolver.clone(), Arc::clone(allow), self.settings.connect_time);
        let connector = HttpsConnectorBuilder::new().with_tls_config(self.settings.tls.clone()).https_or_http().enable_all_versions().wrap_connector(connector);
        Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.settings.idle_time)
            .pool_max_idle_per_host(max_idle)
            .http1_max_buf_size(MAX_HEAD)
            .http2_max_header_list_size(MAX_HEAD as u32)
            .http2_initial_stream_window_size(HTTP2_STREAM_WINDOW)
            .http2_initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
            .http2_keep_alive_interval(self.settings.idle_time)
            .http2_keep_alive_timeout(self.settings.connect_time)
            .build(connector)
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

async fn answer(client: HttpClient, request: Request<Outgoing>) -> Result<Answered, CallFailure> {
    let response = client.request(request).await.map_err(|error| failure(&error, error.is_connect()))?;
    let (status, mut response) = (response.status(), response);
    if !status.is_success() {
        let headers = std::mem::take(response.headers_mut());
        let body = tokio::time::timeout(REST_TIME, whole_body(response)).await;
        return Ok(Answered { status: status.as_u16(), headers, body: body.ok().and_then(Result::ok).unwrap_or_default() });
    }
    if is_encoded(response.headers()) {
        return Err(CallFailure::Malformed("content-encoding".to_owned()));
    }
    let headers = std::mem::take(response.headers_mut());
    Ok(Answered { status: status.as_u16(), headers, body: whole_body(response).await? })
}

/// No encoding was asked for.
fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

async fn whole_body(response: Response<Incoming>) -> Result<Vec<u8>, CallFailure> {
    let mut body = response.into_body();
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(CallFailure::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| failure(&error, false))?.into_data() {
            if bytes.len() + data.len() > MAX_BODY {
                return Err(CallFailure::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn failure(error: &(dyn Error + 'static), is_connect: bool) -> CallFailure {
    let not_http = || CallFailure::Malformed("not HTTP".to_owned());
    let mut source = Some(error);
    let mut found = None;
    while let Some(cause) = source {
        if let Some(ConnectError::Forbidden) = cause.downcast_ref::<ConnectError>() {
            return CallFailure::Forbidden;
        }
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            if cause.get_ref().is_some_and(|inner| inner.is::<TooMuch>()) {
                return CallFailure::TooLarge;
            }
            let is_garbled = !is_connect && matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
            found = found.or_else(|| is_garbled.then(not_http));
        }
        match cause.downcast_ref::<hyper::Error>() {
            Some(cause) if cause.is_parse_too_large() => return CallFailure::TooLarge,
            Some(cause) if cause.is_parse() => return not_http(),
            _ => {}
        }
        source = cause.source();
    }
    found.unwrap_or(if is_connect { CallFailure::Unreachable } else { CallFailure::Reset })
}
