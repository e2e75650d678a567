//! Reads everything that a trace is made of. The record may be a moment behind the answer: it is waited for.

use std::{sync::Arc, time::Duration};

use exchange::{
    id::{LeadId, PingId, Revision, Subject},
    market::Market,
};

use super::{
    build::{self, Story},
    life::read_life,
    view::Trace,
};
use crate::{
    clock,
    market_bundle::{NoMarket, Stored},
    readers::{ReadFailed, Readers},
};

/// Records commit within 100 ms; a trace waits ten times as long.
const WAIT: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("{0} is no id of a lead or ping: give lead_… or ping_…")]
    NotAnId(String),
    #[error("nothing is known of {0}: it may have been refused, or be of another exchange")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] ReadFailed),
    #[error(transparent)]
    Market(#[from] NoMarket),
}

pub fn subject_of(text: &str) -> Result<Subject, TraceError> {
    let lead = text.parse::<LeadId>().map(Subject::Lead);
    lead.or_else(|_| text.parse::<PingId>().map(Subject::Ping)).map_err(|_| TraceError::NotAnId(text.chars().take(64).collect()))
}

/// The trace of a lead or ping. Blocks for up to a second while the record is on its way.
pub fn gather(readers: &Readers, id: &str) -> Result<Trace, TraceError> {
    Ok(story(readers, id, |revision| market_of(readers, revision))?.trace)
}

/// The trace and what it is made of, told with the markets that somebody has.
pub fn story<E>(readers: &Readers, id: &str, market_of: impl Fn(Revision) -> Result<Arc<Market>, E>) -> Result<Story, TraceError>
where
    TraceError: From<E>,
{
    let subject = subject_of(id)?;
    let mut waited = Duration::ZERO;
    loop {
        let life = readers.read_here(|reader| read_life(reader, subject))?;
        if life.is_whole(subject) || waited >= WAIT || !life.is_fresh(clock::now()) {
            return if life.is_known() { Ok(build::story(life, market_of)?) } else { Err(TraceError::Unknown(id.to_owned())) };
        }
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
}

fn market_of(readers: &Readers, revision: Revision) -> Result<Arc<Market>, TraceError> {
    let stored = readers.read_here(|reader| Stored::read(reader, revision))?.ok_or(NoMarket::Missing(revision))?;
    Ok(Arc::new(stored.market()?))
}
