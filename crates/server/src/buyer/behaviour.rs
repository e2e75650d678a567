//! What a sandbox buyer does. Every draw is a function of the buyer's name and the id, so that a repeat gets the same.

use std::{str::FromStr, time::Duration};

use exchange::money::Money;
use sha2::{Digest, Sha256};
use wire::webhook::SigningSecret;

/// A share from 0 to 1, exact to a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a share from 0 to 1, like 0.1")]
pub struct NotAShare;

impl FromStr for Share {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        let millionths = Money::parse(text, 6).map_err(|_| NotAShare)?.micros();
        u32::try_from(millionths).ok().filter(|share| *share <= 1_000_000).map(Self).ok_or(NotAShare)
    }
}

#[derive(Clone, Debug)]
pub struct Behaviour {
    /// None: no bid for an exclusive lead.
    pub bid: Option<Money>,
    /// None: no bid for a shared lead.
    pub shared_bid: Option<Money>,
    /// Bids lie up to this much above or below, in whole cents and at least one.
    pub bid_spread: Money,
    pub bid_ttl_s: Option<u32>,
    pub latency: Duration,
    /// Answers take up to this much longer.
    pub latency_spread: Duration,
    pub no_bid_rate: Share,
    pub decline_rate: Share,
    pub reject_rate: Share,
    /// Posts that are taken, but answered with 500.
    pub unknown_rate: Share,
    /// Neither a repeat nor the status tells what became of those.
    pub stay_unknown: bool,
    /// Refuses what isn't signed with it.
    pub secret: Option<SigningSecret>,
}

impl Default for Behaviour {
    /// Bids 12.50 at once for exclusive leads, and takes everything.
    fn default() -> Self {
        Self {
            bid: Some(Money::from_micros(12_500_000)),
            shared_bid: None,
            bid_spread: Money::ZERO,
            bid_ttl_s: None,
            latency: Duration::ZERO,
            latency_spread: Duration::ZERO,
            no_bid_rate: Share::default(),
            decline_rate: Share::default(),
            reject_rate: Share::default(),
            unknown_rate: Share::default(),
            stay_unknown: false,
            secret: None,
        }
    }
}

/// The draws of one buyer about one ping or post.
#[derive(Clone, Copy, Debug)]
pub struct Draws<'a> {
    pub buyer: &'a str,
    pub id: &'a str,
}

impl Draws<'_> {
    fn number(&self, purpose: &str) -> u64 {
        let mut hash = Sha256::new();
        for part in [self.buyer, purpose, self.id] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Whether this is one of the share.
    #[must_use]
    pub fn is_one_of(&self, share: Share, purpose: &str) -> bool {
        self.number(purpose) % 1_000_000 < u64::from(share.0)
    }

    /// Up to `spread` from `mean`, in whole cents and at least one.
    #[must_use]
    pub fn price(&self, mean: Money, spread: Money) -> Money {
        const CENT: i64 = 10_000;
        let cents = spread.micros().max(0) / CENT;
        let span = u64::try_from(2 * cents + 1).unwrap_or(1);
        let offset = i64::try_from(self.number("price") % span).unwrap_or(0) - cents;
        Money::from_micros((mean.micros() + offset * CENT).max(CENT))
    }

    #[must_use]
    pub fn latency(&self, behaviour: &Behaviour) -> Duration {
        let spread_us = u64::try_from(behaviour.latency_spread.as_micros()).unwrap_or(u64::MAX);
        behaviour.latency + Duration::from_micros(if spread_us == 0 { 0 } else { self.number("latency") % spread_us })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read() {
        for (text, share) in [("0", Some(0)), ("0.1", Some(100_000)), ("1", Some(1_000_000)), ("1.1", None), ("-0.1", None), ("a", None)] {
            assert_eq!(text.parse().ok(), share.map(Share), "{text}");
        }
    }

    #[test]
    fn draws_repeat_and_spread() {
        let ids: Vec<String> = (0..1000).map(|id| format!("ping_{id}")).collect();
        let draws = |id| Draws { buyer: "a", id };
        let tenth = ids.iter().filter(|id| draws(id).is_one_of("0.1".parse().unwrap(), "reject")).count();
        assert!((50..150).contains(&tenth), "{tenth}");
        let (mean, spread) = (Money::from_units(10), Money::from_units(2));
        let prices: Vec<Money> = ids.iter().map(|id| draws(id).price(mean, spread)).collect();
        assert!(prices.iter().all(|price| *price >= Money::from_units(8) && *price <= Money::from_units(12)));
        assert_ne!(prices[0], prices[1]);
        assert_eq!(prices[0], draws(&ids[0]).price(mean, spread));
        assert_eq!(draws("x").price(Money::ZERO, Money::ZERO), Money::from_micros(10_000));
    }
}
