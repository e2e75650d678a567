//! One lead matched against many contracts: by the market's index, and by asking every contract, in the same run.

use std::{hint::black_box, time::Duration};

use ::exchange::{
    attribute::PingPart,
    id::{Revision, TreeIndex},
    market::Market,
    matching::Offered,
    time::Timestamp,
};
use guard::{
    market::{filter, parts, ping},
    random::Random,
};

use crate::{Failure, clock::now};

/// 2026-11-24, a Tuesday, in the afternoon of New York.
const AT: Timestamp = Timestamp::from_micros(1_795_550_400_000_000);
const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const LEADS: usize = 1_000;
/// Looks by the index; of scans as many as look at so many contracts together, and three at least.
const LOOKS: usize = 5_000;
const SCANNED: u32 = 6_000_000;

/// The sizes asked for, or else the usual ones.
pub fn measure(sizes: &[String]) -> Result<(), Failure> {
    let sizes: Vec<u32> = sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
    println!("contracts  admitted  index µs  scan µs   ratio  bytes/contract  made in ms  one changed ms");
    (if sizes.is_empty() { &SIZES[..] } else { &sizes }).iter().try_for_each(|contracts| measure_one(*contracts))
}

fn measure_one(contracts: u32) -> Result<(), Failure> {
    let of_market = parts(contracts, 0)?;
    let market = Market::new(Revision(1), of_market.clone());
    let began = now();
    market.prepare(None);
    let made = began.elapsed();
    let mut random = Random::of(2);
    let pings: Vec<PingPart> = (0..LEADS).map(|_| ping(&mut random)).collect();
    let (Some(vertical), Some(supplier)) = (market.parts().verticals.first(), market.parts().suppliers.first()) else { return Ok(()) };
    let offered = |ping| Offered { market: &market, vertical, supplier, ping, at: AT, test: false };
    let mut admitted = 0;
    let index = median(LOOKS, |number| admitted += black_box(offered(&pings[number % LEADS]).admitted(TreeIndex(0))).of_tier(0).len());
    let scans = (SCANNED / contracts).clamp(3, LOOKS as u32) as usize;
    let scan = median(scans, |number| drop(black_box(offered(&pings[number % LEADS]).admitted_by_each(market.tree(TreeIndex(0))))));
    let mut changed = of_market;
    if let Some(contract) = changed.contracts.get_mut(contracts as usize / 2) {
        contract.filter = Some(filter(&mut random));
    }
    let next = Market::new(Revision(2), changed);
    let began = now();
    next.prepare(Some(&market));
    let followed = began.elapsed();
    println!(
        "{contracts:>9}  {:>6.2} %  {:>8.2}  {:>7.0}  {:>6.0}  {:>14}  {:>10.1}  {:>14.1}",
        admitted as f64 * 100.0 / LOOKS as f64 / f64::from(contracts),
        micros(index),
        micros(scan),
        micros(scan) / micros(index),
        market.index().size() / contracts as usize,
        micros(made) / 1000.0,
        micros(followed) / 1000.0,
    );
    Ok(())
}

/// Of each time by itself: what else the machine does lengthens few of them.
fn median(times: usize, mut what: impl FnMut(usize)) -> Duration {
    let mut took: Vec<Duration> = (0..times)
        .map(|number| {
            let began = now();
            what(number);
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[times / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
