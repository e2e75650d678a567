//! An address to call, read once: where it is, and how a request to it begins.

use std::sync::Arc;

use hyper::{Method, Uri};
use url::{Position, Url};

use super::{
    headers::Headers,
    origin::{Origin, Place},
};

pub const AGENT: &str = concat!("pingpost/", env!("CARGO_PKG_VERSION"));

/// Its path and query may hold a key: it never prints itself.
pub struct Target {
    pub place: Place,
    pub origin: Arc<Origin>,
    /// For the client of HTTP/2.
    pub uri: Uri,
    /// A request's first lines, from the path on.
    beginning: Box<str>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({}, …)", self.place.host)
    }
}

impl Target {
    /// None for what is no address of HTTP. Its host's connections are found by `origin`.
    pub fn of(url: &Url, origin: impl FnOnce(&Place) -> Arc<Origin>) -> Option<Self> {
        let uri: Uri = url.as_str().parse().ok()?;
        let is_https = url.scheme() == "https";
        if !is_https && url.scheme() != "http" {
            return None;
        }
        let place = Place { is_https, host: uri.host()?.into(), port: url.port_or_known_default()? };
        Some(Self { origin: origin(&place), place, uri, beginning: beginning(url).into() })
    }

    /// A request as it is sent, and the length of its head.
    pub fn request(&self, method: &Method, headers: &Headers, body: &[u8]) -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        self.write_request(&mut bytes, method, headers, body);
        let head = bytes.len() - body.len();
        (bytes, head)
    }

    /// Behind what is there already.
    pub fn write_request(&self, bytes: &mut Vec<u8>, method: &Method, headers: &Headers, body: &[u8]) {
        write(bytes, &self.beginning, method, headers, body);
    }
}

fn beginning(url: &Url) -> String {
    let (path, authority) = (&url[Position::BeforePath..Position::AfterQuery], &url[Position::BeforeHost..Position::AfterPort]);
    format!("{path} HTTP/1.1\r\nuser-agent: {AGENT}\r\nhost: {authority}\r\n")
}

/// A request to look at, as it would be sent.
pub fn request_bytes(url: &Url, method: &Method, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, &beginning(url), method, headers, body);
    bytes
}

/// A method that has a body says its length, be it nothing.
fn write(bytes: &mut Vec<u8>, beginning: &str, method: &Method, headers: &Headers, body: &[u8]) {
    let method = method.as_str();
    bytes.reserve(method.len() + beginning.len() + headers.lines().len() + body.len() + 48);
    for part in [method, " ", beginning, headers.lines()] {
        bytes.extend_from_slice(part.as_bytes());
    }
    if !body.is_empty() || method == "POST" {
        bytes.extend_from_slice(b"content-length: ");
        bytes.extend_from_slice(body.len().to_string().as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
}
