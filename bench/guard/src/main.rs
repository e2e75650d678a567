//! `./bench/guard`: three paths of the core, each to be run under callgrind, which counts the instructions of what is in
//! [`counted`] alone.

mod counted;
mod life;

use std::process::ExitCode;

use exchange::{
    attribute::PingPart,
    auction::{Bounds, Offer},
    contract::SaleKind,
    id::{BuyerPingId, ContractIndex, ParentName, Revision, TreeIndex},
    market::Market,
    matching::Offered,
    money::Money,
    time::Timestamp,
    tree::TierSale,
};
use guard::{
    market::{NoMarket, parts, ping},
    random::Random,
};

use crate::life::Life;

/// 2026-11-24, a Tuesday, in the afternoon of New York.
const AT: Timestamp = Timestamp::from_micros(1_795_550_400_000_000);
/// How often each path is gone. Counts are for all of them together.
const TIMES: u64 = 50;

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_default();
    let done = match path.as_str() {
        "match" => matches(),
        "auction" => auctions(),
        "ping" => pings(),
        _ => Err(NoMarket),
    };
    match done {
        // What came of it is printed, so that nothing is left out as useless.
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("guard: match, auction or ping; {error}");
            ExitCode::FAILURE
        }
    }
}

/// Leads against 10,000 contracts.
fn matches() -> Result<usize, NoMarket> {
    let market = Market::new(Revision(1), parts(10_000, 0)?);
    market.prepare(None);
    let (vertical, supplier) = (market.parts().verticals.first().ok_or(NoMarket)?, market.parts().suppliers.first().ok_or(NoMarket)?);
    let mut random = Random::of(2);
    let pings: Vec<PingPart> = (0..TIMES).map(|_| ping(&mut random)).collect();
    let matched = |ping| counted::matched(&Offered { market: &market, vertical, supplier, ping, at: AT, test: false }, TreeIndex(0));
    Ok(pings.iter().map(matched).sum())
}

fn pings() -> Result<usize, NoMarket> {
    let market = life::market()?;
    let mut life = Life::new(&market, AT)?;
    Ok((0..TIMES).map(|_| counted::lived(&mut life)).sum())
}

/// Ten bids, exclusive or shared by three, whichever earns more.
fn auctions() -> Result<usize, NoMarket> {
    let mut random = Random::of(3);
    let mut chosen = 0;
    for _ in 0..TIMES {
        let mut offers = Vec::new();
        for contract in 0..10 {
            for kind in [SaleKind::Exclusive, SaleKind::Shared] {
                let price = Money::from_units(1 + random.below(20) as i64);
                offers.push(Offer {
                    tier: 0,
                    contract: ContractIndex(contract),
                    parent: ParentName::of_company(&format!("company {}", contract % 7)).ok_or(NoMarket)?,
                    kind,
                    price,
                    net: price,
                    rank: 0,
                    lot: random.next(),
                    buyer_ping: BuyerPingId::from_bytes([contract as u8; 16]),
                    reference: None,
                    expires_at: None,
                    promised: false,
                });
            }
        }
        chosen += counted::auctioned(&offers, Bounds { sale: TierSale::Best(3), most_buyers: 3, least_net: Money::ZERO });
    }
    Ok(chosen)
}
