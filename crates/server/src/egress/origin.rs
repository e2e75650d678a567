//! A host that is called in HTTP/1.1, with its idle connections.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::connection::Connection;

/// Where connections lead.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub is_https: bool,
    /// An address of version 6 in its brackets.
    pub host: Box<str>,
    pub port: u16,
}

#[derive(Debug, Default)]
pub struct Origin {
    /// It chose HTTP/2 once, which is another client's.
    speaks_http2: AtomicBool,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    /// The one used last is at the end. Each since when, by the egress's time.
    connections: Vec<(Duration, Connection)>,
    is_swept: bool,
}

impl Origin {
    pub fn speaks_http2(&self) -> bool {
        self.speaks_http2.load(Ordering::Relaxed)
    }

    pub fn chose_http2(&self) {
        self.speaks_http2.store(true, Ordering::Relaxed);
    }

    /// The connection that was used last, where it was after `since`.
    pub fn take(&self, since: Duration) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.connections.pop().filter(|(at, _)| *at >= since).map(|(_, connection)| connection)
    }

    /// At most so many are kept, each at most for so long.
    pub fn keep(self: &Arc<Self>, connection: Connection, at: Duration, bounds: &Bounds) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.connections.len() >= bounds.max_idle {
            return;
        }
        idle.connections.push((at, connection));
        if !idle.is_swept {
            idle.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(self), bounds.clone()));
        }
    }

    /// Whether any connection is left.
    fn close_idle(&self, since: Duration) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.connections.retain_mut(|(at, connection)| *at >= since && connection.is_quiet());
        idle.is_swept = !idle.connections.is_empty();
        idle.is_swept
    }
}

/// Of an origin's idle connections.
#[derive(Clone)]
pub struct Bounds {
    pub max_idle: usize,
    pub idle_time: Duration,
    pub time: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Bounds {
    /// What was used before is too old now.
    pub fn since(&self) -> Duration {
        (self.time)().saturating_sub(self.idle_time)
    }
}

/// Closes what has been idle for too long, for as long as anything is idle.
async fn sweep(origin: Weak<Origin>, bounds: Bounds) {
    loop {
        tokio::time::sleep(bounds.idle_time.max(Duration::from_millis(10))).await;
        let Some(origin) = origin.upgrade() else { return };
        if !origin.close_idle(bounds.since()) {
            return;
        }
    }
}
