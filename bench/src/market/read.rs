//! The generated market and its leads as the core's own values, for what is measured without a server.

use std::net::SocketAddr;

use exchange::{
    attribute::PingPart,
    id::{BuyerIndex, ContractIndex, Revision},
    lead::read_ping,
    market::{Market, MarketParts},
    time::Timestamp,
};

use super::{Lead, Plan, bundle, leads};
use crate::Failure;

const BUYERS: usize = 10;
/// More don't fit into the files of one market.
const MOST_OF_EACH: usize = 10_000;
/// 2026-11-02 12:00 UTC.
pub const AT: Timestamp = Timestamp::from_micros(1_793_620_800_000_000);

/// Ten buyers, or ten more for each 100,000 contracts.
pub fn read(contracts: usize) -> Result<Market, Failure> {
    let of_each = (contracts / BUYERS).min(MOST_OF_EACH);
    let mut all = part(0, of_each)?;
    for number in 1..contracts / (of_each * BUYERS) {
        append(&mut all, part(number * BUYERS, of_each)?);
    }
    Ok(Market::new(Revision(1), all))
}

fn part(first_buyer: usize, contracts_of_each: usize) -> Result<MarketParts, Failure> {
    let nobody = [SocketAddr::from(([127, 0, 0, 1], 9)); BUYERS];
    let plan = Plan { first_buyer, buyers: &nobody, contracts_of_each, deadline_ms: 3000 };
    let read = wire::market::read(&bundle(&plan)?);
    read.map(|(parts, _)| parts).map_err(|problems| Failure(problems.first().map(ToString::to_string).unwrap_or_default()))
}

/// Buyers and contracts stay in the order of their names, since the parts are.
fn append(all: &mut MarketParts, mut more: MarketParts) {
    let (buyers, contracts) = (count(all.buyers.len()), count(all.contracts.len()));
    for contract in &mut more.contracts {
        contract.buyer = BuyerIndex(contract.buyer.0 + buyers);
    }
    for (tree, of_more) in all.trees.iter_mut().zip(more.trees) {
        for (tier, of_more) in tree.tiers.iter_mut().zip(of_more.tiers) {
            tier.contracts.extend(of_more.contracts.iter().map(|index| ContractIndex(index.0 + contracts)));
        }
    }
    all.buyers.extend(more.buyers);
    all.contracts.extend(more.contracts);
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Leads that any contract may take or not, as a ping shows them.
pub fn pings(market: &Market, seed: u64, count: usize) -> Result<Vec<PingPart>, Failure> {
    let vertical = market.parts().verticals.first().ok_or_else(|| Failure("no vertical".into()))?;
    let today = AT.date_in(&market.parts().time_zone);
    let read = |lead: &Lead| {
        let body = wire::body::read(Some("application/json"), lead.attributes().to_string().as_bytes())?;
        read_ping(vertical, &body.fields, today).map(|read| read.attributes).map_err(|errors| Failure(format!("{errors:?}")))
    };
    leads(seed, count).iter().map(read).collect()
}

/// Leads that one contract of every buyer takes.
pub fn bought_pings(market: &Market) -> Result<Vec<PingPart>, Failure> {
    pings(market, super::SEED, super::LEADS)
}
