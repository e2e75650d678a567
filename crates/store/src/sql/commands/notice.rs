//! TakeNotice, NoteTry, RetryNotice: whoever tries to deliver a notice takes it first, and says what came of it.

use exchange::{
    command::Outcome,
    notice::{NoteTry, NoticeId, NoticeState, TRIED_FOR, TakeNotice, TryResult, back_off},
    time::Timestamp,
};

use super::super::{
    batch::{Batch, Pending},
    db::params,
    failure::Result,
};

struct Standing {
    state: NoticeState,
    tries: u32,
    tried_since: Timestamp,
}

impl Standing {
    fn of(batch: &Batch<'_>, notice: NoticeId) -> Result<Option<Self>> {
        let sql = "SELECT state, tries, tried_since FROM notices WHERE lead = ?1 AND number = ?2";
        batch
            .db
            .one(sql, params![notice.lead.bytes(), notice.number], |row| Ok(Self { state: row.value(0)?, tries: row.value(1)?, tried_since: row.value(2)? }))
    }
}

/// A try that is cut off is one of those made: the next one is due as after one in vain.
pub(super) fn take(batch: &Batch<'_>, take: TakeNotice) -> Result<Pending> {
    let sql = "UPDATE notices SET tries = tries + 1, due_at = ?4 WHERE lead = ?1 AND number = ?2 AND tries = ?3 AND state = 'waiting'";
    let due = batch.now.plus(back_off(take.tries)).micros();
    let taken = batch.db.change(sql, params![take.notice.lead.bytes(), take.notice.number, take.tries, due])?;
    Ok(if taken == 1 { Pending::done() } else { Pending::conflict(format!("{} is tried by another, or waits no more", take.notice)) })
}

pub(super) fn note_try(batch: &Batch<'_>, noted: &NoteTry) -> Result<Pending> {
    let Some(standing) = Standing::of(batch, noted.notice)? else { return Ok(Pending::conflict(format!("{} isn't known", noted.notice))) };
    let is_last = standing.tries == noted.tries + 1;
    let (state, failure) = match &noted.result {
        // Whoever heard it has heard it, however late that comes to be known.
        TryResult::Delivered => (NoticeState::Delivered, None),
        _ if standing.state != NoticeState::Waiting || !is_last => return Ok(Pending::Ready(Outcome::Noted(standing.state))),
        TryResult::Unwanted => (NoticeState::Unwanted, None),
        TryResult::Failed(why) if batch.now.since(standing.tried_since) >= TRIED_FOR => (NoticeState::GivenUp, Some(why)),
        TryResult::Failed(why) => (NoticeState::Waiting, Some(why)),
    };
    let (lead, number) = (noted.notice.lead, noted.notice.number);
    if let Some(why) = failure {
        batch.db.write("UPDATE notices SET failure = ?3 WHERE lead = ?1 AND number = ?2", params![lead.bytes(), number, why])?;
    }
    if state != NoticeState::Waiting {
        let sql = "UPDATE notices SET state = ?3, due_at = NULL, ended_at = ?4 WHERE lead = ?1 AND number = ?2 AND state <> ?3";
        batch.db.write(sql, params![lead.bytes(), number, state.word(), batch.now.micros()])?;
    }
    Ok(Pending::Ready(Outcome::Noted(state)))
}

/// One that was delivered is not told again.
pub(super) fn retry(batch: &Batch<'_>, notice: NoticeId) -> Result<Pending> {
    let sql = "UPDATE notices SET state = 'waiting', tried_since = ?3, due_at = ?3, ended_at = NULL
        WHERE lead = ?1 AND number = ?2 AND state <> 'delivered'";
    let waits = batch.db.change(sql, params![notice.lead.bytes(), notice.number, batch.now.micros()])?;
    Ok(if waits == 1 { Pending::done() } else { Pending::conflict(format!("there is no notice {notice}, or it was delivered")) })
}
