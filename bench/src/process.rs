//! Processes under measurement: pinned to a processor, their time and memory as the kernel counts them, ended when dropped.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    ops::Sub,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use rustix::{
    process::nice,
    thread::{CpuSet, sched_setaffinity},
};

use crate::{Failure, clock};

/// Where the server under test runs; everything else that makes its load runs on the other.
pub const SERVER_PROCESSOR: &str = "1";
pub const LOAD_PROCESSOR: &str = "0";

/// Of what is no part of the load that is timed.
const NICENESS: i32 = 10;

/// The kernel shows times in hundredths of a second, whatever it counts in (`getconf CLK_TCK`).
const MICROS_PER_TICK: f64 = 10_000.0;
const START_LIMIT: Duration = Duration::from_secs(60);

pub struct Process {
    child: Child,
}

/// Processor time, in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub user: f64,
    pub kernel: f64,
}

impl Usage {
    pub fn total(self) -> f64 {
        self.user + self.kernel
    }

    /// Adds what a process has used so far.
    fn add(&mut self, id: &str) -> Result<(), Failure> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name, in brackets, may hold blanks; what follows it starts with the third field.
        let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3).and_then(|ticks| ticks.parse::<f64>().ok()).ok_or_else(|| Failure(format!("/proc/{id}/stat: {stat}")));
        self.user += ticks(14)? * MICROS_PER_TICK;
        self.kernel += ticks(15)? * MICROS_PER_TICK;
        Ok(())
    }
}

pub fn usage_of_this() -> Result<Usage, Failure> {
    let mut usage = Usage::default();
    usage.add("self")?;
    Ok(usage)
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { user: self.user - other.user, kernel: self.kernel - other.kernel }
    }
}

/// In KiB: what is resident, and what was at most.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    pub resident: u64,
    pub most: u64,
}

pub fn pinned(processor: &str, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", processor, program]).stdin(Stdio::null());
    command
}

/// Keeps a thread of this process away from the server, and out of the way of the load that is timed: as people's browsers would be.
pub fn away_from_the_server() -> Result<(), Failure> {
    let mut processors = CpuSet::new();
    processors.set(LOAD_PROCESSOR.parse()?);
    let done = sched_setaffinity(None, &processors).and_then(|()| nice(NICENESS));
    done.map(drop).map_err(|error| Failure(format!("a thread can't be kept to processor {LOAD_PROCESSOR}: {error}")))
}

impl Process {
    /// Starts the command, and waits until it takes connections at the address.
    pub fn start(mut command: Command, address: SocketAddr) -> Result<Self, Failure> {
        let child = command.spawn().map_err(|error| Failure(format!("{command:?}: {error}")))?;
        let mut process = Self { child };
        let began = clock::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = process.child.try_wait()? {
                return Err(Failure(format!("{command:?} ended, {status}, before it listened on {address}")));
            }
            if began.elapsed() > START_LIMIT {
                return Err(Failure(format!("{command:?} didn't listen on {address} within {START_LIMIT:?}")));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// The process, and its children: nginx works in one.
    fn ids(&self) -> Vec<String> {
        let id = self.child.id().to_string();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let mut ids = vec![id];
        ids.extend(children.split_whitespace().map(str::to_owned));
        ids
    }

    /// All threads, also those that ended.
    pub fn usage(&self) -> Result<Usage, Failure> {
        let mut sum = Usage::default();
        for id in self.ids() {
            sum.add(&id)?;
        }
        Ok(sum)
    }

    /// Files and sockets that it has open.
    pub fn open_files(&self) -> Result<usize, Failure> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    pub fn memory(&self) -> Result<Memory, Failure> {
        let mut sum = Memory::default();
        for id in self.ids() {
            let status = fs::read_to_string(format!("/proc/{id}/status"))?;
            let kib = |key: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(key));
                line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0)
            };
            sum.resident += kib("VmRSS:");
            sum.most += kib("VmHWM:");
        }
        Ok(sum)
    }
}

/// Microseconds that a processor has worked, for whomever.
pub fn busy(processor: &str) -> Result<f64, Failure> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().find_map(|line| line.strip_prefix(&format!("cpu{processor} "))).unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().filter_map(|ticks| ticks.parse().ok()).collect();
    // The fourth and fifth are its idle time; the guests' at the end are in the first already.
    Ok(ticks.iter().take(8).enumerate().filter(|(field, _)| !(3..=4).contains(field)).map(|(_, ticks)| ticks * MICROS_PER_TICK).sum())
}

impl Drop for Process {
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let began = clock::now();
        while asked.is_ok() && began.elapsed() < Duration::from_secs(10) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Ports that nobody listens on; all are held until all are found, so that they differ.
pub fn free_addresses(count: usize) -> Result<Vec<SocketAddr>, Failure> {
    let listeners: Result<Vec<TcpListener>, _> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect();
    Ok(listeners?.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?)
}
