//! The demo's buyers: one server with as many behaviours. Bids follow a published analysis of 1.36 million real bids for
//! insurance leads (mean 4.21, standard deviation 1.82, quartiles 3.20, 4.00 and 5.00, at most 30), scaled to what the
//! other verticals' contracts pay.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    buyer::{Buyer, Secret},
    contract::{Pricing, SaleKind},
    facts::Seed,
    market::Market,
    money::Money,
};

use super::draw::Draw;
use crate::buyer::{Behaviour, Share};

/// Hundredths of the calibration's mean: what buyers bid on average, from the shy to the keen.
const MEANS: [u64; 8] = [70, 80, 88, 95, 102, 110, 122, 140];
/// In hundredths of a buyer's own mean.
const SPREAD: u64 = 45;

/// The mean bid of a vertical, in cents.
fn mean_cents(vertical: &str) -> u64 {
    match vertical {
        "auto-insurance" => 421,
        "mortgage" => 4200,
        _ => 2500,
    }
}

pub fn behaviours(market: &Market, seed: Seed) -> BTreeMap<String, Behaviour> {
    let mut draw = Draw::new(seed);
    market.parts().buyers.iter().map(|buyer| (buyer.name.to_string(), behaviour(market, buyer, &mut draw))).collect()
}

fn behaviour(market: &Market, buyer: &Buyer, draw: &mut Draw) -> Behaviour {
    let own = || market.parts().contracts.iter().filter(|contract| market.buyer(contract.buyer).name == buyer.name);
    let vertical = own().next().map_or("", |contract| contract.vertical.as_str());
    // A bid above the contract's maximum would be none: the mean stays well below it.
    let max_cents = own()
        .filter_map(|contract| if let Pricing::Bid { max_bid } = contract.pricing { Some(max_bid.micros() / 10_000) } else { None })
        .min()
        .unwrap_or(i64::MAX);
    let max_cents = u64::try_from(max_cents).unwrap_or(u64::MAX);
    let share = draw.one_of(&MEANS).copied().unwrap_or(100);
    let mean = (mean_cents(vertical) * share / 100).min(max_cents.saturating_mul(100) / (100 + SPREAD));
    let sells = |kind: SaleKind| own().any(|contract| contract.kinds.includes(kind));
    Behaviour {
        bid: Some(cents(if sells(SaleKind::Exclusive) { mean } else { mean / 3 })),
        shared_bid: sells(SaleKind::Shared).then(|| cents(mean / 3)),
        bid_spread: cents(mean * SPREAD / 100 / if sells(SaleKind::Exclusive) { 1 } else { 3 }),
        bid_ttl_s: None,
        latency: Duration::from_millis(5 + draw.below(40)),
        latency_spread: Duration::from_millis(10 + draw.below(120)),
        no_bid_rate: percent(10 + draw.below(25)),
        decline_rate: percent(5),
        reject_rate: percent(draw.below(8)),
        unknown_rate: percent(u64::from(draw.percent(20))),
        stay_unknown: false,
        secret: match &buyer.endpoint.secret {
            Some(Secret::Literal(text)) => text.parse().ok(),
            Some(Secret::Environment(_)) | None => None,
        },
    }
}

fn cents(cents: u64) -> Money {
    Money::from_micros(i64::try_from(cents).unwrap_or_default() * 10_000)
}

fn percent(percent: u64) -> Share {
    format!("0.{percent:02}").parse().unwrap_or_default()
}
