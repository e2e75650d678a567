//! Closed-loop load: `wrk`, with a script that checks each answer.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{
    Failure,
    process::{LOAD_PROCESSOR, pinned},
};

const SCRIPT: &str = include_str!("../wrk/load.lua");
pub const CONNECTIONS: &str = "32";

pub struct Target<'a> {
    pub address: SocketAddr,
    pub path: &'a str,
    pub authorization: &'a str,
    /// One request's body a line.
    pub bodies: &'a Path,
    /// What every right answer holds.
    pub expected: &'a str,
}

pub struct Wrk {
    script: PathBuf,
}

/// What a load of so many seconds came to.
#[derive(Clone, Debug)]
pub struct Load {
    pub answers: f64,
    pub per_second: f64,
    /// In milliseconds: p50, p99, p99.9.
    pub latency: [f64; 3],
    /// Where an answer was wrong or missing: how many, and the first one.
    pub void: Option<String>,
}

impl Wrk {
    pub fn new(folder: &Path) -> Result<Self, Failure> {
        let script = folder.join("load.lua");
        fs::write(&script, SCRIPT)?;
        Ok(Self { script })
    }

    /// Loads the target, and checks each answer.
    pub fn load(&self, target: &Target<'_>, seconds: u32) -> Result<Load, Failure> {
        let mut command = pinned(LOAD_PROCESSOR, "wrk");
        command.args(["-t1", "-c", CONNECTIONS, "-d", &format!("{seconds}s"), "--timeout", "10s", "-s"]).arg(&self.script);
        command.arg(format!("http://{}", target.address)).args(["--", target.path]).arg(target.bodies).args([target.authorization, target.expected]);
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let void =
            |why: &str| Failure(format!("the load of {}{} is void: {why}\n{text}{}", target.address, target.path, String::from_utf8_lossy(&output.stderr)));
        let line = text.lines().find_map(|line| line.strip_prefix("RESULT ")).ok_or_else(|| void("wrk said nothing"))?;
        let figures: Vec<f64> = line.split(' ').filter_map(|figure| figure.parse().ok()).collect();
        let [right, wrong, errors, micros, p50, p99, p999] = figures[..] else { return Err(void("wrk said something else")) };
        if right == 0.0 {
            return Err(void("no answer was right"));
        }
        let wrong = (wrong + errors > 0.0).then(|| {
            let first = text.lines().find_map(|line| line.strip_prefix("WRONG ")).unwrap_or_default();
            format!("{right} right, {wrong} wrong answers, {errors} errors of sockets; {first}")
        });
        Ok(Load { answers: right, per_second: right / micros * 1e6, latency: [p50, p99, p999].map(|micros| micros / 1000.0), void: wrong })
    }
}
