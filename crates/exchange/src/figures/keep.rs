//! What is made durable of figures: what is over, counted from leads and ledger once; what a node has counted itself; and the alerts that
//! figures raise.

use super::{
    booked::{Auctions, Booked},
    buyers::BuyerCounts,
    quarter::Quarter,
};
use crate::{
    alerts::{KeepAlertTry, KeepAlerts, KeepWatch},
    id::{BuyerName, NodeId, VerticalName},
    ledger::Account,
    money::Money,
};

/// None of it holds up a lead, and none touches a lead, a sale or money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    Figures(KeepFigures),
    Tallies(KeepTallies),
    Watch(KeepWatch),
    Alerts(KeepAlerts),
    AlertTry(KeepAlertTry),
}

/// Moves the instant up to which figures are kept, if it is still the one that the rows were counted from. Back, where clocks went back
/// past it: what was kept from there on is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepFigures {
    /// None before anything was kept.
    pub from: Option<Quarter>,
    pub until: Quarter,
    pub rows: Vec<QuarterFigures>,
    pub accounts: Vec<QuarterAccount>,
}

/// What was booked on an account in a quarter of an hour for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarterAccount {
    pub account: Account,
    pub quarter: Quarter,
    /// `sale`, `return`, `prepayment` or `payout`.
    pub cause: String,
    pub entries: u64,
    pub amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarterFigures {
    pub quarter: Quarter,
    pub vertical: VerticalName,
    pub booked: Booked,
}

/// All that a node has counted in a quarter of an hour so far: a later count of the same takes an earlier one's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepTallies {
    pub node: NodeId,
    pub quarter: Quarter,
    pub verticals: Vec<(VerticalName, Auctions)>,
    pub buyers: Vec<(BuyerName, BuyerCounts)>,
}
