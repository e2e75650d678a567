//! The memory of auctions that wait for their buyers: 1,000 pings at buyers that never answer.

use std::{fs, io::Write as _, net::TcpStream, path::Path, thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    Failure, clock,
    market::{self, Supplier},
    options::Options,
    report::{Goal, Report},
    servers::{Alone, Answering, BUYERS},
};

const AUCTIONS: usize = 1000;
/// Long enough to start all of them.
const DEADLINE_MS: u32 = 50_000;

#[expect(clippy::cast_precision_loss, reason = "kibibytes and sockets")]
pub fn measure(options: &Options, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let Alone { exchange, .. } = &Alone::start(folder, BUYERS, options.contracts, Answering::Never, DEADLINE_MS)?;
    let pings = fs::read_to_string(market::write_pings(folder)?)?;
    let key = exchange.authorization(Supplier::Indicative);
    let start = |count: usize| -> Result<Vec<TcpStream>, Failure> {
        let mut waiting = Vec::new();
        for (number, body) in pings.lines().cycle().take(count).enumerate() {
            let mut stream = TcpStream::connect(exchange.address)?;
            write!(
                stream,
                "POST /v1/pings/auto HTTP/1.1\r\nHost: {}\r\nAuthorization: {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                exchange.address,
                body.len()
            )?;
            waiting.push(stream);
            // No faster than an exchange under load would be asked.
            if number % 25 == 24 {
                sleep(Duration::from_millis(50));
            }
        }
        Ok(waiting)
    };
    // What is made once, for the first of all, is no auction's own.
    let first = start(20)?;
    wait_until(|| Ok(exchange.process.open_files()? > 20 * BUYERS), "the first pings")?;
    let (before, files) = (exchange.process.memory()?.resident, exchange.process.open_files()?);
    let waiting = start(AUCTIONS)?;
    // A machine with much other work may see some of them refused, which are not waiting then.
    let enough = AUCTIONS * 9 / 10;
    wait_until(|| Ok(exchange.process.open_files()? >= files + AUCTIONS + enough * BUYERS), "900 of 1,000 waiting auctions")?;
    sleep(Duration::from_secs(2));
    let (after, sockets) = (exchange.process.memory()?.resident, exchange.process.open_files()? - files);
    let each = after.saturating_sub(before) as f64 / ((sockets - AUCTIONS) / BUYERS) as f64;
    let row = vec![json!("pingpost"), json!(before / 1024), json!(after / 1024), json!(each), json!(sockets)];
    report.table("waiting", "1,000 auctions that wait for 10 buyers each", &["", "VmRSS MiB before", "while they wait", "KiB each", "sockets"], &[row]);
    report.goal("memory of each of 1,000 waiting auctions, 10 pings outstanding, KiB", each, Goal::AtMost(128.0));
    drop((first, waiting));
    Ok(())
}

fn wait_until(is_so: impl Fn() -> Result<bool, Failure>, what: &str) -> Result<(), Failure> {
    let began = clock::now();
    while !is_so()? {
        if began.elapsed() > Duration::from_secs(30) {
            return Err(Failure(format!("{what}: not there within 30 s")));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}
