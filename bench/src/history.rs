//! What an auction costs in an exchange that has an hour of auctions behind it, and in one that has a day.

use std::{path::Path, sync::Arc, thread::sleep, time::Duration};

use ::exchange::{
    call::{PingReply, RawBid},
    command::{Command, Engine, Outcome, Quote},
    facts::{ContractFacts, Facts, Seed},
    flow::{
        Limits, Run, RunStart, Task,
        effect::{Answer, Effect, Event, NumberedEffect, StoreRequest},
    },
    id::{NodeId, PingId, Subject},
    market::Market,
    money::Money,
    time::{Now, Timestamp},
    value::Value,
};
use serde_json::json;
use store::SqliteEngine;

use crate::{
    Failure,
    exchange::master_key,
    market::{self, Supplier, read::AT},
    options::Options,
    report::{Goal, Report},
    servers::{Alone, Answering, BUYERS},
    statistics::median,
    wrk::{Target, Wrk},
};

const HOURS: [u32; 2] = [1, 24];
/// Quotes of each hour: ten a second.
const AN_HOUR: u32 = 36_000;
/// Written in one transaction, as long as nobody waits for it.
const AT_ONCE: u32 = 2_000;

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let market = Arc::new(market::read(BUYERS)?);
    let quotes = quotes(&market)?;
    let mut exchanges = Vec::new();
    for hours in HOURS {
        report.progress(&format!("history: {hours} hours of it are written"));
        let recorded = |data: &Path| record(&data.join("exchange.db"), &quotes, hours * AN_HOUR);
        exchanges.push(Alone::start_after(&folder.join(hours.to_string()), BUYERS, options.contracts, Answering::AtOnce, 3000, recorded)?);
    }
    let (wrk, pings) = (Wrk::new(folder)?, market::write_pings(folder)?);
    let expected = format!(r#""status":"matched","price":"{}""#, market::best_net(BUYERS));
    let mut micros = [Vec::new(), Vec::new()];
    for round in 0..=options.rounds {
        report.progress(&format!("history: round {round} of {}", options.rounds));
        for (Alone { exchange, .. }, micros) in exchanges.iter().zip(&mut micros) {
            let key = exchange.authorization(Supplier::Indicative);
            let target = Target { address: exchange.address, path: "/v1/pings/auto", authorization: &key, bodies: &pings, expected: &expected };
            let before = exchange.process.usage()?;
            let load = wrk.load(&target, options.seconds)?;
            sleep(Duration::from_millis(500));
            if let Some(why) = &load.void {
                report.void(&format!("history: {why}"));
            }
            // The first round warms up.
            if round > 0 {
                micros.push((exchange.process.usage()? - before).total() / load.answers);
            }
        }
    }
    let row = |(hours, micros): (u32, &Vec<f64>)| vec![json!(hours.to_string()), json!((hours * AN_HOUR).to_string()), json!(median(micros))];
    let rows: Vec<_> = HOURS.into_iter().zip(&micros).map(row).collect();
    report.table("history", "An auction after an hour of them and after a day, ten a second", &["hours", "quotes kept", "CPU µs"], &rows);
    let [hour, day] = &micros;
    let ratio = median(&day.iter().zip(hour).map(|(day, hour)| day / hour).collect::<Vec<_>>());
    report.goal("CPU per auction, after 24 hours ÷ after 1 hour of history", ratio, Goal::AtMost(1.1));
    Ok(())
}

/// What the exchange itself makes of the market's leads, with bids of every buyer.
fn quotes(market: &Arc<Market>) -> Result<Vec<Quote>, Failure> {
    market::pings(market)?.into_iter().map(|attributes| quoted(market, attributes)).collect()
}

fn quoted(market: &Arc<Market>, attributes: ::exchange::attribute::PingPart) -> Result<Quote, Failure> {
    let (Some(supplier), Some(vertical)) = (market.parts().suppliers.first(), market.parts().verticals.first()) else {
        return Err(Failure("no supplier".into()));
    };
    let task = Task::Ping { ping: PingId::from_bytes([0; 16]), sealed: None, idempotency: None, node: NodeId::from_bytes([0; 16]) };
    let start = RunStart {
        market: Arc::clone(market),
        supplier: supplier.name.clone(),
        vertical: vertical.name.clone(),
        test: false,
        attributes,
        limits: Limits::default(),
        evidence: None,
        seed: Seed([1; 32]),
        task,
    };
    let now = Now { elapsed: Duration::ZERO, at: AT };
    let (mut run, first) = Run::start(start, now)?;
    let mut effects = std::collections::VecDeque::from(first);
    while let Some(NumberedEffect { id, effect }) = effects.pop_front() {
        let answer = match effect {
            Effect::Facts(request) => {
                let of = |contract: &_| ContractFacts { available: Money::from_units(1_000_000), ..ContractFacts::untouched(*contract) };
                Answer::Facts(Facts { contracts: request.contracts.iter().map(of).collect(), round: 0 })
            }
            Effect::Ping(call) => {
                let cents = market::bid_cents(call.contract.0 as usize) as i64;
                let bid = RawBid { bid: Some(Money::from_micros(cents * 10_000)), shared_bid: None, reference: None, ttl_s: None };
                Answer::Pinged(PingReply::Bid(bid))
            }
            Effect::Store(request) => match *request {
                StoreRequest::Quote { quote, .. } => return Ok(*quote),
                _ => continue,
            },
            _ => continue,
        };
        effects.extend(run.step(now, Event { effect: id, answer }));
    }
    Err(Failure("a lead that nobody bids for".into()))
}

/// Writes so many quotes into a store, the last of them just now.
fn record(path: &Path, quotes: &[Quote], count: u32) -> Result<(), Failure> {
    let mut engine = SqliteEngine::open(path, &master_key())?;
    let began = AT.minus(Duration::from_millis(u64::from(count) * 100));
    let mut number = 0;
    while number < count {
        let batch: Vec<Command> = (number..count.min(number + AT_ONCE)).map(|number| one(quotes, number, began)).collect::<Result<_, Failure>>()?;
        let now = at(began, number);
        let outcomes = engine.apply(now, &batch)?;
        if !outcomes.iter().all(|outcome| matches!(outcome, Outcome::Quoted { .. })) {
            return Err(Failure("a quote was not written".into()));
        }
        number += AT_ONCE;
    }
    Ok(())
}

fn at(began: Timestamp, number: u32) -> Timestamp {
    began.plus(Duration::from_millis(u64::from(number) * 100))
}

/// With an id of its time and sealed values of its own, as the server makes them.
fn one(quotes: &[Quote], number: u32, began: Timestamp) -> Result<Command, Failure> {
    let mut id = [number as u8; 16];
    id[..8].copy_from_slice(&(at(began, number).micros() as u64 / 1000).to_be_bytes());
    id[8..12].copy_from_slice(&number.to_be_bytes());
    let ping = PingId::from_bytes(id);
    let exact = [("annual_mileage", Value::Integer(12_000)), ("birth_date", Value::of_text("1985-04-12")), ("zip", Value::of_text("90012"))];
    let mut entropy = |bytes: &mut [u8]| bytes.iter_mut().zip(id.iter().cycle()).for_each(|(byte, of)| *byte = *of);
    let sealed = master_key().seal(Subject::Ping(ping), exact.iter().map(|(name, value)| (*name, value)), &mut entropy)?;
    let of = &quotes[number as usize % quotes.len()];
    Ok(Command::Quote(Quote { ping, sealed: Some(sealed), ..of.clone() }))
}
