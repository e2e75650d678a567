//! How a buyer does: the figures of its calls, counted by the nodes that make them.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::{measure::Measure, times::Times};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyerCounts {
    pub pings: u64,
    pub bids: u64,
    pub time_outs: u64,
    /// Time-outs among them.
    pub failures: u64,
    pub posts: u64,
    pub accepted: u64,
    pub rejected: u64,
    /// Pings that were not sent.
    pub busy: u64,
    pub left_alone: u64,
    /// One for each ping.
    pub times: Times,
}

impl AddAssign<&BuyerCounts> for BuyerCounts {
    fn add_assign(&mut self, other: &BuyerCounts) {
        self.pings += other.pings;
        self.bids += other.bids;
        self.time_outs += other.time_outs;
        self.failures += other.failures;
        self.posts += other.posts;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.busy += other.busy;
        self.left_alone += other.left_alone;
        self.times += &other.times;
    }
}

/// A figure of a buyer by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuyerFigure {
    Pings,
    Bids,
    BidRate,
    Wins,
    WinRate,
    TimeOuts,
    Failures,
    Accepted,
    Rejects,
    Busy,
    LeftAlone,
    LatencyMedian,
    LatencySlowest,
}

impl BuyerFigure {
    pub const ALL: [Self; 13] = [
        Self::Pings,
        Self::Bids,
        Self::BidRate,
        Self::Wins,
        Self::WinRate,
        Self::TimeOuts,
        Self::Failures,
        Self::Accepted,
        Self::Rejects,
        Self::Busy,
        Self::LeftAlone,
        Self::LatencyMedian,
        Self::LatencySlowest,
    ];

    /// As programs name it, its unit last.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pings => "pings",
            Self::Bids => "bids",
            Self::BidRate => "bid_percent",
            Self::Wins => "wins",
            Self::WinRate => "win_percent",
            Self::TimeOuts => "time_outs",
            Self::Failures => "failures",
            Self::Accepted => "accepted",
            Self::Rejects => "rejects",
            Self::Busy => "spared_busy",
            Self::LeftAlone => "spared_left_alone",
            Self::LatencyMedian => "latency_p50_ms",
            Self::LatencySlowest => "latency_p99_ms",
        }
    }

    /// As people name it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pings => "Pings",
            Self::Bids => "Bids",
            Self::BidRate => "Bid rate",
            Self::Wins => "Wins",
            Self::WinRate => "Win rate",
            Self::TimeOuts => "Time-outs",
            Self::Failures => "Failures",
            Self::Accepted => "Accepted",
            Self::Rejects => "Rejects",
            Self::Busy => "Spared, busy",
            Self::LeftAlone => "Spared, left alone",
            Self::LatencyMedian => "Latency, p50",
            Self::LatencySlowest => "Latency, p99",
        }
    }

    #[must_use]
    pub fn definition(self) -> &'static str {
        match self {
            Self::Pings => "Pings that were sent to the buyer: not those that it was spared.",
            Self::Bids => "Pings that it answered with a price, whether the rules admitted it or not.",
            Self::BidRate => "Bids per ping.",
            Self::Wins => "Leads whose contact was sent to it. A contract with a fixed price wins without a bid.",
            Self::WinRate => "Wins per bid.",
            Self::TimeOuts => "Pings to which nothing came in time.",
            Self::Failures => "Pings to which nothing usable came: time-outs, connections that failed, answers that can't be read.",
            Self::Accepted => "Posts that it accepted at once.",
            Self::Rejects => "Posts that it rejected.",
            Self::Busy => "Pings that it was spared because as many as it takes were under way.",
            Self::LeftAlone => "Pings that it was spared because most calls to it had failed.",
            Self::LatencyMedian => "From a ping's first byte to its answer: half of the pings took no longer. Counted in buckets, at most a quarter too long.",
            Self::LatencySlowest => "From a ping's first byte to its answer: 99 of 100 pings took no longer. Counted in buckets, at most a quarter too long.",
        }
    }

    #[must_use]
    pub fn of(self, counts: &BuyerCounts) -> Measure {
        let time = |per_mille| counts.times.quantile(per_mille).map_or(Measure::Nothing, Measure::Time);
        match self {
            Self::Pings => Measure::Count(counts.pings),
            Self::Bids => Measure::Count(counts.bids),
            Self::BidRate => Measure::Share(counts.bids, counts.pings),
            Self::Wins => Measure::Count(counts.posts),
            Self::WinRate => Measure::Share(counts.posts, counts.bids),
            Self::TimeOuts => Measure::Count(counts.time_outs),
            Self::Failures => Measure::Count(counts.failures),
            Self::Accepted => Measure::Count(counts.accepted),
            Self::Rejects => Measure::Count(counts.rejected),
            Self::Busy => Measure::Count(counts.busy),
            Self::LeftAlone => Measure::Count(counts.left_alone),
            Self::LatencyMedian => time(500),
            Self::LatencySlowest => time(990),
        }
    }
}
