//! `pingpost simulate`: many seeded worlds, each lived through twice, and what broke in them.

use std::time::Duration;

use clap::Args;
use comfy_table::{Cell, CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use sim::{Campaign, Failed, Report, Row, Setup, Stores};

use super::{Done, Failure, Output};
use crate::{
    entropy,
    screen::{heading, print_json, say, table},
};

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The first seed; each further run takes the next one. Default: drawn
    #[arg(long)]
    seed: Option<u64>,
    /// How many worlds to live through
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// Pings and direct posts in each world
    #[arg(long, default_value_t = Setup::LEADS, value_parser = clap::value_parser!(u32).range(1..))]
    leads: u32,
    /// Worlds at the same time. Default: one for each processor
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    output: Output,
}

pub fn simulate(args: &SimulateArgs) -> Done {
    let first_seed = args.seed.unwrap_or_else(|| u64::from_le_bytes(entropy::bytes()) >> 16);
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let campaign = Campaign { first_seed, runs: args.runs, leads: args.leads, threads };
    let bar = progress(args.runs);
    let report = campaign.run(&|_| bar.inc(1)).map_err(Failure::of)?;
    let took = bar.elapsed();
    bar.finish_and_clear();
    let failed = shrunk(&report)?;
    if args.output.json {
        print_json(&Told::of(first_seed, took, &report, &failed))
    } else {
        tell(first_seed, took, &report, &failed)
    }
    if report.is_good() { Ok(()) } else { Err(Failure(why(&report))) }
}

fn progress(runs: u64) -> ProgressBar {
    let bar = ProgressBar::new(runs);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} worlds, {eta} left") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// The first failures, each with as few leads as still break something.
fn shrunk(report: &Report) -> Result<Vec<Failed>, Failure> {
    const TOLD: usize = 5;
    if report.failed.is_empty() {
        return Ok(Vec::new());
    }
    let stores = Stores::open().map_err(Failure::of)?;
    report.failed.iter().take(TOLD).map(|failed| sim::shrink(&stores, failed.clone()).map_err(Failure::of)).collect()
}

fn why(report: &Report) -> String {
    if !report.failed.is_empty() {
        return format!("{} of {} worlds broke an invariant", report.failed.len(), report.worlds);
    }
    let missed: Vec<&str> = report.tally.rows.never_reached().into_iter().map(Row::text).collect();
    format!("never reached: {}", missed.join("; "))
}

fn command_for(failed: &Failed) -> String {
    format!("pingpost simulate --seed {} --runs 1 --leads {}", failed.setup.seed, failed.setup.leads)
}

fn tell(first_seed: u64, took: Duration, report: &Report, failed: &[Failed]) {
    let tally = &report.tally;
    say!("{}", heading(&format!("{} worlds from seed {first_seed}, each lived through twice", report.worlds)));
    say!(
        "took {} s, simulated {:.0} hours: {} requests, {} leads, {} sales, {} commits",
        took.as_secs(),
        hours(tally.simulated),
        tally.requests,
        tally.leads,
        tally.sold,
        tally.commits
    );
    say!("{}", counts("fault injected", tally.faults.iter().map(|(kind, count)| (*kind, *count))));
    say!("{}", counts("case reached", Row::ALL.iter().map(|row| (row.text(), tally.rows.of(*row)))));
    for failed in failed {
        say!("");
        say!("{}", heading(&format!("seed {} broke {}", failed.setup.seed, failed.broken)));
        failed.last.iter().rev().take(30).rev().for_each(|line| say!("  {line}"));
        say!("again: {}", command_for(failed));
    }
    let seeds: Vec<String> = report.failed.iter().map(|failed| failed.setup.seed.to_string()).collect();
    say!("seeds failed: {}", if seeds.is_empty() { "none".to_owned() } else { seeds.join(" ") });
}

fn counts<'a>(what: &str, counted: impl Iterator<Item = (&'a str, u64)>) -> Table {
    let mut counts = table(&[what, "times"]);
    for (name, count) in counted {
        counts.add_row([Cell::new(name), Cell::new(count).set_alignment(CellAlignment::Right)]);
    }
    counts
}

fn hours(time: Duration) -> f64 {
    time.as_secs_f64() / 3600.0
}

#[derive(Serialize)]
struct Told<'a> {
    first_seed: u64,
    worlds: u64,
    took_s: u64,
    simulated_hours: f64,
    requests: u64,
    leads: u64,
    sales: u64,
    commits: u64,
    faults: &'a std::collections::BTreeMap<&'static str, u64>,
    rows: std::collections::BTreeMap<&'static str, u64>,
    failed_seeds: Vec<u64>,
    failures: Vec<ToldFailure>,
}

#[derive(Serialize)]
struct ToldFailure {
    seed: u64,
    leads: u32,
    broken: String,
    last: Vec<String>,
    command: String,
}

impl<'a> Told<'a> {
    fn of(first_seed: u64, took: Duration, report: &'a Report, failed: &[Failed]) -> Self {
        let tally = &report.tally;
        let failure = |failed: &Failed| ToldFailure {
            seed: failed.setup.seed,
            leads: failed.setup.leads,
            broken: failed.broken.to_string(),
            last: failed.last.clone(),
            command: command_for(failed),
        };
        Self {
            first_seed,
            worlds: report.worlds,
            took_s: took.as_secs(),
            simulated_hours: hours(tally.simulated),
            requests: tally.requests,
            leads: tally.leads,
            sales: tally.sold,
            commits: tally.commits,
            faults: &tally.faults,
            rows: Row::ALL.iter().map(|row| (row.text(), tally.rows.of(*row))).collect(),
            failed_seeds: report.failed.iter().map(|failed| failed.setup.seed).collect(),
            failures: failed.iter().map(failure).collect(),
        }
    }
}
