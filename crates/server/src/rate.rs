//! Rate limits: so many requests a second of each supplier, as the market says.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use exchange::{id::SupplierName, market::Market};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter, clock::Clock};

#[derive(Default)]
pub struct RateLimits {
    of: RwLock<BTreeMap<SupplierName, (u32, Arc<DefaultDirectRateLimiter>)>>,
}

/// A supplier sends faster than it may.
#[derive(Clone, Copy, Debug)]
pub struct TooFast {
    pub retry_after: Duration,
}

impl RateLimits {
    /// Takes the limits of a new market. A limit that didn't change keeps its count.
    pub fn follow(&self, market: &Market) {
        let mut of = self.of.write().unwrap_or_else(PoisonError::into_inner);
        let previous = std::mem::take(&mut *of);
        for supplier in &market.parts().suppliers {
            let Some(limit) = supplier.rate_limit_per_s.and_then(NonZeroU32::new) else { continue };
            let limiter = match previous.get(&supplier.name) {
                Some((same, limiter)) if *same == limit.get() => Arc::clone(limiter),
                _ => Arc::new(RateLimiter::direct(Quota::per_second(limit))),
            };
            of.insert(supplier.name.clone(), (limit.get(), limiter));
        }
    }

    pub fn admit(&self, supplier: &SupplierName) -> Result<(), TooFast> {
        let limiter = self.of.read().unwrap_or_else(PoisonError::into_inner).get(supplier).map(|(_, limiter)| Arc::clone(limiter));
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check().map_err(|until| TooFast { retry_after: until.wait_time_from(limiter.clock().now()) })
    }
}
