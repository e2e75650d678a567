//! The only HTTP client of the exchange. Every call out goes through [`Egress::call`].
//!
//! Bounds: one total deadline a call, 64 KiB of body counted while it streams, 16 KiB of headers, so many calls under way
//! a buyer. Redirects are answers, not instructions; nothing is decompressed; only allowed addresses are connected to.
//! A failure says whether any byte of the request's body may have left: it decides between *unsent* and *unknown*.
//! Bodies, headers and addresses' paths are never logged here.

mod address;
mod connector;
mod headers;
mod in_flight;
mod outgoing;
mod resolver;

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
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Method, Request, Response, Uri,
    body::{Body, Bytes, Incoming},
    header::{HeaderValue, USER_AGENT},
};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, Client},
    rt::{TokioExecutor, TokioTimer},
};
use ipnet::IpNet;
use url::Url;

use self::{
    connector::{ConnectError, Connector},
    in_flight::InFlight,
    outgoing::{Outgoing, Sent},
    resolver::Resolver,
};
pub use self::{
    headers::{Message, message_headers},
    resolver::{Lookup, system_lookup},
};

/// In bytes: the most that an answer's body may have.
pub const MAX_BODY: usize = 64 * 1024;
/// In bytes: the most that an answer's status line and headers may have.
pub const MAX_HEAD: usize = 16 * 1024;

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
        Ok(Self {
            tls: versions.with_webpki_roots().with_no_client_auth(),
            lookup: system_lookup(),
            addresses_kept: Duration::from_secs(30),
            connect_time: Duration::from_secs(5),
            idle_time: Duration::from_secs(20),
            max_idle: 64,
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

/// Lists of allowed ranges whose connections are kept: that of the present market and of the few that runs still hold.
const MAX_LISTS: usize = 4;

pub struct Egress {
    settings: Settings,
    resolver: Resolver,
    in_flight: InFlight,
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
        let resolver = Resolver::new(settings.lookup.clone(), settings.addresses_kept);
        Self { settings, resolver, in_flight: InFlight::default(), clients: Mutex::default() }
    }

    /// Calls, and gives the whole answer, whatever its status. To be awaited to its end: dropped, it can't say what left.
    pub async fn call(&self, call: Call<'_>) -> Result<Answered, Failed> {
        let Some(_place) = self.in_flight.enter(call.buyer, call.max_in_flight) else { return Err(Failed::unsent(CallFailure::Busy)) };
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
        let clients = Clients { pooled: self.client(&allow, self.settings.max_idle), fresh: self.client(&allow, 0), allow };
        if lists.len() == MAX_LISTS {
            lists.remove(0);
        }
        lists.push(clients.clone());
        clients
    }

    fn client(&self, allow: &Arc<[IpNet]>, max_idle: usize) -> HttpClient {
        let connector = Connector::new(self.resolver.clone(), allow.clone(), self.settings.connect_time);
        let connector = HttpsConnectorBuilder::new().with_tls_config(self.settings.tls.clone()).https_or_http().enable_all_versions().wrap_connector(connector);
        Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.settings.idle_time)
            .pool_max_idle_per_host(max_idle)
            .http1_max_buf_size(MAX_HEAD)
            .http2_max_header_list_size(MAX_HEAD as u32)
            .build(connector)
    }
}

async fn answer(client: HttpClient, request: Request<Outgoing>) -> Result<Answered, CallFailure> {
    let response = client.request(request).await.map_err(|error| failure(&error))?;
    Ok(Answered { status: response.status().as_u16(), body: whole_body(response).await? })
}

async fn whole_body(response: Response<Incoming>) -> Result<Vec<u8>, CallFailure> {
    let mut body = response.into_body();
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(CallFailure::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| CallFailure::Reset)?.into_data() {
            if bytes.len() + data.len() > MAX_BODY {
                return Err(CallFailure::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn failure(error: &legacy::Error) -> CallFailure {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if let Some(ConnectError::Forbidden) = cause.downcast_ref::<ConnectError>() {
            return CallFailure::Forbidden;
        }
        if let Some(cause) = cause.downcast_ref::<hyper::Error>() {
            return match () {
                () if cause.is_parse_too_large() => CallFailure::TooLarge,
                () if cause.is_parse() => CallFailure::Malformed("not HTTP".to_owned()),
                () => CallFailure::Reset,
            };
        }
        source = cause.source();
    }
    if error.is_connect() { CallFailure::Unreachable } else { CallFailure::Reset }
}
