//! A sale: the right to one contact by one buyer. It is the only key to a sealed contact.

use crate::id::{LeadId, PingId, SaleId, Subject};

/// What an engine returns after the reserve has committed: the hold is taken, and the post may have started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    sale: SaleId,
    lead: LeadId,
    ping: Option<PingId>,
    post_started: bool,
}

impl Reservation {
    /// To be called by an engine, after commit; a tidy test counts its callers.
    #[must_use]
    pub fn after_commit(sale: SaleId, lead: LeadId, ping: Option<PingId>, post_started: bool) -> Self {
        Self { sale, lead, ping, post_started }
    }

    #[must_use]
    pub fn sale(&self) -> SaleId {
        self.sale
    }
}

/// A sale whose `post_started` is durable. Only the flow makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    id: SaleId,
    lead: LeadId,
    ping: Option<PingId>,
}

impl Sale {
    /// None while the post has not durably started: a strict contract that has not confirmed yet.
    pub(crate) fn of(reservation: &Reservation) -> Option<Self> {
        reservation.post_started.then_some(Self { id: reservation.sale, lead: reservation.lead, ping: reservation.ping })
    }

    #[must_use]
    pub fn id(&self) -> SaleId {
        self.id
    }

    #[must_use]
    pub fn lead(&self) -> LeadId {
        self.lead
    }

    /// The ping that this lead was quoted for.
    #[must_use]
    pub fn ping(&self) -> Option<PingId> {
        self.ping
    }

    pub(crate) fn opens(&self, subject: Subject) -> bool {
        match subject {
            Subject::Lead(lead) => lead == self.lead,
            Subject::Ping(ping) => Some(ping) == self.ping,
        }
    }
}
