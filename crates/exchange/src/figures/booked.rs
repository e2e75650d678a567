//! The figures of leads, money and auctions.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::{measure::Measure, times::Times};
use crate::money::Money;

/// What the leads and the ledger say of a period: whole numbers that add up over periods and verticals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    pub received: u64,
    pub sold: u64,
    pub sales: u64,
    pub revenue: Money,
    pub payout: Money,
    pub margin: Money,
    pub returns: u64,
    pub returned: Money,
}

impl AddAssign<Booked> for Booked {
    fn add_assign(&mut self, other: Booked) {
        self.received += other.received;
        self.sold += other.sold;
        self.sales += other.sales;
        self.revenue += other.revenue;
        self.payout += other.payout;
        self.margin += other.margin;
        self.returns += other.returns;
        self.returned += other.returned;
    }
}

/// What nodes counted of the runs of a vertical. It is of no money, and a node that is killed takes its last seconds with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auctions {
    pub pings: u64,
    pub matched: u64,
    /// One for each auction.
    pub times: Times,
}

impl AddAssign<&Auctions> for Auctions {
    fn add_assign(&mut self, other: &Auctions) {
        self.pings += other.pings;
        self.matched += other.matched;
        self.times += &other.times;
    }
}

/// All of one period and vertical, or of several together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub booked: Booked,
    pub auctions: Auctions,
}

impl AddAssign<&Figures> for Figures {
    fn add_assign(&mut self, other: &Figures) {
        self.booked += other.booked;
        self.auctions += &other.auctions;
    }
}

/// A figure by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    Received,
    Sold,
    SoldShare,
    Sales,
    Revenue,
    Payout,
    Margin,
    EarningsPerLead,
    Returns,
    Returned,
    Pings,
    Matched,
    AuctionMedian,
    AuctionSlowest,
}

impl Figure {
    pub const ALL: [Self; 14] = [
        Self::Received,
        Self::Sold,
        Self::SoldShare,
        Self::Sales,
        Self::Revenue,
        Self::Payout,
        Self::Margin,
        Self::EarningsPerLead,
        Self::Returns,
        Self::Returned,
        Self::Pings,
        Self::Matched,
        Self::AuctionMedian,
        Self::AuctionSlowest,
    ];

    /// As programs name it, its unit last.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sold => "sold",
            Self::SoldShare => "sold_percent",
            Self::Sales => "sales",
            Self::Revenue => "revenue",
            Self::Payout => "payout",
            Self::Margin => "margin",
            Self::EarningsPerLead => "earnings_per_lead",
            Self::Returns => "returns",
            Self::Returned => "returned",
            Self::Pings => "pings",
            Self::Matched => "matched",
            Self::AuctionMedian => "auction_p50_ms",
            Self::AuctionSlowest => "auction_p99_ms",
        }
    }

    /// As people name it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "Leads received",
            Self::Sold => "Leads sold",
            Self::SoldShare => "Sold share",
            Self::Sales => "Sales",
            Self::Revenue => "Revenue",
            Self::Payout => "Supplier payout",
            Self::Margin => "Margin",
            Self::EarningsPerLead => "Earnings per lead",
            Self::Returns => "Returns",
            Self::Returned => "Returned",
            Self::Pings => "Pings received",
            Self::Matched => "Pings matched",
            Self::AuctionMedian => "Auction time, p50",
            Self::AuctionSlowest => "Auction time, p99",
        }
    }

    #[must_use]
    pub fn definition(self) -> &'static str {
        match self {
            Self::Received => "Leads that suppliers sent with their contact and that were taken on, duplicates among them, by when they came in.",
            Self::Sold => {
                "Leads of which the first sale was booked, by when it was booked. A lead counts once, however many buyers share it, and stays counted when it is returned."
            }
            Self::SoldShare => "Leads sold per lead received in the same period.",
            Self::Sales => "Sales booked: one for each buyer that a lead was sold to.",
            Self::Revenue => "What buyers were charged for sales, less what they were given back for returns, by when each was booked.",
            Self::Payout => "What suppliers earned by sales, less what returns took back. It is not what they were paid.",
            Self::Margin => "What the exchange kept: revenue less supplier payout, to the millionth.",
            Self::EarningsPerLead => "Supplier payout per lead received in the same period.",
            Self::Returns => "Sales that were reversed because a return was accepted, by when it was.",
            Self::Returned => "What buyers were given back for returns. It is taken off the revenue already.",
            Self::Pings => "Pings of suppliers that were answered, matched or not.",
            Self::Matched => "Pings of suppliers that were answered with a price.",
            Self::AuctionMedian => {
                "From the first tier's start to the winner or to nobody: half of the auctions took no longer. Counted in buckets, at most a quarter too long."
            }
            Self::AuctionSlowest => {
                "From the first tier's start to the winner or to nobody: 99 of 100 auctions took no longer. Counted in buckets, at most a quarter too long."
            }
        }
    }

    #[must_use]
    pub fn of(self, figures: &Figures) -> Measure {
        let Figures { booked, auctions } = figures;
        let time = |per_mille| auctions.times.quantile(per_mille).map_or(Measure::Nothing, Measure::Time);
        match self {
            Self::Received => Measure::Count(booked.received),
            Self::Sold => Measure::Count(booked.sold),
            Self::SoldShare => Measure::Share(booked.sold, booked.received),
            Self::Sales => Measure::Count(booked.sales),
            Self::Revenue => Measure::Money(booked.revenue),
            Self::Payout => Measure::Money(booked.payout),
            Self::Margin => Measure::Money(booked.margin),
            Self::EarningsPerLead => Measure::each(booked.payout, booked.received),
            Self::Returns => Measure::Count(booked.returns),
            Self::Returned => Measure::Money(booked.returned),
            Self::Pings => Measure::Count(auctions.pings),
            Self::Matched => Measure::Count(auctions.matched),
            Self::AuctionMedian => time(500),
            Self::AuctionSlowest => time(990),
        }
    }
}
