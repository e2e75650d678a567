//! The rules: pure functions of figures. Each says what is past its threshold, and what is well behind it.

use std::collections::BTreeMap;

use super::{AlertKey, AlertKind, AlertRules, Level};
use crate::{
    cap::{Cap, Limit, Usage},
    figures::{Booked, BuyerCounts, Measure},
    id::{BuyerName, ContractKey, VerticalName},
    money::Money,
};

/// Fewer pings than these say nothing of a buyer.
const FEWEST_PINGS: u64 = 20;
/// Fewer leads than these in an hour say nothing of a vertical.
const FEWEST_LEADS: u64 = 20;

/// What the rules look at, as of one moment.
#[derive(Clone, Debug, Default)]
pub struct AlertInputs {
    pub contracts: Vec<ContractInputs>,
    pub buyers: Vec<BuyerInputs>,
    pub verticals: Vec<VerticalInputs>,
    /// Posts whose outcome nobody knows, for longer than the rules let them wait.
    pub unknown_posts: u64,
    /// Notices that were not delivered, for longer than the rules let them wait.
    pub undelivered_notices: u64,
    pub disk: Option<DiskInputs>,
}

/// A contract that may be offered something now.
#[derive(Clone, Debug)]
pub struct ContractInputs {
    pub contract: ContractKey,
    pub caps: Vec<(Cap, Usage)>,
}

/// A buyer with at least one contract that may be offered something now.
#[derive(Clone, Debug)]
pub struct BuyerInputs {
    pub buyer: BuyerName,
    /// What it may still spend; none where that isn't known.
    pub available: Option<Money>,
    /// Of the last quarter of an hour and the present one.
    pub recent: BuyerCounts,
    /// Of the day before that.
    pub before: BuyerCounts,
}

#[derive(Clone, Debug)]
pub struct VerticalInputs {
    pub vertical: VerticalName,
    /// Of the last hour.
    pub hour: Booked,
    /// Of the same hour a week before.
    pub week_before: Booked,
}

#[derive(Clone, Copy, Debug)]
pub struct DiskInputs {
    /// In bytes.
    pub free: u64,
    pub total: u64,
}

/// What the rules say of everything that they know.
#[must_use]
pub fn readings(rules: &AlertRules, inputs: &AlertInputs) -> BTreeMap<AlertKey, Level> {
    let mut readings = BTreeMap::new();
    let mut say = |kind, about: String, level| {
        readings.insert(AlertKey { kind, about }, level);
    };
    for ContractInputs { contract, caps } in &inputs.contracts {
        for (cap, used) in caps {
            say(AlertKind::CapNearlyFull, format!("{contract} {}", cap_name(cap)), cap_level(rules, contract, cap, used));
        }
    }
    for buyer in &inputs.buyers {
        if let Some(available) = buyer.available {
            say(AlertKind::CreditLow, buyer.buyer.to_string(), credit_level(rules, &buyer.buyer, available));
        }
        say(AlertKind::BuyerFailing, buyer.buyer.to_string(), buyer_level(rules, buyer));
    }
    for vertical in &inputs.verticals {
        say(AlertKind::SoldShareDropped, vertical.vertical.to_string(), sold_share_level(rules, vertical));
    }
    say(AlertKind::PostsUnknown, String::new(), waiting(inputs.unknown_posts, "posts", "nobody knows what came of them", rules.unknown_minutes));
    say(AlertKind::NoticesUndelivered, String::new(), waiting(inputs.undelivered_notices, "notices", "suppliers have not heard them", rules.notices_minutes));
    if let Some(disk) = inputs.disk {
        say(AlertKind::DiskNearlyFull, String::new(), disk_level(rules, disk));
    }
    readings
}

fn cap_name(cap: &Cap) -> String {
    let limit = match cap.limit {
        Limit::Count(_) => "count",
        Limit::Spend(_) => "spend",
    };
    format!("{limit} per {}", cap.per.word())
}

