//! Reads everything that a trace is made of. The record may be a moment behind the answer: it is waited for.

use std::time::Duration;

use exchange::{
    id::{LeadId, PingId},
    market::Market,
    record::RunRecord,
    seal::Subject,
};
use store::{DisclosureRow, LeadRow, LedgerRow, QuoteRow, ReadError, Reader, SaleRow};

use super::{build, view::Trace};
use crate::{
    markets::{self, NoMarket},
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

/// The rows of one life.
pub struct Life {
    pub ping: Option<PingId>,
    pub ping_run: Option<RunRecord>,
    pub quote: Option<QuoteRow>,
    pub lead: Option<LeadRow>,
    pub lead_run: Option<RunRecord>,
    pub sales: Vec<SaleRow>,
    pub disclosures: Vec<DisclosureRow>,
    pub ledger: Vec<LedgerRow>,
}

impl Life {
    /// Whether what was asked for has its record by now.
    fn is_whole(&self, subject: Subject) -> bool {
        match subject {
            Subject::Ping(_) => self.ping_run.is_some(),
            Subject::Lead(_) => self.lead_run.is_some(),
        }
    }

    fn is_known(&self) -> bool {
        self.lead.is_some() || self.quote.is_some() || self.ping_run.is_some()
    }
}

pub fn subject_of(text: &str) -> Result<Subject, TraceError> {
    let lead = text.parse::<LeadId>().map(Subject::Lead);
    lead.or_else(|_| text.parse::<PingId>().map(Subject::Ping)).map_err(|_| TraceError::NotAnId(text.chars().take(64).collect()))
}

/// The trace of a lead or ping. Blocks for up to a second while the record is on its way.
pub fn gather(readers: &Readers, id: &str) -> Result<Trace, TraceError> {
    let subject = subject_of(id)?;
    let mut waited = Duration::ZERO;
    loop {
        let life = readers.read_here(|reader| read_life(reader, subject))?;
        if life.is_whole(subject) || waited >= WAIT {
            return if life.is_known() { build::trace(&life, |revision| market_of(readers, revision)) } else { Err(TraceError::Unknown(id.to_owned())) };
        }
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
}

fn market_of(readers: &Readers, revision: exchange::market::Revision) -> Result<Market, TraceError> {
    let bundle = readers.read_here(|reader| reader.bundle(revision))?.ok_or(NoMarket::Missing(revision))?;
    Ok(markets::parse(revision, &bundle)?)
}

fn read_life(reader: &mut dyn Reader, subject: Subject) -> Result<Life, ReadError> {
    let lead_id = match subject {
        Subject::Lead(lead) => Some(lead),
        Subject::Ping(ping) => reader.lead_of_ping(ping)?,
    };
    let lead = lead_id.map(|lead| reader.lead(lead)).transpose()?.flatten();
    let ping = match subject {
        Subject::Ping(ping) => Some(ping),
        Subject::Lead(_) => lead.as_ref().and_then(|lead| lead.ping),
    };
    Ok(Life {
        ping,
        ping_run: ping.map(|ping| reader.record(Subject::Ping(ping))).transpose()?.flatten(),
        quote: ping.map(|ping| reader.quote(ping)).transpose()?.flatten(),
        lead_run: lead_id.map(|lead| reader.record(Subject::Lead(lead))).transpose()?.flatten(),
        sales: lead_id.map(|lead| reader.sales_of(lead)).transpose()?.unwrap_or_default(),
        disclosures: lead_id.map(|lead| reader.disclosures_of(lead)).transpose()?.unwrap_or_default(),
        ledger: lead_id.map(|lead| reader.ledger_of(lead)).transpose()?.unwrap_or_default(),
        lead,
    })
}
