//! `pingpost copy --from DIR --to URL`: an embedded exchange moves to PostgreSQL.

use std::{io::IsTerminal, path::PathBuf, time::Duration};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use store::{Address, Moving};

use super::{Done, Failure, Output, master_key, serve::alone_on};
use crate::screen::{notice, print_json, say, table};

#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The directory of the embedded store; no `serve` may run on it
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The empty PostgreSQL database that it moves to
    #[arg(long, value_name = "URL", env = "PINGPOST_DATABASE", hide_env_values = true)]
    to: String,
    /// A file with the master key; otherwise PINGPOST_MASTER_KEY, otherwise DIR/master.key
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub fn copy(args: &CopyArgs) -> Done {
    let path = args.from.join("exchange.db");
    if !path.exists() {
        return Err(Failure(format!("{} holds no store", args.from.display())));
    }
    let address = Address::parse(&args.to).map_err(Failure::of)?;
    let alone = alone_on(&path)?;
    let master = master_key::find(args.master_key.as_deref(), &args.from, false)?;
    let moving = Moving::open(&path, &address, &master).map_err(Failure::of)?;
    let progress = progress(moving.rows().map_err(Failure::of)?);
    let copied = moving.run(|rows| progress.inc(rows)).map_err(Failure::of)?;
    progress.finish_and_clear();
    drop(alone);
    if args.output.json {
        let tables: Vec<_> = copied.iter().map(|table| json!({ "table": table.name, "rows": table.rows })).collect();
        print_json(&json!({ "to": address.place(), "tables": tables }));
    } else {
        let mut table = table(&["table", "rows on both sides"]);
        for row in &copied {
            table.add_row([row.name.to_owned(), row.rows.to_string()]);
        }
        say!("{table}");
    }
    notice(&format!("moved to {}: serve it with --database and the same master key; {} is no longer served", address.place(), args.from.display()));
    Ok(())
}

/// Shown where somebody looks, once it has taken a second.
fn progress(rows: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(rows);
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos} of {len} rows, {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}
