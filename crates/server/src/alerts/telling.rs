//! Tells what changed: by a signed webhook, by e-mail.

use exchange::{
    alerts::{AlertChange, AlertMessage, AlertWay, KeepAlertTry},
    command::Command,
    figures::Keep,
    market::Market,
    notice::TryResult,
};
use sha2::{Digest, Sha256};
use store::{AlertRow, DueAlertRow};
use wire::alert::alert_body;
use zeroize::Zeroizing;

use crate::{
    clock,
    egress::{Callee, WhenOpen},
    mail::{self, Mail},
    node::Node,
    webhooks::Webhook,
};

/// Told in one go.
const MOST: u32 = 32;

pub async fn is_any_due(node: &Node) -> bool {
    !due(node, 1).await.is_empty()
}

async fn due(node: &Node, most: u32) -> Vec<DueAlertRow> {
    let due = node.page_readers.read(move |reader| reader.due_alert_messages(clock::now(), most)).await;
    due.inspect_err(|error| tracing::error!(%error, "what is to be told of alerts could not be read")).unwrap_or_default()
}

pub async fn tell_due(node: &Node) {
    let Some(market) = node.market() else { return };
    for row in due(node, MOST).await {
        let result = match row.message.way {
            AlertWay::Webhook => by_webhook(node, &market, &row).await,
            AlertWay::Mail => by_mail(node, &market, &row).await,
        };
        if let TryResult::Failed(why) = &result {
            tracing::warn!(alert = %row.message.key, way = row.message.way.word(), %why, "an alert could not be told; it is tried again");
        }
        if let Err(error) = node.writer.apply(Command::Keep(Keep::AlertTry(KeepAlertTry { message: row.message, result }))).await {
            tracing::error!(%error, "what came of telling an alert could not be noted");
        }
    }
}

/// The same for each try: who gets it twice sees one message.
fn id_of(message: &AlertMessage) -> String {
    let text = format!("{} {} {}", message.key, message.raised_at.micros(), message.change.word());
    let hash: String = Sha256::digest(text).iter().take(13).map(|byte| format!("{byte:02x}")).collect();
    format!("alert_{hash}")
}

async fn by_webhook(node: &Node, market: &Market, row: &DueAlertRow) -> TryResult {
    let alerts = &market.parts().alerts;
    let Some(url) = &alerts.webhook_url else { return TryResult::Unwanted };
    let webhook = Webhook {
        callee: Callee::Operator,
        url,
        id: id_of(&row.message),
        secret: alerts.webhook_secret.as_ref(),
        body: alert_body(&row.alert.key, row.message.change, &row.alert.says, (row.alert.raised_at, row.alert.cleared_at)),
        when_open: WhenOpen::Ignore,
    };
    webhook.send(&node.egress, market).await
}

async fn by_mail(node: &Node, market: &Market, row: &DueAlertRow) -> TryResult {
    let alerts = &market.parts().alerts;
    let to: Vec<mail::Address> = alerts.mail_to.iter().filter_map(|address| address.parse().ok()).collect();
    if to.is_empty() {
        return TryResult::Unwanted;
    }
    let Some(mailer) = &node.mailer else { return TryResult::Failed("no mail server is configured: [smtp] in the configuration file".into()) };
    let (subject, text) = words(row);
    let mail = Mail { id: id_of(&row.message), to, subject, at: clock::now(), text: Zeroizing::new(text), second: None };
    match mail::to_operator(&node.egress, mailer, &market.parts().egress_allow, &mail).await {
        Ok(()) => TryResult::Delivered,
        Err(why) => TryResult::Failed(why.to_string()),
    }
}

/// Subject and text. What could not be told in time is told as it is by now.
fn words(row: &DueAlertRow) -> (String, String) {
    let AlertRow { key, raised_at, says, cleared_at } = &row.alert;
    let kind = key.kind.label();
    let subject = match row.message.change {
        AlertChange::Raised => format!("Alert: {kind}"),
        AlertChange::Cleared => format!("Cleared: {kind}"),
    };
    let subject = if key.about.is_empty() { subject } else { format!("{subject}: {}", key.about) };
    let state = match cleared_at {
        Some(at) => format!("It is over since {at} (UTC)."),
        None => "It stands until it is over, and you are told then.".to_owned(),
    };
    (subject, format!("{says}\n\nRaised {raised_at} (UTC). {state}\nThe console's page Alerts has all that stand.\n"))
}

#[cfg(test)]
mod tests {
    use exchange::{
        alerts::{AlertKey, AlertKind},
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn what_is_over_by_now_is_not_said_to_stand() {
        let told = |change, cleared_at: Option<i64>| {
            let key = AlertKey { kind: AlertKind::CreditLow, about: "acme".into() };
            let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
            let alert = AlertRow { key: key.clone(), raised_at: at(0), says: "acme can spend 1.00 more".into(), cleared_at: cleared_at.map(at) };
            words(&DueAlertRow { alert, message: AlertMessage { key, raised_at: at(0), change, way: AlertWay::Mail } })
        };
        let (raised, cleared) = (AlertChange::Raised, AlertChange::Cleared);
        assert_eq!(told(raised, None).0, "Alert: Credit low: acme");
        assert!(told(raised, None).1.contains("It stands until it is over"));
        // The mail server was away while it stood.
        let late = told(raised, Some(60));
        assert_eq!(late.0, "Alert: Credit low: acme");
        assert!(late.1.contains("It is over since 1970-01-01T00:01:00") && !late.1.contains("stands until"), "{}", late.1);
        assert_eq!(told(cleared, Some(60)).0, "Cleared: Credit low: acme");
    }
}
