//! Recovery: what becomes of a lead whose run was cut off, from durable rows alone. The record may be missing.

use crate::{
    command::{Command, End, Fence, LeadStatus, Void, VoidCause},
    id::{LeadId, SaleId},
    record::UnsoldReason,
};

/// A lead without a living run.
#[derive(Clone, Debug)]
pub struct Interrupted {
    pub lead: LeadId,
    pub fence: Fence,
    pub sales: Vec<(SaleId, Standing)>,
}

/// How far a sale had come, durably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Held, and no `post_started`: nothing was sent.
    Held,
    /// `post_started` and no outcome: the buyer may have the contact.
    Posted,
    Unknown,
    Sold,
    Void,
}

/// Holds without a post are given back; a post without an outcome is unknown, and is never sent to anybody else.
#[must_use]
pub fn recover(interrupted: &Interrupted) -> Vec<Command> {
    let mut commands = Vec::new();
    for (sale, standing) in &interrupted.sales {
        match standing {
            Standing::Held => commands.push(Command::Void(Void { sale: *sale, cause: VoidCause::Interrupted, why: "the run was cut off".into() })),
            Standing::Posted => commands.push(Command::MarkUnknown { sale: *sale, why: "interrupted".into() }),
            Standing::Unknown | Standing::Sold | Standing::Void => {}
        }
    }
    let is_any = |wanted: &[Standing]| interrupted.sales.iter().any(|(_, standing)| wanted.contains(standing));
    let (status, reason) = if is_any(&[Standing::Sold]) {
        (LeadStatus::Sold, None)
    } else if is_any(&[Standing::Posted, Standing::Unknown]) {
        (LeadStatus::Pending, None)
    } else {
        (LeadStatus::Unsold, Some(UnsoldReason::Interrupted.word().to_owned()))
    };
    commands.push(Command::End(End { lead: interrupted.lead, fence: interrupted.fence, status, reason }));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_as(standings: &[Standing]) -> (usize, LeadStatus) {
        let sales = standings.iter().enumerate().map(|(n, standing)| (SaleId::from_bytes([n as u8; 16]), *standing)).collect();
        let commands = recover(&Interrupted { lead: LeadId::from_bytes([9; 16]), fence: Fence(3), sales });
        match commands.last() {
            Some(Command::End(end)) => (commands.len() - 1, end.status),
            other => panic!("recovery ends the lead, not {other:?}"),
        }
    }

    #[test]
    fn what_may_be_disclosed_stays_unknown_and_the_rest_is_given_back() {
        use Standing::{Held, Posted, Sold, Unknown, Void};
        assert_eq!(ends_as(&[]), (0, LeadStatus::Unsold));
        assert_eq!(ends_as(&[Void, Held]), (1, LeadStatus::Unsold));
        assert_eq!(ends_as(&[Void, Posted]), (1, LeadStatus::Pending));
        assert_eq!(ends_as(&[Unknown]), (0, LeadStatus::Pending));
        assert_eq!(ends_as(&[Sold, Posted, Held]), (2, LeadStatus::Sold));
    }
}
