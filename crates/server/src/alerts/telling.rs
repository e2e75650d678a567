//! Tells what changed: by a signed webhook, by e-mail.

use exchange::{
    alerts::{AlertMessage, AlertWay, KeepAlertTry},
    command::Command,
    figures::Keep,
    market::Market,
    notice::TryResult,
};
use sha2::{Digest, Sha256};
use store::DueAlertRow;
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
    let kind = row.alert.key.kind.label();
    let (subject, state) = match row.alert.cleared_at {
        Some(_) if row.message.change == exchange::alerts::AlertChange::Cleared => (format!("Cleared: {kind}"), "It is over."),
        _ => (format!("Alert: {kind}"), "It stands until it is over, and you are told then."),
    };
    let subject = if row.alert.key.about.is_empty() { subject } else { format!("{subject}: {}", row.alert.key.about) };
    let text = format!("{}\n\nRaised {} (UTC). {state}\nThe console's page Alerts has all that stand.\n", row.alert.says, row.alert.raised_at);
    let mail = Mail { id: id_of(&row.message), to, subject, at: clock::now(), text: Zeroizing::new(text), second: None };
    match mail::to_operator(&node.egress, mailer, &market.parts().egress_allow, &mail).await {
        Ok(()) => TryResult::Delivered,
        Err(why) => TryResult::Failed(why.to_string()),
    }
}
