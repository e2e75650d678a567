//! Where a lead stands, as commands need it, and how it comes to its end.

use exchange::{
    command::{Fence, LeadStatus},
    id::{LeadId, PingId, SupplierName},
    money::Money,
    notice::Change,
    record::UnsoldReason,
    time::Timestamp,
};

use super::{
    batch::Batch,
    db::{Db, Row, params},
    failure::{Failure, Result},
    notices, quote_holds,
};
use crate::rows::SaleStatus;

pub(super) struct LeadState {
    pub lead: LeadId,
    pub supplier: SupplierName,
    pub test: bool,
    pub ping: Option<PingId>,
    /// Whether its run started from that ping's quote.
    pub quoted: bool,
    pub status: LeadStatus,
    pub fence: Fence,
    /// Some as long as its run goes on.
    pub lease_until: Option<Timestamp>,
    pub erased: bool,
}

/// What [`LeadState::read`] reads, in a statement of its own or with what else is asked for.
macro_rules! lead_columns {
    () => {
        "leads.id, leads.supplier, leads.test, leads.ping, leads.quoted, leads.status, leads.fence, leads.lease_until, leads.erased_at IS NOT NULL"
    };
}

pub(super) use lead_columns;

/// So many are `lead_columns`.
pub(super) const LEAD_COLUMNS: usize = 9;

impl LeadState {
    pub fn of(db: &dyn Db, lead: LeadId) -> Result<Option<Self>> {
        db.one(concat!("SELECT ", lead_columns!(), " FROM leads WHERE id = ?1"), params![lead.bytes()], |row| Self::read(row, 0))
    }

    /// From this column on.
    pub fn read(row: &Row, from: usize) -> Result<Self> {
        Ok(Self {
            lead: row.value(from)?,
            supplier: row.value(from + 1)?,
            test: row.value(from + 2)?,
            ping: row.value(from + 3)?,
            quoted: row.value(from + 4)?,
            status: row.value(from + 5)?,
            fence: row.value(from + 6)?,
            lease_until: row.value(from + 7)?,
            erased: row.value(from + 8)?,
        })
    }

    pub fn runs(&self) -> bool {
        self.lease_until.is_some()
    }

    /// Whether its run goes on as far as anybody can know: its lease isn't over, and its node has said that it lives.
    pub fn is_alive(&self, db: &dyn Db, now: Timestamp) -> Result<bool> {
        let sql = "SELECT 1 FROM leads JOIN nodes ON nodes.id = leads.node WHERE leads.id = ?1 AND nodes.lives_until > ?2";
        Ok(self.lease_until.is_some_and(|until| now < until) && db.exists(sql, params![self.lead.bytes(), now.micros()])?)
    }

    /// Whether its run goes on and is the one with this fence.
    pub fn is_held_by(&self, fence: Fence) -> bool {
        self.runs() && self.fence == fence
    }
}

/// What a lead's sales came to so far.
#[derive(Default)]
pub(super) struct Sales {
    /// Reserved or posted: their run is about to say more.
    pub under_way: bool,
    pub unknown: bool,
    pub sold: bool,
    pub returned: bool,
    pub post_started: bool,
    /// Nobody knew of it for a while, and then it was sold: the run's answer is without it.
    pub sold_late: bool,
}

impl Sales {
    pub fn of(db: &dyn Db, lead: LeadId) -> Result<Self> {
        // Only a sale that was unknown has had a time to be looked at.
        let sql = "SELECT status, post_started_at IS NOT NULL, look_at IS NOT NULL FROM sales WHERE lead = ?1";
        let mut sales = Self::default();
        for row in db.rows(sql, params![lead.bytes()])? {
            sales.add(row.value(0)?, row.value(1)?, row.value(2)?);
        }
        Ok(sales)
    }

    pub fn add(&mut self, status: SaleStatus, post_started: bool, was_unknown: bool) {
        match status {
            SaleStatus::Reserved | SaleStatus::Posted => self.under_way = true,
            SaleStatus::Unknown => self.unknown = true,
            SaleStatus::Sold => self.sold = true,
            SaleStatus::Returned => self.returned = true,
            SaleStatus::Void => {}
        }
        self.post_started |= post_started;
        self.sold_late |= was_unknown && status == SaleStatus::Sold;
    }

