//! Reading connections, shared by all requests: a read takes one, off the async threads, and gives it back.

use std::sync::{Arc, Mutex, PoisonError};

use store::{OpenError, ReadError, Reader};
use tokio::sync::Semaphore;

use crate::place::Place;

/// Idle connections kept.
const MOST_IDLE: usize = 8;
/// Reads of requests and runs at the same time, and with them connections: the others wait for their turn.
const MOST_AT_ONCE: usize = 16;
/// The same for pages.
const MOST_PAGES_AT_ONCE: usize = 4;

#[derive(Clone)]
pub struct Readers {
    place: Place,
    idle: Arc<Mutex<Vec<Box<dyn Reader>>>>,
    turns: Arc<Semaphore>,
}

/// Why a read gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailed {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the read was cut off")]
    CutOff,
}

impl Readers {
    pub fn new(place: Place) -> Self {
        Self { place, idle: Arc::default(), turns: Arc::new(Semaphore::new(MOST_AT_ONCE)) }
    }

    /// For people who look: apart from what runs read, and fewer.
    pub fn for_pages(place: Place) -> Self {
        Self { place, idle: Arc::default(), turns: Arc::new(Semaphore::new(MOST_PAGES_AT_ONCE)) }
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Reads on a thread that may block.
    pub async fn read<T: Send + 'static>(&self, read: impl FnOnce(&mut dyn Reader) -> Result<T, ReadError> + Send + 'static) -> Result<T, ReadFailed> {
        let readers = self.clone();
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| ReadFailed::CutOff)?;
        let reading = move || {
            let found = readers.read_here(read);
            drop(turn);
            found
        };
        tokio::task::spawn_blocking(reading).await.map_err(|_| ReadFailed::CutOff)?
    }

    /// Reads on this thread: for commands, and for threads of their own.
    pub fn read_here<T>(&self, read: impl FnOnce(&mut dyn Reader) -> Result<T, ReadError>) -> Result<T, ReadFailed> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => self.place.reader()?,
        };
        let result = read(&mut *reader)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(reader);
        }
        Ok(result)
    }
}
