//! The connections that one buyer's pings share: each with room for so many, more of them when those are full.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use exchange::call::CallFailure;
use tokio::time::Instant;

use super::{Answered, connection::Connection, origin::Bounds, pipeline::Pipeline, sending::Sending, target::Target, turns::Lost};

/// Clones are the same.
#[derive(Clone)]
pub struct Pipelines {
    all: Arc<Shared>,
    /// How many may wait for their answers on each.
    most: usize,
}

pub type Shared = Mutex<Vec<Arc<Pipeline>>>;

impl fmt::Debug for Pipelines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pipelines")
    }
}

impl Pipelines {
    pub fn new(all: Arc<Shared>, most: usize) -> Self {
        Self { all, most }
    }

    /// Asks over the first connection that has room, so that those who ask at the same moment meet there. None where none has: the
    /// message then has one of its own.
    pub async fn call(&self, target: &Target, sending: &Sending, until: Instant) -> Option<Result<Answered, Lost>> {
        let answer = self.all().iter().find_map(|pipeline| pipeline.ask(self.most, target, sending, until))?;
        Some(answer.await.unwrap_or(Err(Lost::Failed(CallFailure::Reset))))
    }

    /// Takes on a connection that a ping had for itself, and that both sides keep, if those that there are have no room. Otherwise
    /// gives it back.
    pub fn take_on(&self, connection: Connection, bounds: &Bounds) -> Option<Connection> {
        let mut all = self.all();
        all.retain(|pipeline| !pipeline.is_over());
        if all.len() >= bounds.max_idle || all.iter().any(|pipeline| pipeline.has_room(self.most)) {
            return Some(connection);
        }
        all.push(Pipeline::start(connection, bounds.idle_time));
        None
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Pipeline>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
