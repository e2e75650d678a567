//! Recovery: what becomes of a lead whose run was cut off, from durable rows alone. The record may be missing.

use crate::{command::LeadStatus, id::SaleId, record::UnsoldReason};

/// How far a sale had come, durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Held, and no `post_started`: nothing was sent.
    Held,
    /// `post_started` and no outcome: the buyer may have the contact.
    Posted,
    Unknown,
    /// Sold, and perhaps returned since.
    Sold,
    Void,
}

/// How a lead without a living run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Their holds are given back: nothing was sent.
    pub void: Vec<SaleId>,
    /// Nobody else is offered the lead until it is known what came of these.
    pub unknown: Vec<SaleId>,
    pub status: LeadStatus,
    pub reason: Option<UnsoldReason>,
}

/// Holds without a post are given back; a post without an outcome is unknown, and is never sent to anybody else.
#[must_use]
pub fn recover(sales: &[(SaleId, Standing)]) -> Recovered {
    let all = |wanted: Standing| sales.iter().filter(|(_, standing)| *standing == wanted).map(|(sale, _)| *sale).collect::<Vec<_>>();
    let is_any = |wanted: &[Standing]| sales.iter().any(|(_, standing)| wanted.contains(standing));
    let (status, reason) = if is_any(&[Standing::Sold]) {
        (LeadStatus::Sold, None)
    } else if is_any(&[Standing::Posted, Standing::Unknown]) {
        (LeadStatus::Pending, None)
    } else {
        (LeadStatus::Unsold, Some(UnsoldReason::Interrupted))
    };
    Recovered { void: all(Standing::Held), unknown: all(Standing::Posted), status, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_as(standings: &[Standing]) -> (usize, usize, LeadStatus) {
        let sales: Vec<_> = standings.iter().enumerate().map(|(n, standing)| (SaleId::from_bytes([n as u8; 16]), *standing)).collect();
        let recovered = recover(&sales);
        (recovered.void.len(), recovered.unknown.len(), recovered.status)
    }

    #[test]
    fn what_may_be_disclosed_stays_unknown_and_the_rest_is_given_back() {
        use Standing::{Held, Posted, Sold, Unknown, Void};
        assert_eq!(ends_as(&[]), (0, 0, LeadStatus::Unsold));
        assert_eq!(ends_as(&[Void, Held]), (1, 0, LeadStatus::Unsold));
        assert_eq!(ends_as(&[Void, Posted]), (0, 1, LeadStatus::Pending));
        assert_eq!(ends_as(&[Unknown]), (0, 0, LeadStatus::Pending));
        assert_eq!(ends_as(&[Sold, Posted, Held]), (1, 1, LeadStatus::Sold));
    }
}
