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

words!(AlertWay { Webhook = "webhook", Mail = "mail" });

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertChange {
    Raised,
    Cleared,
}

words!(AlertChange { Raised = "raised", Cleared = "cleared" });

/// One change of one alert, told in one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertMessage {
    pub key: AlertKey,
    pub raised_at: Timestamp,
    pub change: AlertChange,
    pub way: AlertWay,
}
