//! `./bench/run`: what an auction costs, beside servers that do nothing but fan out. docs/performance.md says what and how.

mod auction;
mod buyers;
mod chart;
mod clock;
mod console;
mod disk;
mod exchange;
mod fan_out;
mod history;
mod latency;
mod mapped;
mod market;
mod matching;
mod measurements;
mod nginx;
mod open_loop;
mod options;
mod process;
mod random;
mod report;
mod runs;
mod sale;
mod servers;
mod slow;
mod statistics;
mod waiting;
mod width;
mod writer;
mod wrk;

use std::{net::SocketAddr, process::ExitCode};

use options::Options;
use report::Report;
use tokio::net::TcpListener;

/// Why a measurement says nothing.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("run", rest)) => Options::read(rest, &measurements::known()).and_then(|options| measure(&options)),
        Some(("raw", rest)) => served(rest, fan_out::raw::serve),
        Some(("hyper", rest)) => served(rest, fan_out::hyper::serve),
        Some(("slow-buyers", rest)) => served(rest, buyers::slow),
        Some(("silent-buyers", rest)) => served(rest, buyers::silent),
        Some(("open-loop", rest)) => open_loop::run(rest),
        _ => Err(Failure("start this by ./bench/run".into())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(why)) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("pingpost-bench-").tempdir_in(&options.folder)?;
    let mut report = Report::of_this_machine(options)?;
    for (name, _, measure) in measurements::MEASUREMENTS.iter().filter(|(name, ..)| options.wants(name)) {
        if let Err(Failure(why)) = measure(options, &folder.path().join(name), &mut report) {
            report.failed(&format!("{name}: {why}"));
        }
    }
    report.finish(options)
}

/// A server of one thread, as the pinned processor has it: its own address, then the buyers'.
fn served<F: Future<Output = std::io::Result<()>>>(arguments: &[String], serve: impl FnOnce(TcpListener, Vec<SocketAddr>) -> F) -> Result<(), Failure> {
    let addresses = arguments.iter().map(|address| address.parse()).collect::<Result<Vec<SocketAddr>, _>>()?;
    let (own, buyers) = addresses.split_first().ok_or_else(|| Failure("no address".into()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { Ok(serve(TcpListener::bind(own).await?, buyers.to_vec()).await?) })
}
