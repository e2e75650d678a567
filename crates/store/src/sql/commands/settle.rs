//! Settle (T2): the buyer has it and pays. The hold becomes a charge, in the ledger.

use exchange::{
    command::{LeadStatus, Settle},
    ledger::Transfer,
    money::Money,
    notice::Change,
};

use super::{
    super::{
        accounts::{self, Cause},
        batch::{Batch, Pending},
        db::params,
        failure::Result,
        lead_state::{self, Earned, LeadState},
    },
    disclosure,
    sale_state::SaleState,
};
use crate::rows::SaleStatus;

pub(super) fn settle(batch: &Batch<'_>, settle: &Settle) -> Result<Pending> {
    let Some((sale, lead, sales)) = SaleState::to_be_sold(batch, settle.sale)? else {
        return Ok(Pending::conflict(format!("{} isn't known", settle.sale)));
    };
    match sale.status {
        SaleStatus::Posted | SaleStatus::Unknown => {}
        SaleStatus::Sold | SaleStatus::Returned => return Ok(Pending::done()),
        SaleStatus::Reserved | SaleStatus::Void => return Ok(Pending::conflict(sale.is_already())),
    }
    // What a buyer wrote may name the person: nothing of it is kept of one that was erased.
    let (redirect_url, reference) = if lead.erased { (None, None) } else { (settle.redirect_url.as_ref(), settle.buyer_lead_reference.as_ref()) };
    let sql = "UPDATE sales SET status = 'sold', why = ?5, redirect_url = ?2, buyer_lead_reference = ?3, ended_at = ?4 WHERE id = ?1";
    batch.db.write(sql, params![sale.sale.bytes(), redirect_url, reference, batch.now.micros(), settle.why.as_ref()])?;
    book(batch, settle, &sale, &lead)?;
    let earned = Earned { net: sale.net, redirect_url };
    // A leg that is still under way keeps the run open, whatever was said: its end is that leg's.
    if settle.ends_lead && lead.runs() && !sales.under_way {
        lead_state::end_with(batch, &lead, &sales, LeadStatus::Sold, None, earned)?;
    } else {
        let sql = "UPDATE leads SET net = net + ?2, redirect_url = coalesce(redirect_url, ?3) WHERE id = ?1";
        batch.db.write(sql, params![sale.lead.bytes(), earned.net.micros(), earned.redirect_url])?;
        lead_state::follow_late(batch, sale.lead, Change::Decided, true)?;
    }
    Ok(Pending::done())
}

fn book(batch: &Batch<'_>, settle: &Settle, sale: &SaleState, lead: &LeadState) -> Result<()> {
    disclosure::mark(batch, sale.sale, "sold")?;
    if let Some(reason) = &settle.disputed {
        let sql = "INSERT INTO returns (sale, status, reason, requested_at) VALUES (?1, 'requested', ?2, ?3)";
        batch.db.write(sql, params![sale.sale.bytes(), if lead.erased { "" } else { reason }, batch.now.micros()])?;
    }
    if !sale.test {
        let buyer = &sale.contract.buyer;
        accounts::hold(batch, buyer, -sale.price, Money::ZERO);
        let transfer = Transfer::of_sale(buyer, &lead.supplier, sale.price, sale.net)?;
        accounts::book(batch, &Cause::Sale { sale: sale.sale, lead: sale.lead }, &transfer)?;
    }
    Ok(())
}
