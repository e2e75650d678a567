//! A world: the exchange, a sandbox process for each buyer, and the ways to talk to them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitStatus,
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    cents,
    http::{Answer, Call},
    market::Market,
    process::{Ran, Running, pingpost, ran},
    wait_for,
};

pub struct World {
    pub market: Market,
    directory: TempDir,
    log_filter: &'static str,
    /// Further arguments of `serve`.
    pub serve_args: Vec<String>,
    /// Of the exchange alone.
    pub serve_env: Vec<(String, String)>,
    /// The URL of a PostgreSQL, where the store isn't in the directory.
    pub database: Option<String>,
    buyers: BTreeMap<String, Running>,
    addresses: BTreeMap<String, String>,
    exchange: Option<Running>,
    /// What earlier processes of the exchange said.
    earlier: String,
    pub at: String,
    /// Of the supplier `acme`.
    pub key: String,
}

impl World {
    /// Everything runs, and is ready.
    pub fn of(market: Market) -> Self {
        let mut world = Self::without_market(market);
        world.apply().done();
        world.key = world.new_key("--supplier", "acme");
        world.serve();
        world
    }

    /// With these lines in the configuration file.
    pub fn configured(market: Market, config: &str) -> Self {
        let mut world = Self::without_market(market);
        world.serve_args = vec!["--config".into(), world.file("pingpost.toml", config)];
        world.apply().done();
        world.key = world.new_key("--supplier", "acme");
        world.serve();
        world
    }

    /// Every word of the logs is kept.
    pub fn of_traced(market: Market) -> Self {
        let mut world = Self::without_market(market);
        world.log_filter = "trace";
        world.apply().done();
        world.key = world.new_key("--supplier", "acme");
        world.serve();
        world
    }

    /// A market directory of a test's own; `AT` in its buyers is the address of one sandbox that plays them all.
    pub fn of_directory(market: &Path, sandbox_flags: &str) -> Self {
        let mut world = Self::without_market(Market::new());
        world.log_filter = "trace";
        let sandbox = start_buyer(&sandbox_flags.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        world.addresses.insert("sandbox".into(), sandbox.1.clone());
        world.buyers.insert("sandbox".into(), sandbox.0);
        copy(market, &world.market_directory(), &|text| text.replace("http://127.0.0.1:9001", &sandbox.1));
        world
    }

    /// Buyers run; nothing is applied, and nothing serves.
    pub fn without_market(market: Market) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (mut buyers, mut addresses) = (BTreeMap::new(), BTreeMap::new());
        for buyer in &market.buyers {
            let at = buyer.at.clone().unwrap_or_else(|| {
                let (running, at) = start_buyer(&buyer.flags);
                buyers.insert(buyer.name.clone(), running);
                at
            });
            addresses.insert(buyer.name.clone(), at);
        }
        Self {
            market,
            directory,
            log_filter: "debug",
            serve_args: Vec::new(),
            serve_env: Vec::new(),
            database: None,
            buyers,
            addresses,
            exchange: None,
            earlier: String::new(),
            at: String::new(),
            key: String::new(),
        }
    }

    /// Nobody listens at its address any more.
    pub fn stop_buyer(&mut self, buyer: &str) {
        drop(self.buyers.remove(buyer));
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub fn market_directory(&self) -> PathBuf {
        self.directory.path().join("market")
    }

    /// Any file of the test's own.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().into()
    }

    /// Writes the market, and says where.
    pub fn write_market(&self) -> String {
        self.market.write(&self.market_directory(), &self.addresses);
        self.market_directory().to_str().unwrap().into()
    }

    /// Writes the market and applies it.
    pub fn apply(&self) -> Ran {
        self.write_market();
        self.apply_directory()
    }

    pub fn apply_directory(&self) -> Ran {
        self.run(&["apply", self.market_directory().to_str().unwrap()])
    }

    /// A command on this world's store.
    pub fn run(&self, args: &[&str]) -> Ran {
        ran(pingpost().args(args).args(self.store_args()))
    }

    /// The same by somebody of this name.
    pub fn run_as(&self, person: &str, args: &[&str]) -> Ran {
        ran(pingpost().env("USER", person).args(args).args(self.store_args()))
    }

    fn store_args(&self) -> Vec<String> {
        let path = |name: &str| self.directory.path().join(name).to_str().unwrap().to_owned();
        match &self.database {
            None => vec!["--data".into(), path("data")],
            Some(url) => vec!["--database".into(), url.clone(), "--master-key".into(), path("data/master.key")],
        }
    }

    /// Everything runs on a PostgreSQL, and is ready.
    pub fn of_database(market: Market, url: String) -> Self {
        let mut world = Self::without_market(market);
        world.database = Some(url);
        std::fs::create_dir(world.data()).unwrap();
        ran(pingpost().args(["master-key", "new", "--out"]).arg(world.data().join("master.key"))).done();
        world.apply().done();
        world.key = world.new_key("--supplier", "acme");
        world.serve();
        world
    }

    /// One more node on the same store: where it is reached. It ends with the value.
    pub fn another_node(&self) -> (Running, String) {
        let mut command = pingpost();
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-filter", self.log_filter]).args(&self.serve_args).args(self.store_args());
        let mut node = Running::start(&mut command);
        let at = node.announced("pingpost listens on ");
        let ready = format!("{at}/readyz");
        wait_for("a ready exchange", || Call::get(&ready).try_send().filter(|answer| answer.status == 200));
        (node, at)
    }

