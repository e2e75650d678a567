//! `/console/alerts`: what an operator should look at now, and what was the matter before.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use exchange::alerts::AlertRules;
use jiff::tz::TimeZone;
use store::AlertRow;

use super::{
    components::Moment,
    frame::Frame,
    navigation::Place,
    reply::{self, Reply},
    visitor::Visitor,
};
use crate::{alerts::AlertsTold, node::Node};

#[derive(Template)]
#[template(path = "console/alerts.html")]
struct View {
    frame: Frame,
    standing: Vec<Row>,
    cleared: Vec<Row>,
    rules: Vec<(&'static str, String)>,
    /// By what ways changes are told outside.
    told: String,
}

struct Row {
    kind: &'static str,
    says: String,
    raised_at: Moment,
    cleared_at: Option<Moment>,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let market = node.market();
    let zone = market.as_ref().map_or(TimeZone::UTC, |market| market.parts().time_zone.clone());
    let alerts = market.map(|market| market.parts().alerts.clone()).unwrap_or_default();
    let AlertsTold { standing, cleared } = node.page_readers.read(AlertsTold::read).await?;
    let ways = [alerts.webhook_url.as_ref().map(|_| "a webhook"), (!alerts.mail_to.is_empty()).then_some("e-mail")];
    let told = ways.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    reply::page(&View::of(Frame::of(&visitor, Place::Alerts), (&standing, &cleared), &alerts.rules, told, &zone))
}

impl View {
    fn of(frame: Frame, (standing, cleared): (&[AlertRow], &[AlertRow]), rules: &AlertRules, told: String, zone: &TimeZone) -> Self {
        let row = |alert: &AlertRow| Row {
            kind: alert.key.kind.label(),
            says: alert.says.clone(),
            raised_at: Moment::of(alert.raised_at, zone),
            cleared_at: alert.cleared_at.map(|at| Moment::of(at, zone)),
        };
        let rules = vec![
            ("Cap nearly full", format!("{} % of it are used", rules.cap_percent)),
            ("Credit low", format!("a buyer may spend less than {}", rules.credit_below)),
            (
                "Buyer failing",
                format!(
                    "it is left alone, nothing usable comes to {} % of its pings, it bids on at most {} % as many as over the day before, or rejects half of its posts",
                    rules.failing_percent, rules.bid_rate_percent
                ),
            ),
            ("Sold share dropped", format!("the last hour's is at most {} % of the same hour's a week before", rules.sold_share_percent)),
            ("Unknown posts waiting", format!("for more than {} minutes", rules.unknown_minutes)),
            ("Notices not delivered", format!("for more than {} minutes", rules.notices_minutes)),
            ("Disk nearly full", format!("less than {} % and less than {} GiB are free", rules.disk_percent, rules.disk_gib)),
        ];
        Self { frame, standing: standing.iter().map(row).collect(), cleared: cleared.iter().map(row).collect(), rules, told }
    }
}

#[cfg(test)]
mod tests {
    use exchange::{
        alerts::{AlertKey, AlertKind},
        time::Timestamp,
    };

    use super::*;
    use crate::console::frame;

    #[test]
    fn render() {
        let alert = |kind, about: &str, cleared_at| AlertRow {
            key: AlertKey { kind, about: about.into() },
            raised_at: Timestamp::from_micros(1_000_000),
            says: format!("{about} <is> low"),
            cleared_at,
        };
        let standing = [alert(AlertKind::CreditLow, "harbor", None)];
        let cleared = [alert(AlertKind::BuyerFailing, "summit", Some(Timestamp::from_micros(61_000_000)))];
        let frame = frame::sample("read-only", Place::Alerts);
        insta::assert_snapshot!(frame::inside(
            &View::of(frame, (&standing, &cleared), &AlertRules::default(), "a webhook".into(), &TimeZone::UTC).render().unwrap()
        ));
    }
}
