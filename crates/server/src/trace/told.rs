//! A run as it is told: its record, with the market and tree that it ran in.

use std::sync::Arc;

use exchange::{
    id::ContractIndex,
    market::Market,
    matching::Offered,
    record::{Micros, RunRecord},
    tree::Tree,
};

/// A record with the market and tree that it ran in.
pub struct Told {
    pub record: Arc<RunRecord>,
    pub market: Arc<Market>,
    pub run: &'static str,
}

impl Told {
    pub fn tree(&self) -> Option<&Tree> {
        self.market.tree_for(&self.record.vertical, &self.record.supplier).map(|index| self.market.tree(index))
    }

    /// To whom it was offered; none where its market lacks what it is of.
    pub fn offered(&self) -> Option<Offered<'_>> {
        let (market, record) = (self.market.as_ref(), self.record.as_ref());
        let (vertical, supplier) = (market.vertical(&record.vertical)?, market.supplier(&record.supplier)?);
        Some(Offered { market, vertical, supplier, ping: &record.attributes, at: record.started_at, test: record.test })
    }

    pub fn tier_name(&self, tier: u32) -> String {
        self.tree().and_then(|tree| tree.tiers.get(tier as usize)).map_or_else(|| format!("tier {}", tier + 1), |tier| tier.name.clone())
    }

    pub fn contract_name(&self, contract: ContractIndex) -> String {
        self.market.contract(contract).key.to_string()
    }
}

pub fn millis(micros: Micros) -> f64 {
    micros.0 as f64 / 1000.0
}
