//! What a sandbox buyer received: exactly, in the order it came, bounded.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::Value;

/// Requests kept.
pub const MAX_RECEIVED: usize = 10_000;
/// In bytes: of all bodies kept together.
const MAX_BODIES: usize = 64 * 1024 * 1024;

#[derive(Serialize)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    /// JSON where it is JSON, else its text.
    pub body: Value,
    #[serde(skip)]
    size: usize,
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({} bytes)", self.size)
    }
}

impl Received {
    pub fn new(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            method: method.to_string(),
            path: path.to_owned(),
            headers: headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: serde_json::from_slice(body).unwrap_or_else(|_| Value::String(text(body))),
            size: body.len(),
        }
    }
}

#[derive(Debug, Default)]
pub struct Log {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<Arc<Received>>,
    bytes: usize,
}

impl Log {
    pub fn add(&self, received: Arc<Received>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += received.size;
        kept.requests.push_back(received);
        while kept.requests.len() > MAX_RECEIVED || kept.bytes > MAX_BODIES {
            let Some(oldest) = kept.requests.pop_front() else { return };
            kept.bytes -= oldest.size;
        }
    }

    /// Those whose path starts with this, oldest first.
    #[must_use]
    pub fn under(&self, path: &str) -> Vec<Arc<Received>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.requests.iter().filter(|received| received.path.starts_with(path)).cloned().collect()
    }
}