    pub fn new_key(&self, role: &str, name: &str) -> String {
        self.run(&["key", "new", role, name, "--json"]).done().json()["key"].as_str().unwrap().to_owned()
    }

    pub fn serve(&mut self) {
        self.serve_unready();
        let ready = format!("{}/readyz", self.at);
        wait_for("a ready exchange", || Call::get(&ready).try_send().filter(|answer| answer.status == 200));
    }

    pub fn serve_unready(&mut self) {
        let mut command = pingpost();
        command.envs(self.serve_env.iter().map(|(name, value)| (name, value)));
        command.args(["serve", "--listen", "127.0.0.1:0", "--log-filter", self.log_filter]).args(&self.serve_args).args(self.store_args());
        let mut exchange = Running::start(&mut command);
        self.at = exchange.announced("pingpost listens on ");
        self.exchange = Some(exchange);
    }

    pub fn signal(&self, signal: &str) {
        self.exchange.as_ref().unwrap().signal(signal);
    }

    /// In KiB: the most memory that the exchange ever had.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.exchange.as_ref().unwrap().id())).unwrap();
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok()).unwrap()
    }

    /// Sends the exchange a signal and waits for its end.
    pub fn end(&mut self, signal: &str) -> ExitStatus {
        let mut exchange = self.exchange.take().unwrap();
        exchange.signal(signal);
        let status = exchange.wait();
        self.earlier.push_str(&exchange.said());
        status
    }

    pub fn logs(&self) -> String {
        format!("{}{}", self.earlier, self.exchange.as_ref().map(Running::said).unwrap_or_default())
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.at)
    }

    pub fn call(&self, path: &str) -> Call {
        Call::post(self.url(path)).key(&self.key)
    }

    pub fn ping(&self, attributes: &Value) -> Answer {
        self.call("/v1/pings/loans").json(attributes).send()
    }

    pub fn post(&self, ping: &str, fields: &Value) -> Answer {
        self.call(&format!("/v1/pings/{ping}/post")).json(fields).send()
    }

    pub fn lead(&self, fields: &Value) -> Answer {
        self.call("/v1/leads/loans").json(fields).send()
    }

    pub fn status(&self, lead: &str) -> Answer {
        Call::get(self.url(&format!("/v1/leads/{lead}"))).key(&self.key).send()
    }

    pub fn metrics(&self) -> String {
        Call::get(self.url("/metrics")).send().expect(200).text
    }

    /// Of a counter, the sum over all lines that carry these labels.
    pub fn counted(&self, name: &str, labels: &str) -> u64 {
        let of_line = |line: &str| line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
        self.metrics().lines().filter(|line| line.starts_with(&format!("{name}{{")) && line.contains(labels)).filter_map(of_line).sum()
    }

    /// The trace, whose ledger is in balance.
    pub fn trace(&self, id: &str) -> Value {
        let trace = self.run(&["trace", id, "--json"]).done().json();
        let sum: i64 = rows(&trace, "ledger").iter().map(|row| cents(row["amount"].as_str().unwrap())).sum();
        assert_eq!(sum, 0, "{:#}", trace["ledger"]);
        trace
    }

    /// What a buyer received, oldest first.
    pub fn received(&self, buyer: &str) -> Vec<Value> {
        Call::get(format!("{}/received", self.addresses[buyer])).send().expect(200).json().as_array().unwrap().clone()
    }

    /// How many requests a buyer received whose path ends so.
    pub fn count(&self, buyer: &str, ending: &str) -> usize {
        self.calls(buyer, ending).len()
    }

    pub fn calls(&self, buyer: &str, ending: &str) -> Vec<Value> {
        self.received(buyer).into_iter().filter(|call| call["path"].as_str().unwrap().ends_with(ending)).collect()
    }

    /// Whether anything that a buyer received, in whatever place, has this text.
    pub fn has_seen(&self, buyer: &str, text: &str) -> bool {
        self.received(buyer).iter().any(|call| call.to_string().contains(text))
    }

    /// The buyers that have seen a text.
    pub fn who_has_seen(&self, text: &str) -> Vec<String> {
        self.buyers.keys().filter(|buyer| self.has_seen(buyer, text)).cloned().collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(!self.logs().contains("this is a bug"), "the exchange panicked: {}", self.logs());
        } else if let Some(exchange) = &self.exchange {
            let said = exchange.said();
            let lines: Vec<&str> = said.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
            eprintln!("the exchange said:\n{}", lines.join("\n"));
        }
    }
}

fn start_buyer(flags: &[String]) -> (Running, String) {
    let mut running = Running::start(pingpost().args(["buyer", "--listen", "127.0.0.1:0"]).args(flags));
    let at = running.announced("takes pings at ");
    (running, at.strip_suffix("/ping").unwrap().to_owned())
}

pub fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target, change);
        } else {
            std::fs::write(target, change(std::fs::read_to_string(&path).unwrap())).unwrap();
        }
    }
}

/// The rows of a list in a trace.
pub fn rows<'a>(trace: &'a Value, name: &str) -> &'a [Value] {
    trace[name].as_array().map_or(&[], Vec::as_slice)
}

/// The row of a contract or buyer in a list of a trace.
#[track_caller]
pub fn row<'a>(trace: &'a Value, list: &str, of: &str) -> &'a Value {
    let is_of = |row: &&Value| row["contract"] == format!("{of}/main") || row["contract"] == of || row["buyer"] == of;
    rows(trace, list).iter().find(is_of).unwrap_or_else(|| panic!("no {of} in {list} of {trace:#}"))
}
