//! By which way a request came in, and from where.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::request::Parts,
};

/// How a request came in: what cookies and links depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Plain HTTP that never left this machine.
    Loopback,
    /// TLS, by the word of a proxy; or whatever else, for which only secure cookies are set.
    Remote { is_tls: bool },
}

impl<S: Sync> FromRequestParts<S> for Way {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Way {
    pub fn of(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let is_forwarded = parts.headers.contains_key("x-forwarded-for") || parts.headers.contains_key("forwarded") || text("x-forwarded-proto").is_some();
        let host = text("host").unwrap_or_default();
        let name = if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
        let is_local_name = matches!(name, Some("localhost" | "127.0.0.1" | "[::1]"));
        if !is_forwarded && is_local_name && peer.is_some_and(|peer| peer.0.ip().is_loopback()) {
            return Self::Loopback;
        }
        Self::Remote { is_tls: text("x-forwarded-proto") == Some("https") }
    }
}

/// Where a request comes from: the peer; or, where that is a proxy on this machine, whom the proxy last forwarded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|all| all.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
        Ok(Self(last.filter(|_| peer.is_loopback()).unwrap_or(peer)))
    }
}