fn cap_level(rules: &AlertRules, contract: &ContractKey, cap: &Cap, used: &Usage) -> Level {
    let (used, most, told) = match cap.limit {
        Limit::Count(most) => (used.count, most, format!("{} of {most}", used.count)),
        Limit::Spend(most) => (used.spend.micros().unsigned_abs(), most.micros().unsigned_abs(), format!("{} of {most}", used.spend)),
    };
    let percent = u128::from(used) * 100;
    if percent >= u128::from(most) * u128::from(rules.cap_percent) {
        return Level::Bad(format!("{contract} has used {told} per {}: it stops buying when that is full", cap.per.word()));
    }
    // A window that begins anew is far from it at once.
    if percent < u128::from(most) * u128::from(rules.cap_percent.saturating_sub(10)) { Level::Good } else { Level::Unclear }
}

fn credit_level(rules: &AlertRules, buyer: &BuyerName, available: Money) -> Level {
    if available < rules.credit_below {
        return Level::Bad(format!("{buyer} can spend {available} more: it stops buying when that is gone"));
    }
    let enough = Money::from_micros(rules.credit_below.micros() + rules.credit_below.micros() / 5);
    if available >= enough { Level::Good } else { Level::Unclear }
}

/// What is wrong with a buyer, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuyerTrouble {
    /// Most calls to it had failed, and pings were kept from it.
    LeftAlone(u64),
    /// Nothing usable came to so many of so many pings, and in time to so many fewer.
    Failing { failures: u64, time_outs: u64, pings: u64 },
    /// It bids on so many per mille of its pings, and did on so many the day before.
    BidsLess { now: u64, before: u64 },
    /// It rejects so many of so many posts.
    Rejects { rejected: u64, posts: u64 },
}

impl std::fmt::Display for BuyerTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LeftAlone(pings) => write!(f, "most calls to it failed, so it was spared {pings} pings"),
            Self::Failing { failures, time_outs, pings } => write!(f, "nothing usable came to {failures} of {pings} pings, {time_outs} of them timed out"),
            Self::BidsLess { now, before } => {
                write!(f, "it bids on {}.{} % of its pings, and did on {}.{} % over the day before", now / 10, now % 10, before / 10, before % 10)
            }
            Self::Rejects { rejected, posts } => write!(f, "it rejected {rejected} of {posts} posts"),
        }
    }
}

/// The worst that is to be said of a buyer, if anything is.
#[must_use]
pub fn trouble(rules: &AlertRules, recent: &BuyerCounts, before: &BuyerCounts) -> Option<BuyerTrouble> {
    if recent.left_alone > 0 {
        return Some(BuyerTrouble::LeftAlone(recent.left_alone));
    }
    if recent.pings >= FEWEST_PINGS && recent.failures * 100 >= recent.pings * u64::from(rules.failing_percent) {
        return Some(BuyerTrouble::Failing { failures: recent.failures, time_outs: recent.time_outs, pings: recent.pings });
    }
    let (now, then) = (bid_rate(recent), bid_rate(before));
    if let (Some(now), Some(then)) = (now, then)
        && then > 0
        && now * 100 <= then * u64::from(rules.bid_rate_percent)
    {
        return Some(BuyerTrouble::BidsLess { now, before: then });
    }
    let judged = recent.accepted + recent.rejected;
    (judged >= FEWEST_REJECTED && recent.rejected * 2 >= judged).then_some(BuyerTrouble::Rejects { rejected: recent.rejected, posts: judged })
}

/// Fewer posts than these say nothing of how many a buyer rejects.
const FEWEST_REJECTED: u64 = 5;

/// In per mille, where there is enough to judge by.
fn bid_rate(counts: &BuyerCounts) -> Option<u64> {
    Measure::per_mille(counts.bids, counts.pings).filter(|_| counts.pings >= FEWEST_PINGS)
}

