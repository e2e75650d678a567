//! The exchange under test: one node or several on one store, each a process that can be killed and started again.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use store::{Address, Clock, PostgresReader, Reader, SqliteReader};
use tempfile::TempDir;

use super::{buyers::Buyer, suppliers::Supplier};
use crate::support::{
    Call, Market, now,
    process::{Ran, Running, pingpost, ran},
    wait_for,
};

pub struct Exchange {
    directory: TempDir,
    data: PathBuf,
    /// The database that the nodes share; none where the store is embedded, in `data`.
    database: Option<String>,
    nodes: Vec<Node>,
    /// Of the nodes' processes.
    environment: Vec<(String, String)>,
}

#[derive(Default)]
struct Node {
    /// `127.0.0.1:PORT`, the same one after each start.
    at: Option<String>,
    process: Option<Running>,
    /// What earlier processes said.
    said: String,
}

impl Exchange {
    /// A market applied, and nodes that don't run yet.
    pub fn of(market: &Market, buyers: &[Buyer], nodes: usize, database: Option<String>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let this = Self { directory, data, database, nodes: (0..nodes).map(|_| Node::default()).collect(), environment: Vec::new() };
        let addresses: BTreeMap<String, String> = buyers.iter().map(|buyer| (buyer.habits.name.to_owned(), buyer.at.clone())).collect();
        if this.database.is_some() {
            ran(pingpost().args(["master-key", "new", "--out"]).arg(this.path("master.key"))).done();
        }
        let market_directory = this.path("market");
        market.write(&market_directory, &addresses);
        this.run(&["apply", market_directory.to_str().unwrap()]).done();
        this
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// Ends the nodes and starts them on another directory of this exchange.
    pub fn serve_from(&mut self, data: &str) {
        self.end();
        self.data = self.path(data);
        self.start();
    }

    /// How commands are told where the store is.
    fn store(&self) -> Vec<String> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        match &self.database {
            Some(url) => vec!["--database".into(), url.clone(), "--master-key".into(), text(self.path("master.key"))],
            None => vec!["--data".into(), text(self.data())],
        }
    }

    /// A command on this exchange's store.
    pub fn run(&self, args: &[&str]) -> Ran {
        ran(pingpost().args(args).args(self.store()))
    }

    pub fn supplier(&self, name: &'static str) -> Supplier {
        let key = self.run(&["key", "new", "--supplier", name, "--json"]).done().json()["key"].as_str().unwrap().to_owned();
        Supplier { name, key }
    }

    /// Of every node's process from its next start on.
    pub fn set_environment(&mut self, name: &str, value: impl Into<String>) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.into()));
    }

    pub fn start(&mut self) -> Vec<String> {
        (0..self.nodes.len()).map(|number| self.start_node(number)).collect()
    }

    /// Starts a node, waits until it is ready, and says where it listens.
    pub fn start_node(&mut self, number: usize) -> String {
        let at = self.nodes[number].at.clone().unwrap_or_else(|| format!("127.0.0.1:{}", cluster::free_port()));
        let mut command = pingpost();
        command.args(["serve", "--listen", &at, "--log-filter", "warn"]).args(self.store());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let mut process = Running::start(&mut command);
        let url = process.announced("pingpost listens on ");
        let ready = format!("{url}/readyz");
        wait_for("a ready node", || Call::get(&ready).try_send().filter(|answer| answer.status == 200));
        let node = &mut self.nodes[number];
        node.at = url.strip_prefix("http://").map(str::to_owned);
        node.process = Some(process);
        url
    }

    /// SIGKILL, at once. Gives when.
    pub fn kill(&mut self, number: usize) -> Instant {
        let node = &mut self.nodes[number];
        let mut process = node.process.take().unwrap();
        process.signal("-KILL");
        let killed = now();
        assert!(!process.wait().success());
        node.said.push_str(&process.said());
        killed
    }

    /// SIGTERM to all nodes; each ends by itself.
    pub fn end(&mut self) {
        for node in &mut self.nodes {
            let Some(mut process) = node.process.take() else { continue };
            process.signal("-TERM");
            assert!(process.wait().success(), "{}", process.said());
            node.said.push_str(&process.said());
        }
    }

    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// What the nodes logged.
    pub fn said(&self) -> String {
        let of_node = |node: &Node| format!("{}{}", node.said, node.process.as_ref().map(Running::said).unwrap_or_default());
        self.nodes.iter().map(of_node).collect()
    }

    pub fn reader(&self) -> Box<dyn Reader> {
        match &self.database {
            Some(url) => Box::new(PostgresReader::connect(&Address::parse(url).unwrap(), Clock::Database).unwrap()),
            None => Box::new(SqliteReader::open(&self.data().join("exchange.db")).unwrap()),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let said = self.said();
        if std::thread::panicking() {
            let lines: Vec<&str> = said.lines().filter(|line| line.contains("ERROR") || line.contains("panic")).take(40).collect();
            eprintln!("the exchange said:\n{}", lines.join("\n"));
        } else {
            assert!(!said.contains("this is a bug"), "the exchange panicked: {said}");
        }
    }
}
