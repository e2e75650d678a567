//! The servers that are compared, all up at the same time on the same processor, each loaded while the others rest.

use std::{net::SocketAddr, path::Path, process::Command};

use crate::{
    Failure,
    exchange::Exchange,
    market::{PIPELINED, Plan, Spoken},
    nginx,
    process::{self, LOAD_PROCESSOR, Process, SERVER_PROCESSOR, pinned},
};

pub const BUYERS: usize = 10;

pub struct Servers {
    // In the order of their ends: the buyers last.
    pub raw: Process,
    pub hyper: Process,
    pub nginx: Process,
    pub exchange: Exchange,
    /// The same, of buyers that are asked one ping at a time on each connection, as all other servers ask them.
    pub one_at_a_time: Exchange,
    _buyers: Process,
    /// Of the raw fan-out, hyper's, nginx's and the exchange, twice.
    pub addresses: Vec<SocketAddr>,
}

/// A comparison server of this program.
fn own(name: &str, address: SocketAddr, buyers: &[SocketAddr]) -> Result<Process, Failure> {
    let mut command: Command = pinned(SERVER_PROCESSOR, &std::env::current_exe()?.display().to_string());
    command.arg(name).arg(address.to_string()).args(buyers.iter().map(ToString::to_string));
    Process::start(command, address)
}

impl Servers {
    pub fn start(folder: &Path, contracts: usize) -> Result<Self, Failure> {
        let all = process::free_addresses(BUYERS + 5)?;
        let (addresses, buyers) = all.split_at(5);
        let stubs = nginx::buyers(&folder.join("buyers"), buyers)?;
        let plan = Plan { buyers, contracts_of_each: contracts / BUYERS, deadline_ms: 3000, spoken: Spoken::Native, pipelining: PIPELINED };
        Ok(Self {
            raw: own("raw", addresses[0], buyers)?,
            hyper: own("hyper", addresses[1], buyers)?,
            nginx: nginx::fan_out(&folder.join("nginx"), addresses[2], buyers)?,
            exchange: Exchange::start(&folder.join("exchange"), &plan, addresses[3])?,
            one_at_a_time: Exchange::start(&folder.join("one"), &Plan { pipelining: 1, ..plan }, addresses[4])?,
            _buyers: stubs,
            addresses: addresses.to_vec(),
        })
    }
}

/// How the buyers of an exchange answer.
#[derive(Clone, Copy)]
pub enum Answering {
    /// nginx, at once.
    AtOnce,
    /// As buyers do: 40 ms in the middle, 400 ms one time in a hundred, one time in fifty not at all.
    InTime,
    Never,
}

/// An exchange with buyers of its own.
pub struct Alone {
    pub exchange: Exchange,
    _buyers: Process,
}

impl Alone {
    pub fn start(folder: &Path, buyers: usize, contracts: usize, answering: Answering, deadline_ms: u32) -> Result<Self, Failure> {
        Self::start_after(folder, buyers, contracts, answering, deadline_ms, |_| Ok(()))
    }

    /// The same once `prepare` has done something to the data directory.
    pub fn start_after(
        folder: &Path,
        buyers: usize,
        contracts: usize,
        answering: Answering,
        deadline_ms: u32,
        prepare: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder)?;
        let all = process::free_addresses(buyers + 1)?;
        let (address, addresses) = (all[0], &all[1..]);
        let stubs = match answering {
            Answering::AtOnce => nginx::buyers(&folder.join("buyers"), addresses)?,
            Answering::InTime => stubs("slow-buyers", addresses)?,
            Answering::Never => stubs("silent-buyers", addresses)?,
        };
        let pipelining = match answering {
            Answering::AtOnce => PIPELINED,
            Answering::InTime | Answering::Never => 1,
        };
        let plan = Plan { buyers: addresses, contracts_of_each: contracts / buyers, deadline_ms, spoken: Spoken::Native, pipelining };
        Ok(Self { exchange: Exchange::start_after(&folder.join("exchange"), &plan, address, prepare)?, _buyers: stubs })
    }
}

fn stubs(name: &str, addresses: &[SocketAddr]) -> Result<Process, Failure> {
    let mut command = pinned(LOAD_PROCESSOR, &std::env::current_exe()?.display().to_string());
    command.arg(name).args(addresses.iter().map(ToString::to_string));
    Process::start(command, addresses[0])
}
