//! Latency at half of what the exchange carries: the same constant rate for the raw fan-out and for the exchange, and beside it
//! what a durable write takes on this disk in the same round.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::json;

use crate::{
    Failure,
    disk::{self, Sync},
    market::{self, Supplier},
    open_loop::{self, Latency},
    options::Options,
    report::{Goal, Report},
    servers::{BUYERS, Servers},
    statistics::median,
    wrk::{Target, Wrk},
};

struct Round {
    raw: Latency,
    ours: Latency,
    quiet: Sync,
    loaded: Sync,
}

pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let servers = Servers::start(folder, options.contracts)?;
    let pings = market::write_pings(folder)?;
    let key = servers.exchange.authorization(Supplier::Indicative);
    let (bid, net) = (format!(r#""bid":"{}""#, market::best_bid(BUYERS)), format!(r#""status":"matched","price":"{}""#, market::best_net(BUYERS)));
    let raw = Target { address: servers.addresses[0], path: "/ping", authorization: "Bearer none", bodies: &pings, expected: &bid };
    let ours = Target { address: servers.exchange.address, path: "/v1/pings/auto", authorization: &key, bodies: &pings, expected: &net };
    let wrk = Wrk::new(folder)?;
    // The first requests find nothing at hand; they may be few, and are nobody's measure.
    drop(wrk.load(&ours, options.seconds));
    let full = wrk.load(&ours, options.seconds)?;
    let rate = (full.per_second / 2.0).round();
    let mut rounds = Vec::new();
    for round in 0..options.rounds {
        report.progress(&format!("latency: round {} of {}, {rate} auctions/s", round + 1, options.rounds));
        open_loop::load(&raw, rate, 1)?;
        open_loop::load(&ours, rate, 1)?;
        rounds.push(Round {
            raw: open_loop::load(&raw, rate, options.seconds)?.latency(),
            ours: open_loop::load(&ours, rate, options.seconds)?.latency(),
            quiet: disk::sync(folder, Duration::from_secs(1))?,
            loaded: synced_under_load(folder, &ours, rate)?,
        });
    }
    for (name, latency) in rounds.iter().flat_map(|round| [("raw", round.raw), ("pingpost", round.ours)]) {
        if latency.wrong > 0.0 {
            report.void(&format!("latency: {name}: {} of {} answers were wrong", latency.wrong, latency.answers));
        }
    }
    tell(&rounds, rate, report);
    Ok(())
}

/// The disk's time while the exchange commits to it, in a load of its own that measures nothing else.
fn synced_under_load(folder: &Path, target: &Target<'_>, rate: f64) -> Result<Sync, Failure> {
    let mut load = open_loop::command(target, rate, 3)?.stdout(Stdio::null()).spawn()?;
    std::thread::sleep(Duration::from_millis(700));
    let sync = disk::sync(folder, Duration::from_secs(2));
    load.wait()?;
    sync
}

fn tell(rounds: &[Round], rate: f64, report: &mut Report) {
    let middle = |figure: &dyn Fn(&Round) -> f64| median(&rounds.iter().map(figure).collect::<Vec<_>>());
    let row = |name: &str, p50: &dyn Fn(&Round) -> f64, p99: &dyn Fn(&Round) -> f64, p999: Option<&dyn Fn(&Round) -> f64>| {
        vec![json!(name), json!(middle(p50)), json!(middle(p99)), p999.map_or(json!(""), |figure| json!(middle(figure)))]
    };
    let rows = [
        row("raw fan-out (tokio)", &|round| round.raw.p50, &|round| round.raw.p99, Some(&|round| round.raw.p999)),
        row("pingpost", &|round| round.ours.p50, &|round| round.ours.p99, Some(&|round| round.ours.p999)),
        row(
            "pingpost minus raw",
            &|round| round.ours.p50 - round.raw.p50,
            &|round| round.ours.p99 - round.raw.p99,
            Some(&|round| round.ours.p999 - round.raw.p999),
        ),
        row("fdatasync, quiet", &|round| round.quiet.p50, &|round| round.quiet.p99, None),
        row("fdatasync, under that load", &|round| round.loaded.p50, &|round| round.loaded.p99, None),
    ];
    let title = format!("Latency at {rate} auctions/s, half of what pingpost carries; open loop, from the moment a request was due");
    report.table("latency", &title, &["ms", "p50", "p99", "p99.9"], &rows);
    let above = |figure: fn(&Round) -> f64| middle(&move |round| figure(round));
    report.goal(
        "latency at half load, pingpost minus raw minus fdatasync, p50, ms",
        above(|round| round.ours.p50 - round.raw.p50 - round.loaded.p50),
        Goal::AtMost(0.3),
    );
    report.goal("the same, p99, ms", above(|round| round.ours.p99 - round.raw.p99 - round.loaded.p99), Goal::AtMost(2.0));
}
