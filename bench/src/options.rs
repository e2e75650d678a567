//! What `./bench/run` is asked for.

use std::path::{Path, PathBuf};

use crate::{Failure, auction, latency, matching, report::Report, runs, sale, slow, waiting, width, writer};

type Measure = fn(&Options, &Path, &mut Report) -> Result<(), Failure>;

/// The measurements, in their order, and what each is.
pub const MEASUREMENTS: [(&str, &str, Measure); 9] = [
    ("auction", "closed loop: CPU, auctions per second and latency of an auction, beside the comparison servers", auction::measure),
    ("latency", "open loop at half of what the exchange carries: its latency, the raw fan-out's, and fdatasync's", latency::measure),
    ("width", "CPU of a ping where 8 and where 64 buyers are asked", width::measure),
    ("sale", "CPU of a direct sale, beside an auction's", sale::measure),
    ("slow", "auctions of buyers that take 40 to 400 ms, or never answer", slow::measure),
    ("waiting", "memory of 1,000 auctions that wait for 10 buyers each", waiting::measure),
    ("runs", "memory of 50,000 runs without sockets", runs::measure),
    ("writer", "direct sales through the server's writer, beside a bare loop that writes the same rows", writer::measure),
    ("match", "who of 1,000 to 1,000,000 contracts takes a lead: by the index, and by asking each", matching::measure),
];

pub struct Options {
    pub rounds: u32,
    pub seconds: u32,
    pub contracts: usize,
    pub json: bool,
    /// On a real disk: the store is in it.
    pub folder: PathBuf,
    only: Vec<String>,
}

impl Options {
    pub fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self { rounds: 3, seconds: 4, contracts: 10_000, json: false, folder: "/var/tmp".into(), only: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| Failure(format!("{argument} needs a value")));
            match argument.as_str() {
                "--rounds" => options.rounds = value()?.parse::<u32>()?.max(1),
                "--seconds" => options.seconds = value()?.parse::<u32>()?.max(1),
                "--contracts" => options.contracts = value()?.parse()?,
                "--only" => options.only = value()?.split(',').map(str::to_owned).collect(),
                "--dir" => options.folder = value()?.into(),
                "--json" => options.json = true,
                "--help" | "-h" => {
                    println!("{}", help());
                    std::process::exit(0);
                }
                other => return Err(Failure(format!("unknown argument {other}\n{}", help()))),
            }
        }
        if let Some(unknown) = options.only.iter().find(|name| !MEASUREMENTS.iter().any(|(known, ..)| known == name)) {
            return Err(Failure(format!("nothing is measured under the name {unknown}\n{}", help())));
        }
        Ok(options)
    }

    pub fn wants(&self, measurement: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == measurement)
    }
}

fn help() -> String {
    let mut text = "./bench/run [--rounds N] [--seconds S] [--contracts N] [--only NAME,...] [--dir DIRECTORY] [--json] [--no-install]\n\n\
        --rounds     rounds, in each of which every server is loaded once (3)\n\
        --seconds    of each load (4)\n\
        --contracts  of the exchange, over all buyers (10000)\n\
        --dir        where the store and the servers' files are made, and taken away again; on a real disk (/var/tmp)\n\
        --json       the figures as JSON on standard output; they are always written to bench/results/latest.json\n\
        --only       some of:\n"
        .to_owned();
    for (name, what, _) in MEASUREMENTS {
        text += &format!("    {name:<10} {what}\n");
    }
    text
}
