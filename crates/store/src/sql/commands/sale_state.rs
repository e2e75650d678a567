//! A sale as the later commands find it, and how its hold is given back.

use exchange::{
    command::VoidCause,
    id::{ContractKey, LeadId, ParentName, SaleId},
    money::Money,
    time::Timestamp,
};

use super::super::{
    accounts,
    batch::Batch,
    db::{Row, params},
    failure::{Failure, Result},
    lead_state::{LEAD_COLUMNS, LeadState, Sales, lead_columns},
    usage::{self, Step},
};
use crate::rows::SaleStatus;

pub(super) struct SaleState {
    pub sale: SaleId,
    pub lead: LeadId,
    pub contract: ContractKey,
    pub parent: ParentName,
    pub status: SaleStatus,
    pub test: bool,
    pub price: Money,
    pub net: Money,
    pub counted_at: Option<Timestamp>,
    /// How often it was looked at.
    pub looks: u32,
}

macro_rules! sale_columns {
    () => {
        "sales.lead, sales.contract, sales.parent, sales.status, sales.test, sales.price, sales.net, sales.counted_at, sales.looks"
    };
}

/// So many are `sale_columns`.
const SALE_COLUMNS: usize = 9;

impl SaleState {
    pub fn of(batch: &Batch<'_>, sale: SaleId) -> Result<Option<Self>> {
        let sql = concat!("SELECT ", sale_columns!(), " FROM sales WHERE sales.id = ?1");
        batch.db.one(sql, params![sale.bytes()], |row| Self::read(row, sale))
    }

    /// With its lead: one look for both.
    pub fn with_lead(batch: &Batch<'_>, sale: SaleId) -> Result<Option<(Self, LeadState)>> {
        let sql = concat!("SELECT ", sale_columns!(), ", ", lead_columns!(), " FROM sales JOIN leads ON leads.id = sales.lead WHERE sales.id = ?1");
        batch.db.one(sql, params![sale.bytes()], |row| Ok((Self::read(row, sale)?, LeadState::read(row, SALE_COLUMNS)?)))
    }

    /// The same with what all of the lead's sales come to once this one is sold.
    pub fn to_be_sold(batch: &Batch<'_>, sale: SaleId) -> Result<Option<(Self, LeadState, Sales)>> {
        let sql = concat!(
            "SELECT ",
            sale_columns!(),
            ", ",
            lead_columns!(),
            ", legs.id, legs.status, legs.post_started_at IS NOT NULL, legs.look_at IS NOT NULL
            FROM sales JOIN leads ON leads.id = sales.lead JOIN sales AS legs ON legs.lead = sales.lead WHERE sales.id = ?1"
        );
        let rows = batch.db.rows(sql, params![sale.bytes()])?;
        let Some(first) = rows.first() else { return Ok(None) };
        let mut sales = Sales::default();
        for row in &rows {
            let column = |place| SALE_COLUMNS + LEAD_COLUMNS + place;
            let is_this = row.value::<SaleId>(column(0))? == sale;
            let status = if is_this { SaleStatus::Sold } else { row.value(column(1))? };
            sales.add(status, row.value(column(2))?, row.value(column(3))?);
        }
        Ok(Some((Self::read(first, sale)?, LeadState::read(first, SALE_COLUMNS)?, sales)))
    }

    fn read(row: &Row, sale: SaleId) -> Result<Self> {
        Ok(Self {
            sale,
            lead: row.value(0)?,
            contract: row.value(1)?,
            parent: row.value(2)?,
            status: row.value(3)?,
            test: row.value(4)?,
            price: row.value(5)?,
            net: row.value(6)?,
            counted_at: row.value(7)?,
            looks: row.value(8)?,
        })
    }

    /// For a conflict: what the sale is, though a command wanted it otherwise.
    pub fn is_already(&self) -> String {
        format!("{} is {} already", self.sale, self.status.word())
    }
}

/// Makes an open sale void: its credit and its places in the caps are free again.
pub(super) fn give_back(batch: &Batch<'_>, sale: SaleId, cause: VoidCause, why: &str) -> Result<()> {
    let state = SaleState::of(batch, sale)?.filter(|state| state.status.is_open()).ok_or(Failure::Broken("only an open sale holds anything"))?;
    let sql = "UPDATE sales SET status = 'void', void_cause = ?2, counted_at = NULL, ended_at = ?3 WHERE id = ?1";
    batch.db.write(sql, params![sale.bytes(), cause.word(), batch.now.micros()])?;
    say_why(batch, sale, why)?;
    if let Some(counted_at) = state.counted_at {
        usage::change(batch, &state.contract, counted_at, state.price, Step::SaleFreed)?;
    }
    if !state.test {
        accounts::hold(batch, &state.contract.buyer, -state.price, Money::ZERO);
    }
    Ok(())
}

/// Keeps why a sale is void or unknown. It may quote the buyer, so nothing is kept of a lead that was erased.
pub(super) fn say_why(batch: &Batch<'_>, sale: SaleId, why: &str) -> Result<()> {
    let sql = "UPDATE sales SET why = ?2 WHERE id = ?1 AND (SELECT erased_at FROM leads WHERE leads.id = sales.lead) IS NULL";
    batch.db.write(sql, params![sale.bytes(), why])?;
    Ok(())
}
