//! Auctions of buyers that take their time, and sometimes too much of it.

use std::{path::Path, thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Failure,
    market::{self, Supplier},
    open_loop,
    options::Options,
    report::{Goal, Report},
    servers::{Alone, Answering, BUYERS},
    statistics::median,
    wrk::Target,
};

const PER_S: f64 = 150.0;
const DEADLINE_MS: u32 = 500;

struct Sample {
    micros: f64,
    latency: [f64; 3],
}

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let pace = [("at once", Answering::AtOnce), ("p50 40 ms, p99 400 ms, 2 % never", Answering::InTime)];
    let start = |(index, (_, answering)): (usize, &(&str, Answering))| {
        Alone::start(&folder.join(index.to_string()), BUYERS, options.contracts, *answering, DEADLINE_MS)
    };
    let exchanges = pace.iter().enumerate().map(start).collect::<Result<Vec<_>, _>>()?;
    let pings = market::write_pings(folder)?;
    let mut samples = [Vec::new(), Vec::new()];
    for round in 0..=options.rounds {
        report.progress(&format!("slow: round {round} of {}", options.rounds));
        for (((name, _), Alone { exchange, .. }), samples) in pace.iter().zip(&exchanges).zip(&mut samples) {
            let key = exchange.authorization(Supplier::Indicative);
            let target = Target { address: exchange.address, path: "/v1/pings/auto", authorization: &key, bodies: &pings, expected: r#""status":"matched""# };
            let before = exchange.process.usage()?;
            let load = open_loop::load(&target, PER_S, options.seconds)?.latency();
            sleep(Duration::from_millis(700));
            let usage = exchange.process.usage()? - before;
            if load.wrong > 0.0 {
                report.void(&format!("slow: {name}: {} of {} answers were wrong", load.wrong, load.answers));
            }
            if round > 0 {
                samples.push(Sample { micros: usage.total() / load.answers, latency: [load.p50, load.p99, load.p999] });
            }
        }
    }
    let rows: Vec<_> = pace
        .iter()
        .zip(&samples)
        .map(|((name, _), samples)| {
            let middle = |figure: &dyn Fn(&Sample) -> f64| json!(median(&samples.iter().map(figure).collect::<Vec<_>>()));
            vec![
                json!(name),
                middle(&|sample| sample.micros),
                middle(&|sample| sample.latency[0]),
                middle(&|sample| sample.latency[1]),
                middle(&|sample| sample.latency[2]),
            ]
        })
        .collect();
    let title = format!("Auctions at {PER_S} a second with a deadline of {DEADLINE_MS} ms, by how their 10 buyers answer");
    report.table("slow", &title, &["buyers answer", "CPU µs", "p50 ms", "p99 ms", "p99.9 ms"], &rows);
    let [at_once, in_time] = &samples;
    let ratio = in_time.iter().zip(at_once).map(|(slow, fast)| slow.micros / fast.micros);
    report.goal("CPU per auction, buyers that take their time ÷ instant ones, at the same low rate", median(&ratio.collect::<Vec<_>>()), Goal::Printed);
    Ok(())
}
