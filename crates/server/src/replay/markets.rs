//! The markets that recorded runs ran on, each read once.

use std::{collections::BTreeMap, sync::Arc};

use exchange::{id::Revision, market::Market};

use crate::{
    market_bundle::{NoMarket, Stored},
    readers::Readers,
};

pub struct Markets<'r> {
    readers: &'r Readers,
    known: BTreeMap<Revision, Arc<Market>>,
}

impl<'r> Markets<'r> {
    /// With one that is known already.
    pub fn new(readers: &'r Readers, market: Arc<Market>) -> Self {
        Self { readers, known: BTreeMap::from([(market.revision(), market)]) }
    }

    pub fn of(&mut self, revision: Revision) -> Result<Arc<Market>, NoMarket> {
        if let Some(market) = self.known.get(&revision) {
            return Ok(Arc::clone(market));
        }
        let stored = self.readers.read_here(|reader| Stored::read(reader, revision))?.ok_or(NoMarket::Missing(revision))?;
        let market = Arc::new(stored.market()?);
        self.known.insert(revision, Arc::clone(&market));
        Ok(market)
    }
}