fn buyer_level(rules: &AlertRules, buyer: &BuyerInputs) -> Level {
    let BuyerInputs { buyer, recent, before, .. } = buyer;
    if let Some(trouble) = trouble(rules, recent, before) {
        return Level::Bad(format!("{buyer}: {trouble}"));
    }
    // Half as far as what raises it, on enough to judge by.
    let is_well = recent.pings >= FEWEST_PINGS
        && recent.failures * 200 < recent.pings * u64::from(rules.failing_percent)
        && match (bid_rate(recent), bid_rate(before)) {
            (Some(now), Some(then)) => now * 100 >= then * u64::from(rules.bid_rate_percent * 3 / 2).min(90),
            _ => true,
        }
        && recent.rejected * 3 <= recent.accepted + recent.rejected;
    if is_well { Level::Good } else { Level::Unclear }
}

fn sold_share_level(rules: &AlertRules, vertical: &VerticalInputs) -> Level {
    let VerticalInputs { vertical, hour, week_before } = vertical;
    let share = |booked: &Booked| Measure::per_mille(booked.sold, booked.received).filter(|_| booked.received >= FEWEST_LEADS);
    let (Some(now), Some(then)) = (share(hour), share(week_before)) else { return Level::Unclear };
    if now * 100 <= then * u64::from(rules.sold_share_percent) && now < then {
        let told = |share: u64| format!("{}.{} %", share / 10, share % 10);
        return Level::Bad(format!("{vertical}: {} of the leads of the last hour were sold, and {} in the same hour a week before", told(now), told(then)));
    }
    if now * 100 >= then * u64::from((rules.sold_share_percent + 10).min(100)) { Level::Good } else { Level::Unclear }
}

fn waiting(count: u64, what: &str, why: &str, minutes: u32) -> Level {
    if count == 0 { Level::Good } else { Level::Bad(format!("{count} {what} wait for more than {minutes} minutes: {why}")) }
}