    /// The status that the sales alone give; None where they say nothing: none was made, none may have been.
    pub fn status(&self) -> Option<LeadStatus> {
        if self.sold {
            Some(LeadStatus::Sold)
        } else if self.unknown {
            Some(LeadStatus::Pending)
        } else {
            self.returned.then_some(LeadStatus::Returned)
        }
    }
}

/// Ends a run: its lease is over, and what its quote still holds is given back. What its sales say goes before what the run
/// says: an answer may have come in between.
pub(super) fn end(batch: &Batch<'_>, lead: &LeadState, sales: &Sales, said: LeadStatus, reason: Option<&str>) -> Result<()> {
    end_with(batch, lead, sales, said, reason, Earned::default())
}

/// What the sale that ends a run adds to its lead.
#[derive(Default)]
pub(super) struct Earned<'a> {
    pub net: Money,
    pub redirect_url: Option<&'a String>,
}

/// The same with the run's last sale.
pub(super) fn end_with(batch: &Batch<'_>, lead: &LeadState, sales: &Sales, said: LeadStatus, reason: Option<&str>, earned: Earned<'_>) -> Result<()> {
    let status = sales.status().unwrap_or(match said {
        LeadStatus::Sold | LeadStatus::Pending | LeadStatus::Open | LeadStatus::Returned => LeadStatus::Unsold,
        LeadStatus::Unsold | LeadStatus::Duplicate => said,
    });
    let reason = match status {
        LeadStatus::Unsold => reason.or(Some(UnsoldReason::OffersFellAway.word())),
        LeadStatus::Duplicate => reason,
        _ => None,
    };
    let sql = "UPDATE leads SET status = ?2, reason = ?3, ended_at = ?4, lease_until = NULL, net = net + ?5, redirect_url = coalesce(redirect_url, ?6)
        WHERE id = ?1";
    let Earned { net, redirect_url } = earned;
    batch.db.write(sql, params![lead.lead.bytes(), status.word(), reason, batch.now.micros(), net.micros(), redirect_url])?;
    // What came in between is not in the run's answer.
    if sales.returned {
        notices::tell(batch, lead.lead, Change::Returned)?;
    } else if sales.sold_late || (said == LeadStatus::Pending && status != said) {
        notices::tell(batch, lead.lead, Change::Decided)?;
    }
    lead.ping.map_or(Ok(()), |ping| quote_holds::release(batch, ping))
}

/// After one of its sales has changed: a lead that was pending may now be sold or unsold, and one that runs may be answered for.
pub(super) fn follow_sales(batch: &Batch<'_>, lead: LeadId) -> Result<()> {
    follow(batch, lead).map(drop)
}

/// The same after a change that may come once the run's answer was given: then the supplier is told.
pub(super) fn follow_late(batch: &Batch<'_>, lead: LeadId, change: Change, net_changed: bool) -> Result<()> {
    let Followed { runs, status_changed } = follow(batch, lead)?;
    if !runs && (status_changed || net_changed) { notices::tell(batch, lead, change) } else { Ok(()) }
}

struct Followed {
    runs: bool,
    status_changed: bool,
}

fn follow(batch: &Batch<'_>, lead: LeadId) -> Result<Followed> {
    let state = LeadState::of(batch.db, lead)?.ok_or(Failure::Broken("a sale has no lead"))?;
    let runs = state.runs();
    let sales = Sales::of(batch.db, lead)?;
    let (status, reason) = match (sales.status(), state.status) {
        (Some(status), _) => (status, None),
        // While the run goes on it may find another buyer.
        (None, LeadStatus::Pending | LeadStatus::Sold) if runs => (LeadStatus::Open, None),
        (None, LeadStatus::Pending | LeadStatus::Sold) => (LeadStatus::Unsold, Some(UnsoldReason::OffersFellAway.word())),
        (None, _) => return Ok(Followed { runs, status_changed: false }),
    };
    if status != state.status {
        batch.db.write("UPDATE leads SET status = ?2, reason = ?3 WHERE id = ?1", params![lead.bytes(), status.word(), reason])?;
    }
    Ok(Followed { runs, status_changed: status != state.status })
}
