//! The memory of runs by themselves: 50,000 pings that wait for ten buyers each, without a socket or a task.

use std::{fs, path::Path, sync::Arc, time::Duration};

use exchange::{
    facts::{ContractFacts, Facts, Seed},
    flow::{
        Limits, Run, RunStart, Task,
        effect::{Answer, Effect, Event, NumberedEffect},
    },
    id::{NodeId, PingId},
    money::Money,
    time::Now,
};
use serde_json::json;

use crate::{
    Failure,
    market::{self, read::AT},
    options::Options,
    report::{Goal, Report},
};

const RUNS: usize = 50_000;
const PINGS: usize = 10;

#[expect(clippy::cast_precision_loss, reason = "kibibytes")]
pub fn measure(options: &Options, _: &Path, report: &mut Report) -> Result<(), Failure> {
    report.progress("runs: 50,000 of them");
    let market = Arc::new(market::read(options.contracts.max(PINGS))?);
    let pings = market::pings(&market)?;
    let start = |number: usize| -> Result<Run, Failure> {
        let parts = market.parts();
        let (Some(supplier), Some(vertical)) = (parts.suppliers.first(), parts.verticals.first()) else { return Err(Failure("no supplier".into())) };
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let task = Task::Ping { ping: PingId::from_bytes(id), sealed: None, idempotency: None, node: NodeId::from_bytes([0; 16]) };
        let start = RunStart {
            market: Arc::clone(&market),
            supplier: supplier.name.clone(),
            vertical: vertical.name.clone(),
            test: false,
            attributes: pings[number % pings.len()].clone(),
            limits: Limits::default(),
            evidence: None,
            seed: Seed([1; 32]),
            task,
        };
        waiting(start)
    };
    // What is made once, the market's index above all, is no run's own.
    drop(start(0)?);
    let before = resident()?;
    let runs = (0..RUNS).map(start).collect::<Result<Vec<_>, _>>()?;
    let after = resident()?;
    let each = (after - before) / RUNS as f64;
    report.table(
        "runs",
        "50,000 runs that wait for 10 buyers each, without sockets",
        &["", "VmRSS MiB before", "after", "KiB each"],
        &[vec![json!("runs"), json!(before / 1024.0), json!(after / 1024.0), json!(each)]],
    );
    report.goal("memory of each of 50,000 runs without sockets, 10 pings outstanding, KiB", each, Goal::AtMost(4.0));
    drop(runs);
    Ok(())
}

/// Starts a run, and gives it its facts: then its pings are out.
fn waiting(start: RunStart) -> Result<Run, Failure> {
    let now = Now { elapsed: Duration::ZERO, at: AT };
    let (mut run, mut effects) = Run::start(start, now)?;
    let mut pings = 0;
    while let Some(NumberedEffect { id, effect }) = effects.pop() {
        match effect {
            Effect::Facts(request) => {
                let of = |contract: &_| ContractFacts { available: Money::from_units(1_000_000), ..ContractFacts::untouched(*contract) };
                let facts = Facts { contracts: request.contracts.iter().map(of).collect(), round: 0 };
                effects.extend(run.step(now, Event { effect: id, answer: Answer::Facts(facts) }));
            }
            Effect::Ping(_) => pings += 1,
            _ => {}
        }
    }
    if pings == PINGS { Ok(run) } else { Err(Failure(format!("runs: {pings} pings are out, not {PINGS}"))) }
}

/// In KiB.
fn resident() -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}
