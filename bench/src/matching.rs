//! Who takes a lead: by the index, and by asking each contract.

use std::{path::Path, time::Duration};

use exchange::{id::TreeIndex, market::Market, matching::Offered};
use serde_json::json;

use crate::{
    Failure,
    market::{self, read::AT},
    options::Options,
    process::usage_of,
    report::{Goal, Report},
    statistics::median,
};

const SIZES: [(usize, Goal); 3] = [(10_000, Goal::Printed), (100_000, Goal::AtMost(10.0)), (1_000_000, Goal::AtMost(60.0))];
const LEADS: usize = 256;
const SEED: u64 = 77;
/// Of processor time, for each figure.
const LEAST: Duration = Duration::from_millis(700);

#[expect(clippy::cast_precision_loss, reason = "counts of contracts and leads")]
pub fn measure(options: &Options, _: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for (contracts, goal) in SIZES {
        report.progress(&format!("match: {contracts} contracts"));
        let market = market::read(contracts)?;
        let built = spent()?;
        let size = market.index().size();
        let build_s = (spent()? - built) / 1e6;
        let pings = market::pings(&market, SEED, LEADS)?;
        let offers: Vec<Offered<'_>> = pings.iter().map(|ping| offered(&market, ping)).collect::<Result<_, _>>()?;
        let tree = TreeIndex(0);
        // They must agree before it says anything that one of them is faster.
        let mut takers = 0;
        for offer in offers.iter().take(16) {
            let (indexed, plain) = (offer.admitted(tree), offer.admitted_by_each(market.tree(tree)));
            if indexed != plain {
                return Err(Failure(format!("match: {contracts} contracts: the index and the plain scan differ")));
            }
            takers += plain.of_all().len();
        }
        let (mut indexed, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            indexed.push(micros_each(&offers, |offer| offer.admitted(tree).of_all().len())?);
            plain.push(micros_each(&offers, |offer| offer.admitted_by_each(market.tree(tree)).of_all().len())?);
        }
        let speedup = median(&plain.iter().zip(&indexed).map(|(plain, indexed)| plain / indexed).collect::<Vec<_>>());
        let share = takers as f64 / 16.0 / contracts as f64 * 100.0;
        rows.push(vec![
            json!(contracts.to_string()),
            json!(median(&indexed)),
            json!(median(&plain)),
            json!(speedup),
            json!(share),
            json!(build_s),
            json!(size as f64 / contracts as f64),
        ]);
        report.goal(&format!("match, {contracts} contracts, µs"), median(&indexed), goal);
        report.goal(&format!("plain scan ÷ match, {contracts} contracts"), speedup, if contracts < 100_000 { Goal::Printed } else { Goal::AtLeast(100.0) });
    }
    let columns = ["contracts", "index µs", "plain scan µs", "÷", "% that take it", "built in s", "bytes each"];
    report.table("match", "Who of all contracts takes a lead of 15 attributes", &columns, &rows);
    Ok(())
}

fn offered<'a>(market: &'a Market, ping: &'a exchange::attribute::PingPart) -> Result<Offered<'a>, Failure> {
    let parts = market.parts();
    let (Some(vertical), Some(supplier)) = (parts.verticals.first(), parts.suppliers.first()) else { return Err(Failure("no supplier".into())) };
    Ok(Offered { market, vertical, supplier, ping, at: AT, test: false })
}

fn spent() -> Result<f64, Failure> {
    Ok(usage_of("self")?.total())
}

/// Microseconds of processor time for each, over all of them in turn, as often as it takes for the kernel's count to be exact.
#[expect(clippy::cast_precision_loss, reason = "a count")]
fn micros_each(offers: &[Offered<'_>], work: impl Fn(&Offered<'_>) -> usize) -> Result<f64, Failure> {
    let (began, mut done) = (spent()?, 0_usize);
    let mut batch = 1;
    loop {
        for offer in offers.iter().cycle().skip(done % offers.len()).take(batch) {
            std::hint::black_box(work(offer));
        }
        done += batch;
        let micros = spent()? - began;
        if micros >= LEAST.as_secs_f64() * 1e6 {
            return Ok(micros / done as f64);
        }
        batch = (batch * 2).min(1 << 14);
    }
}
