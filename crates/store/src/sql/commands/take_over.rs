//! TakeOver: a lead whose run was cut off comes to its end, from its rows alone. What may have been sent is unknown; nothing is
//! sent.

use exchange::{
    command::{TakeOver, TakenBy, VoidCause},
    flow::recover::{Standing, recover},
    id::SaleId,
    record::UnsoldReason,
};

use super::{
    super::{
        batch::{Batch, Pending},
        db::params,
        failure::Result,
        lead_state::{self, LeadState, Sales},
    },
    disclosure, mark_unknown,
    sale_state::{self, SaleState},
};
use crate::{policy::CUT_OFF, rows::SaleStatus};

pub(super) fn take_over(batch: &Batch<'_>, take_over: &TakeOver) -> Result<Pending> {
    let Some(lead) = LeadState::of(batch.db, take_over.lead)? else { return Ok(Pending::conflict(format!("{} isn't known", take_over.lead))) };
    if !lead.runs() {
        return Ok(Pending::done());
    }
    let may = match take_over.by {
        TakenBy::Holder(fence) => lead.fence == fence,
        TakenBy::Anybody => !lead.is_alive(batch.db, batch.now)?,
    };
    if !may {
        return Ok(Pending::conflict(format!("{} is held by a run that lives", take_over.lead)));
    }
    end(batch, lead)?;
    Ok(Pending::done())
}

fn end(batch: &Batch<'_>, mut lead: LeadState) -> Result<()> {
    let sql = "SELECT id, status FROM sales WHERE lead = ?1";
    let sales = batch.db.all(sql, params![lead.lead.bytes()], |row| Ok((row.value::<SaleId>(0)?, standing(row.value(1)?))))?;
    let recovered = recover(&sales);
    for sale in recovered.void {
        sale_state::give_back(batch, sale, VoidCause::Interrupted, CUT_OFF)?;
        disclosure::mark(batch, sale, "void")?;
    }
    for sale in recovered.unknown {
        if let Some(state) = SaleState::of(batch, sale)? {
            mark_unknown::write(batch, &state, CUT_OFF)?;
        }
    }
    let sales = Sales::of(batch.db, lead.lead)?;
    if recovered.reason == Some(UnsoldReason::Interrupted) && !sales.post_started {
        reopen_quote(batch, &mut lead)?;
    }
    let reason = recovered.reason.map(UnsoldReason::word);
    lead_state::end(batch, &lead, &sales, recovered.status, reason)
}

/// Nothing was sent, so the quote wasn't used: until its time is over, it and what it holds are there for the supplier's repeat.
fn reopen_quote(batch: &Batch<'_>, lead: &mut LeadState) -> Result<()> {
    if let Some(ping) = lead.ping.filter(|_| lead.quoted) {
        batch.recount_firm_quotes();
        batch.db.write("UPDATE quotes SET lead = NULL WHERE ping = ?1 AND lead = ?2", params![ping.bytes(), lead.lead.bytes()])?;
        lead.ping = None;
    }
    Ok(())
}

fn standing(status: SaleStatus) -> Standing {
    match status {
        SaleStatus::Reserved => Standing::Held,
        SaleStatus::Posted => Standing::Posted,
        SaleStatus::Unknown => Standing::Unknown,
        SaleStatus::Sold | SaleStatus::Returned => Standing::Sold,
        SaleStatus::Void => Standing::Void,
    }
}
