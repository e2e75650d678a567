//! What is made durable of alerts: who watches, what stands, who was told.

use std::time::Duration;

use super::{AlertChanges, AlertKey};
use crate::{id::NodeId, notice::TryResult, time::Timestamp};

/// Takes or keeps the watch: one node at a time looks for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepWatch {
    pub node: NodeId,
    pub lives: Duration,
}

/// What a look has changed. Nothing is written for a node that hasn't the watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepAlerts {
    pub node: NodeId,
    pub changes: AlertChanges,
    /// How each change is told outside.
    pub ways: Vec<AlertWay>,
}

/// What came of a try to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepAlertTry {
    pub message: AlertMessage,
    pub result: TryResult,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertWay {
    Webhook,
    Mail,
}

impl AlertWay {
    pub const WORDS: [(&'static str, Self); 2] = [("webhook", Self::Webhook), ("mail", Self::Mail)];

    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, way)| *way == self).map_or("", |(word, _)| word)
    }

    #[must_use]
    pub fn of_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, way)| *way)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertChange {
    Raised,
    Cleared,
}

impl AlertChange {
    pub const WORDS: [(&'static str, Self); 2] = [("raised", Self::Raised), ("cleared", Self::Cleared)];

    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, change)| *change == self).map_or("", |(word, _)| word)
    }

    #[must_use]
    pub fn of_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, change)| *change)
    }
}

/// One change of one alert, told in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertMessage {
    pub key: AlertKey,
    pub raised_at: Timestamp,
    pub change: AlertChange,
    pub way: AlertWay,
}
