//! Alerts: what an operator should look at, and why. Rules over figures give readings; what stands is raised and cleared by them.
//!
//! A rule has two thresholds: past the first an alert is raised, and only behind the second it is cleared. What lies between, and
//! what there is too little of to judge by, leaves it as it is. So a figure that wavers about a threshold raises one alert, not many.

mod keep;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use url::Url;

pub use keep::{AlertChange, AlertMessage, AlertWay, KeepAlertTry, KeepAlerts, KeepWatch};
pub use rules::{AlertInputs, BuyerInputs, BuyerTrouble, ContractInputs, DiskInputs, VerticalInputs, readings, trouble};

use crate::{buyer::Secret, money::Money};

/// What raises alerts, and who is told. The market's `[alerts]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alerts {
    pub rules: AlertRules,
    /// Told of each by a webhook.
    pub webhook_url: Option<Url>,
    pub webhook_secret: Option<Secret>,
    /// Told of each by e-mail.
    pub mail_to: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRules {
    /// A cap that is used to so many percent is nearly full.
    pub cap_percent: u32,
    /// A buyer that may still spend less has low credit.
    pub credit_below: Money,
    /// A buyer fails if nothing usable came to so many percent of its pings.
    pub failing_percent: u32,
    /// A buyer's bid rate has collapsed if it is at most so many percent of what it was over a day.
    pub bid_rate_percent: u32,
    /// A sold share has dropped if it is at most so many percent of what it was in the same hour a week before.
    pub sold_share_percent: u32,
    /// Posts that nobody knows the outcome of after so many minutes are waiting.
    pub unknown_minutes: u32,
    /// A supplier's notice that wasn't delivered after so many minutes isn't.
    pub notices_minutes: u32,
    /// A disk is nearly full with less than so many percent free, and less than so many GiB: either alone is much on some disks.
    pub disk_percent: u32,
    pub disk_gib: u32,
}

impl Default for AlertRules {
    fn default() -> Self {
        Self {
            cap_percent: 90,
            credit_below: Money::from_units(100),
            failing_percent: 50,
            bid_rate_percent: 30,
            sold_share_percent: 60,
            unknown_minutes: 15,
            notices_minutes: 30,
            disk_percent: 10,
            disk_gib: 10,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertKind {
    BuyerFailing,
    SoldShareDropped,
    CapNearlyFull,
    CreditLow,
    PostsUnknown,
    NoticesUndelivered,
    DiskNearlyFull,
}

words!(AlertKind {
    BuyerFailing = "buyer_failing",
    SoldShareDropped = "sold_share_dropped",
    CapNearlyFull = "cap_nearly_full",
    CreditLow = "credit_low",
    PostsUnknown = "posts_unknown",
    NoticesUndelivered = "notices_undelivered",
    DiskNearlyFull = "disk_nearly_full",
});

impl AlertKind {
    /// As people name it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::BuyerFailing => "Buyer failing",
            Self::SoldShareDropped => "Sold share dropped",
            Self::CapNearlyFull => "Cap nearly full",
            Self::CreditLow => "Credit low",
            Self::PostsUnknown => "Unknown posts waiting",
            Self::NoticesUndelivered => "Notices not delivered",
            Self::DiskNearlyFull => "Disk nearly full",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of alert")]
pub struct NotAKind;

impl FromStr for AlertKind {
    type Err = NotAKind;

    fn from_str(text: &str) -> Result<Self, NotAKind> {
        Self::of_word(text).ok_or(NotAKind)
    }
}

/// Which alert it is. One of a kind and subject stands at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertKey {
    pub kind: AlertKind,
    /// A buyer, a contract and its cap, a vertical; empty where it is of the whole exchange. Names of the market, never anything of a lead.
    pub about: String,
}

impl fmt::Display for AlertKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.word())?;
        if self.about.is_empty() { Ok(()) } else { write!(f, " {}", self.about) }
    }
}

/// What a rule says of a subject now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// Past the threshold: what is the matter, in a sentence.
    Bad(String),
    /// Neither, or there is too little to judge by.
    Unclear,
    Good,
}

/// What is to change of the alerts that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertChanges {
    pub raise: BTreeMap<AlertKey, String>,
    /// A subject that no rule knows any more is cleared, too.
    pub clear: BTreeSet<AlertKey>,
}

#[must_use]
pub fn changes(standing: &BTreeSet<AlertKey>, readings: &BTreeMap<AlertKey, Level>) -> AlertChanges {
    let mut changes = AlertChanges::default();
    for (key, level) in readings {
        if let Level::Bad(says) = level
            && !standing.contains(key)
        {
            changes.raise.insert(key.clone(), says.clone());
        }
    }
    changes.clear = standing.iter().filter(|key| matches!(readings.get(key), None | Some(Level::Good))).cloned().collect();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(about: &str) -> AlertKey {
        AlertKey { kind: AlertKind::CreditLow, about: about.into() }
    }

    #[test]
    fn what_stands_is_raised_once_and_cleared_only_when_all_is_well() {
        let bad = || Level::Bad("low".into());
        let told = |standing: &[&str], readings: &[(&str, Level)]| {
            let standing = standing.iter().map(|about| key(about)).collect();
            let changes = changes(&standing, &readings.iter().map(|(about, level)| (key(about), level.clone())).collect());
            let names = |keys: Vec<AlertKey>| keys.into_iter().map(|key| key.about).collect::<Vec<_>>().join(" ");
            (names(changes.raise.into_keys().collect()), names(changes.clear.into_iter().collect()))
        };
        let pair = |raise: &str, clear: &str| (raise.to_owned(), clear.to_owned());
        assert_eq!(told(&[], &[("a", bad()), ("b", Level::Unclear), ("c", Level::Good)]), pair("a", ""));
        assert_eq!(told(&["a", "b", "c"], &[("a", bad()), ("b", Level::Unclear), ("c", Level::Good)]), pair("", "c"));
        assert_eq!(told(&["gone"], &[]), pair("", "gone"), "the market has it no more");
    }

    #[test]
    fn kinds_read_back() {
        for (word, kind) in AlertKind::WORDS {
            assert_eq!((word.parse(), kind.word()), (Ok(kind), word));
        }
    }
}
