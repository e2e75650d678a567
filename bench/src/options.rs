//! What `./bench/run` is asked for.

use std::path::PathBuf;

use crate::Failure;

/// The measurements by name, and what each is.
pub type Known = [(&'static str, &'static str)];

pub struct Options {
    pub rounds: u32,
    pub seconds: u32,
    pub contracts: usize,
    pub json: bool,
    /// Nothing is written down, and a run that measures nothing is no failure.
    pub is_rehearsal: bool,
    /// On a real disk: the store is in it.
    pub folder: PathBuf,
    only: Vec<String>,
}

impl Options {
    pub fn read(arguments: &[String], known: &Known) -> Result<Self, Failure> {
        let mut options = Self { rounds: 3, seconds: 4, contracts: 10_000, json: false, is_rehearsal: false, folder: "/var/tmp".into(), only: Vec::new() };
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
                "--rehearse" => options.is_rehearsal = true,
                "--help" | "-h" => {
                    println!("{}", help(known));
                    std::process::exit(0);
                }
                other => return Err(Failure(format!("unknown argument {other}\n{}", help(known)))),
            }
        }
        if let Some(unknown) = options.only.iter().find(|name| !known.iter().any(|(known, _)| known == name)) {
            return Err(Failure(format!("nothing is measured under the name {unknown}\n{}", help(known))));
        }
        Ok(options)
    }

    pub fn wants(&self, measurement: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == measurement)
    }
}

fn help(known: &Known) -> String {
    let mut text = "./bench/run [--rounds N] [--seconds S] [--contracts N] [--only NAME,...] [--dir DIRECTORY] [--json] [--rehearse] [--no-install]\n\n\
        --rounds     rounds, in each of which every server is loaded once (3)\n\
        --seconds    of each load (4)\n\
        --contracts  of the exchange, over all buyers (10000)\n\
        --dir        where the store and the servers' files are made, and taken away again; on a real disk (/var/tmp)\n\
        --json       the figures as JSON on standard output; they are written to bench/results/latest.json besides\n\
        --rehearse   writes nothing down, and is content with a run that measures nothing: for a program that is watched, and not measured\n\
        --only       some of:\n"
        .to_owned();
    for (name, what) in known {
        text += &format!("    {name:<10} {what}\n");
    }
    text
}
