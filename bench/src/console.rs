//! The console beside a million leads: how long each of its pages takes, and what reading them costs auctions.

mod fill;
mod page;

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{
    Failure, clock,
    exchange::Exchange,
    market::{self, Supplier},
    open_loop::{self, Answers},
    options::Options,
    process,
    report::{Goal, Report},
    servers::{Alone, Answering, BUYERS},
    statistics::{median, percentile},
    wrk::{Target, Wrk},
};

const LEADS: u32 = 1_000_000;
/// Of each page; in a rehearsal, which is of few leads.
const LOADS: usize = 40;
const REHEARSED_LOADS: usize = 3;
const AUCTIONS_PER_S: f64 = 150.0;
/// People who open a page every two seconds each.
const READERS: u32 = 10;
const BETWEEN_PAGES: Duration = Duration::from_secs(2);
const ROUNDS: u32 = 5;
/// In seconds: readers come and go within a round, so that what the machine does for a while it does to both kinds.
const TURN_S: u32 = 5;

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let mut alone = Alone::start(folder, BUYERS, options.contracts, Answering::AtOnce, 3000)?;
    let (wrk, pings) = (Wrk::new(folder)?, market::write_pings(folder)?);
    report.progress("console: some leads are sold");
    let posts = market::write_posts(folder, 0, 20_000)?;
    let key = alone.exchange.authorization(Supplier::Indicative);
    let target = Target { address: alone.exchange.address, path: "/v1/leads/auto", authorization: &key, bodies: &posts, expected: r#""status":"sold""# };
    wrk.load(&target, 2)?;
    let leads = if options.is_rehearsal { 0 } else { LEADS };
    report.progress(&format!("console: they become {}", if options.is_rehearsal { "some more" } else { "a million" }));
    let began = clock::now();
    alone.exchange = alone.exchange.restarted(&folder.join("exchange"), |store| fill::leads(store, leads))?;
    report.note(&format!("{leads} leads were written in {:.0} s", began.elapsed().as_secs_f64()));
    report.progress("console: figures are counted");
    let (store, began) = (folder.join("exchange/data/exchange.db"), clock::now());
    while !fill::is_counted(&store)? {
        thread::sleep(Duration::from_millis(500));
    }
    report.note(&format!("their figures were counted in {:.0} s", began.elapsed().as_secs_f64()));
    let exchange = &alone.exchange;
    let console = page::Console::enter(exchange, &folder.join("exchange"))?;
    pages(&console, if options.is_rehearsal { REHEARSED_LOADS } else { LOADS }, report)?;
    if options.is_rehearsal { Ok(()) } else { auctions(options, exchange, &console, &pings, report) }
}

fn pages(console: &page::Console, loads: usize, report: &mut Report) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut worst = 0.0_f64;
    for page in console.pages()? {
        report.progress(&format!("console: {page}"));
        let times = (0..loads).map(|_| console.time(&page)).collect::<Result<Vec<f64>, Failure>>()?;
        let p95 = percentile(&times, 95.0);
        worst = worst.max(p95);
        rows.push(vec![json!(page::shape(&page)), json!(median(&times)), json!(p95)]);
    }
    report.table("console", "Pages of the console beside 1,000,000 leads", &["page", "p50 ms", "p95 ms"], &rows);
    report.goal("p95 of the slowest page of the console, 1,000,000 leads, ms", worst, Goal::AtMost(200.0));
    Ok(())
}

/// Auctions with and without readers, in turns within each round.
fn auctions(options: &Options, exchange: &Exchange, console: &page::Console, pings: &Path, report: &mut Report) -> Result<(), Failure> {
    let key = exchange.authorization(Supplier::Indicative);
    let target = Target { address: exchange.address, path: "/v1/pings/auto", authorization: &key, bodies: pings, expected: r#""status":"matched""# };
    let pages = console.pages()?;
    let load = |readers: u32| -> Result<Answers, Failure> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let read = |reader: u32| -> Result<(), Failure> {
                process::away_from_the_server()?;
                thread::sleep(BETWEEN_PAGES / readers * reader);
                for page in pages.iter().cycle().skip(reader as usize * 3) {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    console.time(page)?;
                    thread::sleep(BETWEEN_PAGES);
                }
                Ok(())
            };
            let threads: Vec<_> = (0..readers).map(|reader| scope.spawn(move || read(reader))).collect();
            let load = open_loop::load(&target, AUCTIONS_PER_S, TURN_S);
            is_over.store(true, Ordering::Relaxed);
            for thread in threads {
                thread.join().map_err(|_| Failure("a reader panicked".into()))??;
            }
            load
        })
    };
    let (mut rows, mut ratios) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        report.progress(&format!("console: round {round} of {ROUNDS}"));
        let (mut alone, mut beside) = (Answers::default(), Answers::default());
        for turn in 0..options.seconds.div_ceil(TURN_S).max(2) {
            for readers in if turn % 2 == 0 { [0, READERS] } else { [READERS, 0] } {
                if readers == 0 { &mut alone } else { &mut beside }.add(load(readers)?);
            }
        }
        let (alone, beside) = (alone.latency(), beside.latency());
        // The first round warms up.
        if round > 0 {
            rows.push(vec![json!(round), json!(alone.p50), json!(alone.p99), json!(beside.p50), json!(beside.p99)]);
            ratios.push(beside.p99 / alone.p99);
        }
        for (load, what) in [(alone, "without"), (beside, "with")] {
            if load.wrong > 0.0 {
                report.void(&format!("console: {what} readers, {} of {} answers were wrong", load.wrong, load.answers));
            }
        }
    }
    let title = format!("Auctions at {AUCTIONS_PER_S} a second, without and with {READERS} people who read the console");
    report.table("console-readers", &title, &["round", "p50 ms without", "p99 without", "p50 with", "p99 with"], &rows);
    report.goal("p99 of auctions with readers ÷ without, median of 5 rounds", median(&ratios), Goal::AtMost(1.25));
    Ok(())
}
