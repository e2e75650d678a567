//! One lead matched against many contracts: by the market's index, and by asking every contract, in the same run.
//!
//! The contracts are those of eight verticals. What of its vertical's takes a lead is printed: about one of a hundred, as in the
//! measurement that the goals are from (15 attributes, 0.9 %, split by vertical).

use std::{hint::black_box, path::Path, time::Duration};

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

use serde_json::{Value, json};

use crate::{
    Failure,
    clock::now,
    options::Options,
    report::{Goal, Report},
};

/// 2026-11-24, a Tuesday, in the afternoon of New York.
const AT: Timestamp = Timestamp::from_micros(1_795_550_400_000_000);
const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const TREE: TreeIndex = TreeIndex(0);
/// Leads for which the index is first compared with the plain scan.
const AGREEING: usize = 5;
const LEADS: usize = 1_000;
/// Looks by the index; of scans as many as look at so many contracts together, and three at least.
const LOOKS: usize = 5_000;
const SCANNED: u32 = 6_000_000;

pub fn measure(_: &Options, _: &Path, report: &mut Report) -> Result<(), Failure> {
    let columns =
        ["contracts", "of the lead's vertical", "% of those admitted", "index µs", "plain scan µs", "÷", "bytes each", "made in ms", "one changed, ms"];
    let mut rows = Vec::new();
    for contracts in SIZES {
        report.progress(&format!("match: {contracts} contracts"));
        rows.push(measure_one(contracts, report)?);
    }
    report.table("match", "Who of all contracts takes a lead of 15 attributes", &columns, &rows);
    Ok(())
}

fn measure_one(contracts: u32, report: &mut Report) -> Result<Vec<Value>, Failure> {
    let of_market = parts(contracts, 0)?;
    let market = Market::new(Revision(1), of_market.clone());
    let began = now();
    market.prepare(None);
    let made = began.elapsed();
    let mut random = Random::of(2);
    let pings: Vec<PingPart> = (0..LEADS).map(|_| ping(&mut random)).collect();
    let (Some(vertical), Some(supplier)) = (market.parts().verticals.first(), market.parts().suppliers.first()) else {
        return Err(Failure("a market without suppliers".into()));
    };
    let offered = |number: usize| Offered { market: &market, vertical, supplier, ping: &pings[number % LEADS], at: AT, test: false };
    let (by_index, by_each) = (|number| offered(number).admitted(TREE), |number| offered(number).admitted_by_each(market.tree(TREE)));
    if (0..AGREEING).any(|number| by_index(number) != by_each(number)) {
        return Err(Failure(format!("the index of {contracts} contracts and the plain scan differ")));
    }
    let mut admitted = 0;
    let index = micros(median(LOOKS, |number| admitted += black_box(by_index(number)).of_tier(0).len()));
    let scans = (SCANNED / contracts).clamp(3, LOOKS as u32) as usize;
    let scan = micros(median(scans, |number| drop(black_box(by_each(number)))));
    let mut changed = of_market;
    if let Some(contract) = changed.contracts.get_mut(contracts as usize / 2) {
        contract.filter = Some(filter(&mut random));
    }
    let next = Market::new(Revision(2), changed);
    let began = now();
    next.prepare(Some(&market));
    let followed = began.elapsed();
    let goal = match contracts {
        100_000 => Goal::AtMost(10.0),
        1_000_000 => Goal::AtMost(60.0),
        _ => Goal::Printed,
    };
    report.goal(&format!("match, {contracts} contracts, µs"), index, goal);
    report.goal(&format!("plain scan ÷ match, {contracts} contracts"), scan / index, if contracts < 100_000 { Goal::Printed } else { Goal::AtLeast(100.0) });
    // Contracts of other verticals are not in the lead's tree: neither way looks at them.
    let in_vertical = market.tree(TREE).tiers.iter().map(|tier| tier.contracts.len()).sum::<usize>();
    let share = admitted as f64 * 100.0 / LOOKS as f64 / in_vertical as f64;
    let size = market.index().size() / contracts as usize;
    Ok(vec![
        json!(contracts.to_string()),
        json!(in_vertical.to_string()),
        json!(share),
        json!(index),
        json!(scan),
        json!((scan / index).round()),
        json!(size),
        json!(micros(made) / 1000.0),
        json!(micros(followed) / 1000.0),
    ])
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
