//! What a direct sale costs from its post to its answer, beside an auction: the lead is accepted and reserved durably, posted to the
//! buyer, and settled.

use std::{path::Path, thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Failure,
    market::{self, Supplier},
    options::Options,
    report::{Goal, Report},
    servers::{Alone, Answering, BUYERS},
    statistics::median,
    wrk::{Load, Target, Wrk},
};

/// More than an exchange sells: each lead is of a person of its own, and none may come again.
const MOST_PER_S: usize = 8000;

struct Sample {
    load: Load,
    user: f64,
    kernel: f64,
}

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let Alone { exchange, .. } = &Alone::start(folder, BUYERS, options.contracts, Answering::AtOnce, 3000)?;
    let (wrk, pings) = (Wrk::new(folder)?, market::write_pings(folder)?);
    let (key, net) = (exchange.authorization(Supplier::Indicative), market::best_net(BUYERS));
    let load = |what: &str, path: &str, bodies: &Path, expected: &str, seconds: u32, report: &mut Report| -> Result<Sample, Failure> {
        let before = exchange.process.usage()?;
        let load = wrk.load(&Target { address: exchange.address, path, authorization: &key, bodies, expected }, seconds)?;
        sleep(Duration::from_millis(500));
        let usage = exchange.process.usage()? - before;
        if let Some(why) = &load.void {
            report.void(&format!("sale: {what}: {why}"));
        }
        Ok(Sample { user: usage.user / load.answers, kernel: usage.kernel / load.answers, load })
    };
    let (matched, sold) = (format!(r#""status":"matched","price":"{net}""#), r#""status":"sold""#);
    let (mut auctions, mut sales) = (Vec::new(), Vec::new());
    let most = MOST_PER_S * options.seconds as usize;
    for round in 0..=options.rounds {
        report.progress(&format!("sale: round {round} of {}", options.rounds));
        let leads = market::write_posts(folder, round as usize * most, most)?;
        let auction = load("auctions", "/v1/pings/auto", &pings, &matched, options.seconds, report)?;
        let sale = load("sales", "/v1/leads/auto", &leads, sold, options.seconds, report)?;
        // The first round warms up.
        if round > 0 {
            auctions.push(auction);
            sales.push(sale);
        }
    }
    let row = |name: &str, samples: &[Sample]| {
        let middle = |figure: fn(&Sample) -> f64| json!(median(&samples.iter().map(figure).collect::<Vec<_>>()));
        let load = [middle(|sample| sample.load.per_second.round()), middle(|sample| sample.user + sample.kernel)];
        let [per_second, cpu] = load;
        vec![
            json!(name),
            per_second,
            cpu,
            middle(|sample| sample.user),
            middle(|sample| sample.kernel),
            middle(|sample| sample.load.latency[0]),
            middle(|sample| sample.load.latency[1]),
        ]
    };
    let rows = [row("auction", &auctions), row("direct sale", &sales)];
    report.table("sale", "A direct sale, from post to sold, and an auction", &["", "per s", "CPU µs", "user", "kernel", "p50 ms", "p99 ms"], &rows);
    let ratio = sales.iter().zip(&auctions).map(|(sale, auction)| (sale.user + sale.kernel) / (auction.user + auction.kernel));
    report.goal("CPU of a direct sale ÷ CPU of an auction", median(&ratio.collect::<Vec<_>>()), Goal::Printed);
    Ok(())
}
