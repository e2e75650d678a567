//! What a ping costs where few buyers are asked, and where many are.

use std::{path::Path, thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Failure,
    market::{self, Supplier},
    options::Options,
    report::{Goal, Report},
    servers::{Alone, Answering},
    statistics::median,
    wrk::{Target, Wrk},
};

const WIDTHS: [usize; 2] = [8, 64];

#[expect(clippy::cast_precision_loss, reason = "a count of buyers")]
pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let start = |buyers: usize| Alone::start(&folder.join(buyers.to_string()), buyers, options.contracts, Answering::AtOnce, 3000);
    let exchanges = WIDTHS.iter().map(|buyers| start(*buyers)).collect::<Result<Vec<_>, _>>()?;
    let (wrk, pings) = (Wrk::new(folder)?, market::write_pings(folder)?);
    let mut of_a_ping = [Vec::new(), Vec::new()];
    for round in 0..=options.rounds {
        report.progress(&format!("width: round {round} of {}", options.rounds));
        for ((buyers, Alone { exchange, .. }), figures) in WIDTHS.iter().zip(&exchanges).zip(&mut of_a_ping) {
            let expected = format!(r#""status":"matched","price":"{}""#, market::best_net(*buyers));
            let key = exchange.authorization(Supplier::Indicative);
            let target = Target { address: exchange.address, path: "/v1/pings/auto", authorization: &key, bodies: &pings, expected: &expected };
            let before = exchange.process.usage()?;
            let load = wrk.load(&target, options.seconds)?;
            sleep(Duration::from_millis(500));
            let micros = (exchange.process.usage()? - before).total() / load.answers / *buyers as f64;
            if let Some(why) = &load.void {
                report.void(&format!("width: {buyers} buyers: {why}"));
            }
            // The first round warms up.
            if round > 0 {
                figures.push(micros);
            }
        }
    }
    let rows: Vec<_> = WIDTHS
        .iter()
        .zip(&of_a_ping)
        .map(|(buyers, figures)| vec![json!(buyers.to_string()), json!(median(figures)), json!(median(figures) * *buyers as f64)])
        .collect();
    report.table("width", "An auction of few and of many buyers, everything included", &["buyers", "CPU µs a ping", "an auction"], &rows);
    let [few, many] = &of_a_ping;
    let ratio = median(&many.iter().zip(few).map(|(many, few)| many / few).collect::<Vec<_>>());
    report.goal("CPU per ping, 64 buyers ÷ 8 buyers", ratio, Goal::AtMost(1.1));
    Ok(())
}
