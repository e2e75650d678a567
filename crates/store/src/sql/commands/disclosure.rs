//! Disclosures: written before the contact leaves; each says later what became of it.

use exchange::id::{BuyerName, LeadId, ParentName, SaleId};

use super::{
    super::{batch::Batch, db::params, failure::Result},
    sale_state::SaleState,
};

/// Makes the start of a sale's post durable. From here on the buyer may have the contact.
pub(super) fn start(batch: &Batch<'_>, sale: &SaleState) -> Result<()> {
    let now = batch.now.micros();
    batch.db.write("UPDATE sales SET status = 'posted', post_started_at = ?2 WHERE id = ?1", params![sale.sale.bytes(), now])?;
    journal(batch, sale.sale, sale.lead, &sale.contract.buyer, &sale.parent)
}

/// Notes that a buyer is about to have the contact: in the transaction that starts the post.
pub(super) fn journal(batch: &Batch<'_>, sale: SaleId, lead: LeadId, buyer: &BuyerName, parent: &ParentName) -> Result<()> {
    let sql = "INSERT INTO disclosures (sale, lead, buyer, parent, started_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    batch.db.write(sql, params![sale.bytes(), lead.bytes(), buyer.as_str(), parent.as_str(), batch.now.micros()])
}

pub(super) fn mark(batch: &Batch<'_>, sale: SaleId, outcome: &str) -> Result<()> {
    batch.db.write("UPDATE disclosures SET outcome = ?2 WHERE sale = ?1", params![sale.bytes(), outcome])?;
    Ok(())
}
