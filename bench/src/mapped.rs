//! What an auction costs where buyers have an interface of their own, beside one where they speak the native protocol.

use std::{path::Path, thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Failure,
    exchange::Exchange,
    market::{self, Plan, Spoken, Supplier},
    nginx,
    options::Options,
    process,
    report::{Goal, Report},
    servers::BUYERS,
    statistics::median,
    wrk::{Target, Wrk},
};

const NAMES: [&str; 4] = ["native", "native, bids with a reference", "mapped, JSON", "mapped, XML"];

/// Four exchanges beside each other, with the same buyers and contracts; each buyer answers whichever way it is asked.
pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let all = process::free_addresses(BUYERS + Spoken::ALL.len())?;
    let (addresses, buyers) = all.split_at(Spoken::ALL.len());
    let _buyers = nginx::buyers(&folder.join("buyers"), buyers)?;
    let start = |(number, spoken): (usize, Spoken)| {
        let plan = Plan { buyers, contracts_of_each: options.contracts / BUYERS, deadline_ms: 3000, spoken, pipelining: 1 };
        Exchange::start(&folder.join(number.to_string()), &plan, addresses[number])
    };
    let exchanges = Spoken::ALL.into_iter().enumerate().map(start).collect::<Result<Vec<_>, _>>()?;
    let (wrk, pings) = (Wrk::new(folder)?, market::write_pings(folder)?);
    let expected = format!(r#""status":"matched","price":"{}""#, market::best_net(BUYERS));
    let mut micros = [const { Vec::new() }; 4];
    for round in 0..=options.rounds as usize {
        report.progress(&format!("mapped: round {round} of {}", options.rounds));
        for turn in 0..exchanges.len() {
            let which = (round + turn) % exchanges.len();
            let exchange = &exchanges[which];
            let key = exchange.authorization(Supplier::Indicative);
            let target = Target { address: exchange.address, path: "/v1/pings/auto", authorization: &key, bodies: &pings, expected: &expected };
            let before = exchange.process.usage()?;
            let load = wrk.load(&target, options.seconds)?;
            sleep(Duration::from_millis(500));
            let cost = (exchange.process.usage()? - before).total() / load.answers;
            if let Some(why) = &load.void {
                report.void(&format!("mapped: {}: {why}", NAMES[which]));
            }
            // The first round warms up.
            if round > 0 {
                micros[which].push(cost);
            }
        }
    }
    let rows: Vec<_> = NAMES.iter().zip(&micros).map(|(name, micros)| vec![json!(name), json!(median(micros))]).collect();
    report.table("mapped", "An auction with 10 buyers, by how they are spoken to", &["buyers", "CPU µs"], &rows);
    let [native, named, json, xml] = &micros;
    let ratio_to = |native: &[f64], mapped: &[f64]| median(&mapped.iter().zip(native).map(|(mapped, native)| mapped / native).collect::<Vec<_>>());
    let ratio = |mapped: &[f64]| ratio_to(native, mapped);
    report.goal("CPU per auction, 10 mapped buyers in JSON ÷ 10 native", ratio(json), Goal::AtMost(1.15));
    report.goal("CPU per auction, 10 mapped buyers in XML ÷ 10 native", ratio(xml), Goal::AtMost(1.3));
    // The mapped ones name their bids, and what is named is kept.
    report.goal("the same in JSON ÷ 10 native buyers that name their bids", ratio_to(named, json), Goal::Printed);
    report.goal("the same in XML ÷ 10 native buyers that name their bids", ratio_to(named, xml), Goal::Printed);
    Ok(())
}
