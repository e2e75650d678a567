//! Where calls get under one list of allowed ranges: a connection is only reused under the list that it was checked by.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use exchange::call::CallFailure;
use ipnet::IpNet;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::{
    Answered, Settings,
    callee::Callee,
    connection::{Broken, Connection, Outgoing},
    connector::{ConnectError, Connector},
    http2::Http2,
    metered::{Metered, is_too_much},
    origin::{Bounds, Origin, Place},
    outgoing::Sent,
    pipelines::{self, Pipelines},
    resolver::Resolver,
    sending::Sending,
    target::Target,
};

/// Read addresses kept at most; past it they are forgotten and read again.
const MOST_TARGETS: usize = 4096;

pub struct Reach {
    allow: Arc<[IpNet]>,
    connector: Connector,
    tls: TlsConnector,
    bounds: Bounds,
    /// One entry for each host ever called.
    origins: Mutex<HashMap<Place, Arc<Origin>>>,
    /// Addresses that messages went to lately: they are few, and each is read once.
    targets: Mutex<HashMap<Box<str>, Arc<Target>>>,
    /// One entry for each buyer that was ever pinged over connections that pings share.
    pipelines: Mutex<HashMap<(Callee, Place), Arc<pipelines::Shared>>>,
    http2: Http2,
}

/// Whether a byte of a call's body may have left.
#[derive(Default)]
pub struct Left {
    over_http1: bool,
    over_http2: Option<Sent>,
}

impl Left {
    /// If not, it never will.
    pub fn is_so(&self) -> bool {
        self.over_http1 || self.over_http2.as_ref().is_some_and(Sent::withdraw)
    }
}

impl Reach {
    pub fn new(settings: &Settings, allow: &[IpNet]) -> Self {
        let allow: Arc<[IpNet]> = allow.into();
        let resolver = Resolver::new(settings.lookup.clone(), settings.addresses_kept, Arc::clone(&allow));
        let connector = Connector::new(resolver, Arc::clone(&allow), settings.connect_time);
        let http2 = Http2::new(settings, &connector);
        let mut tls = settings.tls.clone();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let bounds = Bounds { max_idle: settings.max_idle, idle_time: settings.idle_time, time: Arc::clone(&settings.time) };
        Self { allow, connector, tls: Arc::new(tls).into(), bounds, origins: Mutex::default(), targets: Mutex::default(), pipelines: Mutex::default(), http2 }
    }

    pub fn is_of(&self, allow: &[IpNet]) -> bool {
        *self.allow == *allow
    }

    /// The time since some beginning.
    pub fn time(&self) -> Duration {
        (self.bounds.time)()
    }

    /// Sends once: what may have left is not sent again. What is seldom done, and takes much room, has its room when it is done.
    /// A connection that can be used again is one that pings share from then on, where they have too few.
    pub async fn call(&self, target: &Target, sending: &Sending, pipelines: Option<&Pipelines>, left: &mut Left) -> Result<Answered, CallFailure> {
        let origin = &target.origin;
        if origin.speaks_http2() {
            return Box::pin(self.call_over_http2(target, sending, left)).await;
        }
        let (bytes, head) = target.request(&sending.method, &sending.headers, &sending.body);
        let outgoing = Outgoing { bytes: &bytes, head, keeps_headers: sending.keeps_headers };
        while let Some(mut idle) = if sending.fresh { None } else { origin.take(self.bounds.since()) } {
            if !idle.is_quiet() {
                continue;
            }
            match self.exchange(idle, origin, pipelines, outgoing, left).await {
                // It had died unseen, and took nothing: so does another one serve.
                Err(Broken::Unused) => {}
                Err(Broken::Failed(failure)) => return Err(failure),
                Ok(answered) => return Ok(answered),
            }
        }
        Box::pin(self.call_anew(target, sending, pipelines, outgoing, left)).await
    }

    /// Over a connection that is opened for it.
    async fn call_anew(
        &self,
        target: &Target,
        sending: &Sending,
        pipelines: Option<&Pipelines>,
        outgoing: Outgoing<'_>,
        left: &mut Left,
    ) -> Result<Answered, CallFailure> {
        let Some(connection) = self.open(&target.place).await? else {
            target.origin.chose_http2();
            return self.call_over_http2(target, sending, left).await;
        };
        let answer = if sending.fresh {
            connection.exchange(outgoing, &mut left.over_http1).await.map(|(answered, _)| answered)
        } else {
            self.exchange(connection, &target.origin, pipelines, outgoing, left).await
        };
        answer.map_err(|broken| match broken {
            Broken::Unused => CallFailure::Reset,
            Broken::Failed(failure) => failure,
        })
    }

    async fn call_over_http2(&self, target: &Target, sending: &Sending, left: &mut Left) -> Result<Answered, CallFailure> {
        let sent = left.over_http2.insert(Sent::default()).clone();
        self.http2.call(sending, target.uri.clone(), sent).await
    }

    async fn exchange(
        &self,
        connection: Connection,
        origin: &Arc<Origin>,
        pipelines: Option<&Pipelines>,
        outgoing: Outgoing<'_>,
        left: &mut Left,
    ) -> Result<Answered, Broken> {
        let (answered, kept) = connection.exchange(outgoing, &mut left.over_http1).await?;
        let kept = kept.and_then(|connection| match pipelines {
            Some(pipelines) => pipelines.take_on(connection, &self.bounds),
            None => Some(connection),
        });
        if let Some(connection) = kept {
            origin.keep(connection, (self.bounds.time)(), &self.bounds);
        }
        Ok(answered)
    }

    pub async fn connect(&self, host: &str, port: u16, is_secured: bool) -> Result<TcpStream, CallFailure> {
        self.connector.connect(host, port, is_secured).await.map_err(|error| match error {
            ConnectError::Forbidden => CallFailure::Forbidden,
            ConnectError::Unreachable => CallFailure::Unreachable,
        })
    }

    /// None where the host chooses HTTP/2.
    async fn open(&self, place: &Place) -> Result<Option<Connection>, CallFailure> {
        let stream = self.connect(&place.host, place.port, place.is_https).await?;
        if !place.is_https {
            return Ok(Some(Connection::Plain(stream)));
        }
        let host = place.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&place.host);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| CallFailure::Unreachable)?;
        let stream = self.tls.connect(name, Metered::new(stream)).await;
        let stream = stream.map_err(|error| if is_too_much(&error) { CallFailure::TooLarge } else { CallFailure::Unreachable })?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((!is_http2).then(|| Connection::Tls(Box::new(stream))))
    }

    /// None for what is no address of HTTP.
    pub fn target(&self, url: &Url) -> Option<Arc<Target>> {
        Target::of(url, |place| self.origin(place)).map(Arc::new)
    }

    /// The same of an address that many messages go to.
    pub fn kept_target(&self, url: &Url) -> Option<Arc<Target>> {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = targets.get(url.as_str()) {
            return Some(Arc::clone(known));
        }
        if targets.len() >= MOST_TARGETS {
            targets.clear();
        }
        let target = self.target(url)?;
        targets.insert(url.as_str().into(), Arc::clone(&target));
        Some(target)
    }

    /// The connections that a buyer's pings share, with room for so many on each.
    pub fn pipelines(&self, callee: &Callee, place: &Place, most: usize) -> Pipelines {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        Pipelines::new(Arc::clone(pipelines.entry((callee.clone(), place.clone())).or_default()), most)
    }

    fn origin(&self, place: &Place) -> Arc<Origin> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(origins.entry(place.clone()).or_default())
    }
}
