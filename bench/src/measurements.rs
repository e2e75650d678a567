//! All measurements, in their order.

use std::path::Path;

use crate::{Failure, auction, console, history, latency, mapped, matching, options::Options, report::Report, runs, sale, slow, waiting, width, writer};

pub type Measure = fn(&Options, &Path, &mut Report) -> Result<(), Failure>;

/// Each by its name, and what it is.
pub const MEASUREMENTS: [(&str, &str, Measure); 12] = [
    ("auction", "closed loop: CPU, auctions per second and latency of an auction, beside the comparison servers", auction::measure),
    ("latency", "open loop at half of what the exchange carries: its latency, the raw fan-out's, and fdatasync's", latency::measure),
    ("width", "CPU of a ping where 8 and where 64 buyers are asked", width::measure),
    ("history", "CPU of an auction after an hour of recorded auctions, and after a day", history::measure),
    ("mapped", "CPU of an auction with buyers that have an interface of their own, in JSON and in XML, beside native ones", mapped::measure),
    ("sale", "CPU of a direct sale, beside an auction's", sale::measure),
    ("slow", "auctions of buyers that take 40 to 400 ms, or never answer", slow::measure),
    ("waiting", "memory of 1,000 auctions that wait for 10 buyers each", waiting::measure),
    ("runs", "memory of 50,000 runs without sockets", runs::measure),
    ("writer", "direct sales through the server's writer, beside a bare loop that writes the same rows", writer::measure),
    ("console", "pages of the console beside 1,000,000 leads, and auctions beside people who read them", console::measure),
    ("match", "who of 1,000 to 1,000,000 contracts takes a lead: by the index, and by asking each", matching::measure),
];

/// For whoever chooses among them.
pub fn known() -> Vec<(&'static str, &'static str)> {
    MEASUREMENTS.iter().map(|(name, what, _)| (*name, *what)).collect()
}
