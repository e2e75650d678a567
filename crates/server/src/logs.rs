//! Logs: structured, to standard error, and without anything of a lead. What is never logged stands in docs/logging.md.

use std::{io::IsTerminal, panic};

use clap::ValueEnum;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// Writes the path of every request, whatever stands in it.
const TELLS_PATHS: &str = "tower_http::csrf=off";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Sets up logging for the process. `filter` is in the words of tracing's filters, like `info` or `pingpost=debug`.
pub fn start(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = match TELLS_PATHS.parse() {
        Ok(off) => filter.add_directive(off),
        Err(_) => filter,
    };
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        LogFormat::Text => logs.try_init(),
        LogFormat::Json => logs.json().try_init(),
    };
    // A second call in one process, as in a test, keeps the first.
    drop(started);
    // A panic's message may hold whatever was being worked on: only its place is logged.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: this is a bug");
    }));
}