/// A tenth of a large disk is room for weeks, and 10 GiB are all that some have.
fn disk_level(rules: &AlertRules, disk: DiskInputs) -> Level {
    let is_below =
        |percent: u32, gib: u128| u128::from(disk.free) * 100 < u128::from(disk.total) * u128::from(percent) && u128::from(disk.free) * 10 < (gib << 30);
    let gib = u128::from(rules.disk_gib);
    if is_below(rules.disk_percent, gib * 10) {
        return Level::Bad(format!("the disk of the store has {} MiB free: new leads are refused when it is full", disk.free >> 20));
    }
    // A fifth more than what raises it.
    if is_below(rules.disk_percent + rules.disk_percent.div_ceil(5), gib * 12) { Level::Unclear } else { Level::Good }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cap::Period;

    const RULES: fn() -> AlertRules = AlertRules::default;

    fn told(level: &Level) -> &'static str {
        match level {
            Level::Bad(_) => "bad",
            Level::Unclear => "unclear",
            Level::Good => "good",
        }
    }

    fn pings(pings: u64, bids: u64, failures: u64) -> BuyerCounts {
        BuyerCounts { pings, bids, failures, time_outs: failures, ..BuyerCounts::default() }
    }

    #[test]
    fn caps_and_credit() {
        let contract: ContractKey = "acme/west".parse().unwrap();
        let count = |used| cap_level(&RULES(), &contract, &Cap { limit: Limit::Count(100), per: Period::Day }, &Usage { count: used, spend: Money::ZERO });
        assert_eq!([0, 79, 80, 89, 90, 100].map(|used| told(&count(used))), ["good", "good", "unclear", "unclear", "bad", "bad"]);
        let spend = Cap { limit: Limit::Spend(Money::from_units(1000)), per: Period::Month };
        let spent = |units| cap_level(&RULES(), &contract, &spend, &Usage { count: 1, spend: Money::from_units(units) });
        assert_eq!(spent(950), Level::Bad("acme/west has used 950.00 of 1000.00 per month: it stops buying when that is full".into()));
        let credit = |units| credit_level(&RULES(), &contract.buyer, Money::from_units(units));
        assert_eq!([-5, 99, 100, 119, 120].map(|units| told(&credit(units))), ["bad", "bad", "unclear", "unclear", "good"]);
    }

    #[test]
    fn a_buyer_fails_in_several_ways() {
        let level = |recent: &BuyerCounts, before: &BuyerCounts| {
            let inputs = BuyerInputs { buyer: "acme".parse().unwrap(), available: None, recent: recent.clone(), before: before.clone() };
            buyer_level(&RULES(), &inputs)
        };
        let usual = pings(1000, 600, 5);
        for (recent, expected, what) in [
            (pings(100, 60, 0), "good", "as it was"),
            (pings(100, 40, 49), "unclear", "not yet half fail"),
            (pings(100, 40, 50), "bad", "half fail"),
            (pings(19, 0, 19), "unclear", "too few to say"),
            (pings(100, 18, 0), "bad", "bids collapse to 30 % of the day's rate"),
            (pings(100, 20, 0), "unclear", "few, and more than that"),
            (pings(100, 27, 0), "good", "enough again"),
            (BuyerCounts { left_alone: 1, ..pings(0, 0, 0) }, "bad", "left alone"),
            (BuyerCounts { accepted: 2, rejected: 3, ..pings(100, 60, 0) }, "bad", "rejects most"),
            (BuyerCounts { accepted: 2, rejected: 2, ..pings(100, 60, 0) }, "unclear", "rejects half of too few"),
        ] {
            assert_eq!(told(&level(&recent, &usual)), expected, "{what}");
        }
        assert_eq!(told(&level(&pings(100, 0, 0), &pings(1000, 0, 0))), "good", "one that never bids hasn't collapsed");
        assert!(BuyerTrouble::LeftAlone(1) < BuyerTrouble::Failing { failures: 1, time_outs: 0, pings: 1 }, "the worst comes first");
    }

    #[test]
    fn a_sold_share_drops_against_the_week_before() {
        let of = |received, sold| Booked { received, sold, ..Booked::default() };
        let level = |hour, week_before| sold_share_level(&RULES(), &VerticalInputs { vertical: "solar".parse().unwrap(), hour, week_before });
        let before = of(100, 60);
        assert_eq!([36, 41, 42, 60].map(|sold| told(&level(of(100, sold), before))), ["bad", "unclear", "good", "good"]);
        assert_eq!(told(&level(of(19, 0), before)), "unclear", "too few to say");
        assert_eq!(told(&level(of(100, 0), of(100, 0))), "good", "it never sold any");
        assert_eq!(told(&level(of(100, 0), of(0, 0))), "unclear", "there is nothing to compare with");
    }

    #[test]
    fn a_disk_is_nearly_full_by_its_share_and_by_what_is_left() {
        let level = |free_gib: u64, total_gib: u64| told(&disk_level(&RULES(), DiskInputs { free: free_gib << 30, total: total_gib << 30 }));
        assert_eq!([25, 12, 11, 10, 9].map(|free| level(free, 1000)), ["good", "good", "unclear", "unclear", "bad"], "a large one: by GiB");
        assert_eq!([9, 3, 2, 1].map(|free| level(free, 20)), ["good", "good", "unclear", "bad"], "a small one: by its share");
    }

    #[test]
    fn everything_has_a_reading() {
        let disk = Some(DiskInputs { free: 9 << 30, total: 100 << 30 });
        let inputs = AlertInputs { unknown_posts: 2, undelivered_notices: 0, disk, ..AlertInputs::default() };
        let readings: Vec<String> = readings(&RULES(), &inputs).iter().map(|(key, level)| format!("{key}: {}", told(level))).collect();
        assert_eq!(readings, ["posts_unknown: bad", "notices_undelivered: good", "disk_nearly_full: bad"]);
    }
}
