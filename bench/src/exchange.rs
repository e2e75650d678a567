//! The exchange under measurement: the release binary with a durable store of its own and a generated market.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use exchange::seal::MasterKey;

use crate::{
    Failure,
    market::{self, Plan, Supplier},
    process::{Process, SERVER_PROCESSOR, pinned},
};

/// On a machine with other work, tasks wait for a processor, and pings would be refused for it.
const CONFIG: &str = "most_lag_ms = 10000\n";

pub struct Exchange {
    pub process: Process,
    pub address: SocketAddr,
    keys: Vec<String>,
}

/// Of all stores that are measured, so that what is measured may be in one before it is served.
const MASTER_KEY: (&str, &str) = ("PINGPOST_MASTER_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");

pub fn master_key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

/// The program: `PINGPOST_BIN`, which `./bench/run` sets.
pub fn program() -> Result<PathBuf, Failure> {
    let path = std::env::var_os("PINGPOST_BIN").ok_or_else(|| Failure("PINGPOST_BIN isn't set: start this by ./bench/run".into()))?;
    fs::canonicalize(&path).map_err(|error| Failure(format!("PINGPOST_BIN={}: {error}", path.display())))
}

impl Exchange {
    /// Makes store, market and keys in the folder, and serves them.
    pub fn start(folder: &Path, plan: &Plan<'_>, address: SocketAddr) -> Result<Self, Failure> {
        Self::start_after(folder, plan, address, |_| Ok(()))
    }

    /// The same once `prepare` has done something to the data directory.
    pub fn start_after(folder: &Path, plan: &Plan<'_>, address: SocketAddr, prepare: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<Self, Failure> {
        let (market, data) = (folder.join("market"), folder.join("data"));
        market::write(&market, plan)?;
        said("apply", &[&market], &data)?;
        let keys = Supplier::ALL.iter().map(|supplier| said("key", &["new".as_ref(), "--supplier".as_ref(), supplier.name().as_ref()], &data));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        prepare(&data)?;
        fs::write(folder.join("pingpost.toml"), CONFIG)?;
        Ok(Self { process: serve(folder, address)?, address, keys })
    }

    /// Ends it, has its store changed, and serves it again.
    pub fn restarted(self, folder: &Path, change: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<Self, Failure> {
        let Self { process, address, keys } = self;
        drop(process);
        change(&folder.join("data/exchange.db"))?;
        Ok(Self { process: serve(folder, address)?, address, keys })
    }

    pub fn authorization(&self, supplier: Supplier) -> String {
        format!("Bearer {}", self.keys[supplier as usize])
    }
}

fn serve(folder: &Path, address: SocketAddr) -> Result<Process, Failure> {
    let mut serve = pinned(SERVER_PROCESSOR, &program()?.display().to_string());
    serve.args(["serve", "--log-filter", "warn", "--listen", &address.to_string(), "--data"]).arg(folder.join("data")).env(MASTER_KEY.0, MASTER_KEY.1);
    serve.arg("--config").arg(folder.join("pingpost.toml")).stdout(Stdio::null()).stderr(fs::File::create(folder.join("serve.log"))?);
    Process::start(serve, address)
}

/// What a command of the program prints.
pub fn said(command: &str, arguments: &[&Path], data: &Path) -> Result<String, Failure> {
    let output = Command::new(program()?).arg(command).args(arguments).arg("--data").arg(data).env(MASTER_KEY.0, MASTER_KEY.1).output()?;
    if !output.status.success() {
        let texts = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        return Err(Failure(format!("pingpost {command}: {}", texts.concat())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
