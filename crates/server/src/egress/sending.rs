//! One message over a way.

use std::{fmt, time::Duration};

use hyper::{Method, body::Bytes};

use super::{WhenOpen, headers::Headers};

pub struct Sending {
    /// How many calls to this one may be under way.
    pub max_in_flight: usize,
    pub method: Method,
    pub headers: Headers,
    pub body: Bytes,
    /// For everything: name, connection, sending, and the answer to its last byte.
    pub time: Duration,
    /// Opens a connection of its own: for a repeat after a pooled connection died.
    pub fresh: bool,
    pub when_open: WhenOpen,
    /// The answer's headers are wanted.
    pub keeps_headers: bool,
}

/// Bodies may hold contact data.
impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sending({} bytes)", self.body.len())
    }
}
