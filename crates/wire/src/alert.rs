//! The body of an alert's webhook: a `type`, a `timestamp` and `data`, as of every webhook of the exchange.

use exchange::{
    alerts::{AlertChange, AlertKey},
    time::Timestamp,
};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    alert: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    about: &'a str,
    says: &'a str,
    raised_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cleared_at: Option<String>,
}

/// The same text for the same change.
#[must_use]
pub fn alert_body(key: &AlertKey, change: AlertChange, says: &str, (raised_at, cleared_at): (Timestamp, Option<Timestamp>)) -> Vec<u8> {
    let cleared_at = cleared_at.filter(|_| change == AlertChange::Cleared);
    let r#type = match change {
        AlertChange::Raised => "alert.raised",
        AlertChange::Cleared => "alert.cleared",
    };
    let data = Data { alert: key.kind.word(), about: &key.about, says, raised_at: raised_at.to_string(), cleared_at: cleared_at.map(|at| at.to_string()) };
    // Texts always have a form in JSON.
    serde_json::to_vec(&Body { r#type, timestamp: cleared_at.unwrap_or(raised_at).to_string(), data }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use exchange::alerts::AlertKind;

    use super::*;

    #[test]
    fn an_alert_says_what_changed() {
        let key = AlertKey { kind: AlertKind::CapNearlyFull, about: "acme/west count per day".into() };
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let told = |change| String::from_utf8(alert_body(&key, change, "it is \"nearly\" full", (at(1), Some(at(61))))).unwrap();
        assert_eq!(
            told(AlertChange::Raised),
            r#"{"type":"alert.raised","timestamp":"1970-01-01T00:00:01.000Z","data":{"alert":"cap_nearly_full","about":"acme/west count per day","says":"it is \"nearly\" full","raised_at":"1970-01-01T00:00:01.000Z"}}"#
        );
        assert!(told(AlertChange::Cleared).contains(r#""type":"alert.cleared","timestamp":"1970-01-01T00:01:01.000Z""#));
        assert!(told(AlertChange::Cleared).ends_with(r#""cleared_at":"1970-01-01T00:01:01.000Z"}}"#));
    }
}
