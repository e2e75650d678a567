//! Notices: what a supplier is told once its lead stands otherwise than its run's end said: a pending lead decided, a sale returned.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    id::{LeadId, NotAnId},
    lead::LeadStatus,
    money::Money,
    time::Timestamp,
};

/// A notice is tried for so long, then given up.
pub const TRIED_FOR: Duration = Duration::from_secs(3 * 24 * 3600);

/// Longer than a try may take: nobody else begins one meanwhile.
pub const FIRST_BACK_OFF: Duration = Duration::from_secs(15);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(4 * 3600);

/// How long after a try the next one is due, if nothing came of it; `tries` are those before it.
#[must_use]
pub fn back_off(tries: u32) -> Duration {
    FIRST_BACK_OFF.saturating_mul(1 << (2 * tries.min(10))).min(LONGEST_BACK_OFF)
}

/// A lead's notices are numbered from 1. As text it is the lead's id, a dot and the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId {
    pub lead: LeadId,
    pub number: u32,
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lead, self.number)
    }
}

impl FromStr for NoticeId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let (lead, number) = text.split_once('.').ok_or(NotAnId(LeadId::PREFIX))?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(NotAnId(LeadId::PREFIX))?;
        Ok(Self { lead: lead.parse()?, number })
    }
}

/// What has happened to a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Change {
    /// A sale of it that nobody knew of is sold, or it turned out that none was made.
    Decided,
    /// A sale of it was returned.
    Returned,
}

words!(Change { Decided = "decided", Returned = "returned" });

/// What is told: how the lead stood after the change. Nothing of the person is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub change: Change,
    pub test: bool,
    pub status: LeadStatus,
    /// Of all legs that were sold then.
    pub net: Money,
    /// The lead's, as long as it is sold.
    pub redirect_url: Option<String>,
    pub accepted_at: Timestamp,
    pub changed_at: Timestamp,
}

/// What becomes of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoticeState {
    Waiting,
    /// Its supplier has answered 2xx.
    Delivered,
    /// Tried for [`TRIED_FOR`] in vain.
    GivenUp,
    /// Its supplier had no address for it.
    Unwanted,
}

words!(NoticeState { Waiting = "waiting", Delivered = "delivered", GivenUp = "given_up", Unwanted = "unwanted" });

/// Takes a waiting notice for one try, if nobody else has since. The next one is due after [`back_off`], whatever becomes of
/// whoever took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakeNotice {
    pub notice: NoticeId,
    /// How many tries there were.
    pub tries: u32,
}

/// Says what came of a try. Answered by the state that the notice is in then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteTry {
    pub notice: NoticeId,
    /// How many tries there were before this one.
    pub tries: u32,
    pub result: TryResult,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TryResult {
    Delivered,
    /// It waits for its next try, or is given up.
    Failed(String),
    Unwanted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_a_notice_is_tried_many_times_before_it_is_given_up() {
        assert_eq!([0, 1, 2, 3].map(|tries| back_off(tries).as_secs()), [15, 60, 240, 960]);
        assert_eq!((back_off(5), back_off(u32::MAX)), (LONGEST_BACK_OFF, LONGEST_BACK_OFF));
        let mut waited = Duration::ZERO;
        let tries = (0..).take_while(|tries| {
            waited += back_off(*tries);
            waited < TRIED_FOR
        });
        assert_eq!(tries.count(), 22);
    }

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = NoticeId { lead: LeadId::from_bytes([7; 16]), number: 12 };
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [id.lead.to_string(), format!("{}.0", id.lead), format!("{}.x", id.lead), format!("{}.", id.lead), "lead_.1".into()] {
            assert!(text.parse::<NoticeId>().is_err(), "{text}");
        }
    }
}
