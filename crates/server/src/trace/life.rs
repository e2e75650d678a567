//! The rows of one life: a ping, its lead, and everything that came of them.

use std::{sync::Arc, time::Duration};

use exchange::{
    id::{PingId, Subject},
    record::RunRecord,
    time::Timestamp,
};
use store::{DisclosureRow, LeadRow, LedgerRow, NoticeRow, QuoteRow, ReadError, Reader, SaleRow};

/// A run lasts as long as its auction and its posts at most, which is seconds.
const FRESH: Duration = Duration::from_secs(60);

/// The rows of one life.
#[derive(Default)]
pub struct Life {
    pub ping: Option<PingId>,
    pub ping_run: Option<Arc<RunRecord>>,
    pub quote: Option<QuoteRow>,
    pub lead: Option<LeadRow>,
    pub lead_run: Option<Arc<RunRecord>>,
    pub sales: Vec<SaleRow>,
    pub disclosures: Vec<DisclosureRow>,
    pub ledger: Vec<LedgerRow>,
    pub notices: Vec<NoticeRow>,
}

impl Life {
    /// Whether what was asked for has its record by now.
    pub fn is_whole(&self, subject: Subject) -> bool {
        match subject {
            Subject::Ping(_) => self.ping_run.is_some(),
            Subject::Lead(_) => self.lead_run.is_some(),
        }
    }

    /// Whether it began so lately that its record may be on its way.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let began = self.lead.as_ref().map(|lead| lead.accepted_at).max(self.quote.as_ref().map(|quote| quote.quoted_at));
        began.is_none_or(|began| now.since(began) < FRESH)
    }

    pub fn is_known(&self) -> bool {
        self.lead.is_some() || self.quote.is_some() || self.ping_run.is_some()
    }
}

pub fn read_life(reader: &mut dyn Reader, subject: Subject) -> Result<Life, ReadError> {
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
        ping_run: ping.map(|ping| reader.record(Subject::Ping(ping))).transpose()?.flatten().map(Arc::new),
        quote: ping.map(|ping| reader.quote(ping)).transpose()?.flatten(),
        lead_run: lead_id.map(|lead| reader.record(Subject::Lead(lead))).transpose()?.flatten().map(Arc::new),
        sales: lead_id.map(|lead| reader.sales_of(lead)).transpose()?.unwrap_or_default(),
        disclosures: lead_id.map(|lead| reader.disclosures_of(lead)).transpose()?.unwrap_or_default(),
        ledger: lead_id.map(|lead| reader.ledger_of(lead)).transpose()?.unwrap_or_default(),
        notices: lead_id.map(|lead| reader.notices_of(lead)).transpose()?.unwrap_or_default(),
        lead,
    })
}
