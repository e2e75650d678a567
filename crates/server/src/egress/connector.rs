//! Connects to a host, to no other address than one that was checked.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use hyper::Uri;
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use tokio::{net::TcpStream, task::JoinSet};

use super::{
    address::may_reach,
    metered::Metered,
    resolver::{Found, Resolver},
};

/// Why there is no connection. No byte of a request has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    #[error("the address isn't allowed")]
    Forbidden,
    #[error("can't be reached")]
    Unreachable,
}

/// The next address is tried when one hasn't answered for this long (RFC 8305).
const NEXT_AFTER: Duration = Duration::from_millis(250);
/// Of the addresses of a name, this many are tried.
const MAX_ADDRESSES: usize = 8;

#[derive(Clone)]
pub struct Connector {
    resolver: Resolver,
    allow: Arc<[IpNet]>,
    time: Duration,
}

impl Connector {
    pub fn new(resolver: Resolver, allow: Arc<[IpNet]>, time: Duration) -> Self {
        Self { resolver, allow, time }
    }

    async fn connect_to(self, uri: Uri) -> Result<TokioIo<Metered>, ConnectError> {
        let is_https = uri.scheme_str() == Some("https");
        let host = uri.host().ok_or(ConnectError::Unreachable)?;
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        Ok(TokioIo::new(Metered::new(self.connect(host, port, is_https).await?)))
    }

    pub async fn connect(&self, host: &str, port: u16, is_https: bool) -> Result<TcpStream, ConnectError> {
        let addresses = self.checked_addresses(host, is_https).await?;
        let stream = tokio::time::timeout(self.time, first_to_connect(addresses, port)).await;
        let stream = stream.ok().flatten().ok_or(ConnectError::Unreachable)?;
        // A call is one small write: it must not wait for more.
        stream.set_nodelay(true).map_err(|_| ConnectError::Unreachable)?;
        Ok(stream)
    }

    /// The allowed ones of a host's addresses. A host that is an address is checked like any other.
    async fn checked_addresses(&self, host: &str, is_https: bool) -> Result<Vec<IpAddr>, ConnectError> {
        let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let addresses = match literal.parse::<IpAddr>() {
            Ok(address) => [address].into(),
            Err(_) => match self.resolver.addresses(host).await {
                Found::Addresses(addresses) => addresses,
                Found::Forbidden => return Err(ConnectError::Forbidden),
                Found::Nothing => return Err(ConnectError::Unreachable),
            },
        };
        // The resolver allows for HTTPS; plain HTTP goes to fewer.
        let allowed: Vec<IpAddr> = addresses.iter().copied().filter(|address| may_reach(*address, is_https, &self.allow)).take(MAX_ADDRESSES).collect();
        if allowed.is_empty() { Err(ConnectError::Forbidden) } else { Ok(allowed) }
    }
}

async fn first_to_connect(addresses: Vec<IpAddr>, port: u16) -> Option<TcpStream> {
    let mut attempts = JoinSet::new();
    for address in addresses {
        attempts.spawn(TcpStream::connect(SocketAddr::new(address, port)));
        if let Ok(Some(Ok(Ok(stream)))) = tokio::time::timeout(NEXT_AFTER, attempts.join_next()).await {
            return Some(stream);
        }
    }
    while let Some(attempt) = attempts.join_next().await {
        if let Ok(Ok(stream)) = attempt {
            return Some(stream);
        }
    }
    None
}

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<Metered>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect_to(uri))
    }
}
