//! `[alerts]` of `market.toml`: what an operator is told of, and how.

use exchange::{
    alerts::{AlertRules, Alerts},
    money::{Currency, Money},
};
use ipnet::IpNet;
use serde_json::json;

use super::{
    address,
    keys::{Key, Keys},
    problem::{Wrong, quoted},
};

const MOST_ADDRESSES: usize = 20;
const MOST_MINUTES: i64 = 10_080;
const MOST_GIB: i64 = 100_000;

pub(super) fn alerts(keys: &mut Keys<'_>, currency: Currency, allowed: &[IpNet]) -> Alerts {
    let default = AlertRules::default();
    let mut percent = |key, default: u32| whole(keys.integer_or(key, 1..=100, default.into()), default);
    let cap_percent = percent(Key::optional("cap_percent", "A cap that is used to so many percent is nearly full."), default.cap_percent);
    let failing = Key::optional("failing_percent", "A buyer fails if nothing usable came to so many percent of its pings in the last quarter of an hour.");
    let failing_percent = percent(failing, default.failing_percent);
    let bid_rate = Key::optional("bid_rate_percent", "A buyer's bid rate has collapsed at so many percent of the day before's.");
    let bid_rate_percent = percent(bid_rate, default.bid_rate_percent);
    let sold_share = Key::optional("sold_share_percent", "A vertical's sold share has dropped at so many percent of the same hour's a week before.");
    let sold_share_percent = percent(sold_share, default.sold_share_percent);
    let disk = Key::optional("disk_percent", "A disk is nearly full with less than so many percent free, if that is less than `disk_gib`, too.");
    let disk_percent = percent(disk, default.disk_percent);
    let disk_gib = Key::optional("disk_gib", "A disk is nearly full with less than so many GiB free, if that is less than `disk_percent`, too.");
    let disk_gib = whole(keys.integer_or(disk_gib, 1..=MOST_GIB, default.disk_gib.into()), default.disk_gib);
    let unknown = Key::optional("unknown_minutes", "A post whose outcome nobody knows after so many minutes waits too long.");
    let unknown_minutes = whole(keys.integer_or(unknown, 1..=MOST_MINUTES, default.unknown_minutes.into()), default.unknown_minutes);
    let notices = Key::optional("notices_minutes", "A supplier's notice that wasn't delivered after so many minutes waits too long.");
    let notices_minutes = whole(keys.integer_or(notices, 1..=MOST_MINUTES, default.notices_minutes.into()), default.notices_minutes);
    let credit = keys.money(Key::optional("credit_below", "A buyer that may spend less than this amount has low credit. Default: 100."), currency);
    let webhook_url = address::url(keys, Key::optional("webhook_url", "Hears of each alert by a signed webhook."), allowed);
    let webhook_secret = address::secret(keys, Key::optional("webhook_secret", "Signs the calls to `webhook_url`: `env:NAME` or a literal `whsec_…`."));
    match (&webhook_url, &webhook_secret) {
        (Some(url), None) => keys.warning(url.line, "`webhook_url` has no secret that signs its calls", "write webhook_secret = \"env:NAME\""),
        (None, Some(secret)) => keys.warning(secret.line, "`webhook_secret` signs nothing", "write `webhook_url`, or take it out"),
        _ => {}
    }
    let mail_to = Key::optional("mail_to", "E-mail addresses that hear of each alert.");
    let mail_to =
        keys.list(mail_to, Some(json!([])), 0..=MOST_ADDRESSES, || json!({ "type": "string", "format": "email" }), |found| read_address(found.text()?));
    let rules = AlertRules {
        cap_percent,
        credit_below: credit.map_or(default.credit_below, |at| at.value),
        failing_percent,
        bid_rate_percent,
        sold_share_percent,
        unknown_minutes,
        notices_minutes,
        disk_percent,
        disk_gib,
    };
    Alerts {
        rules: AlertRules { credit_below: rules.credit_below.max(Money::ZERO), ..rules },
        webhook_url: webhook_url.map(|at| at.value),
        webhook_secret: webhook_secret.map(|at| at.value),
        mail_to: mail_to.map_or_else(Vec::new, |list| list.value.into_iter().map(|at| at.value).collect()),
    }
}

fn whole<T: Into<i64>>(found: T, default: u32) -> u32 {
    u32::try_from(found.into()).unwrap_or(default)
}

fn read_address(text: &str) -> Result<String, Wrong> {
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[]\\,;:\"@".contains(&byte));
    match text.rsplit_once('@') {
        Some((name, host)) if text.len() <= 254 && is_plain(name) && is_plain(host) && host.contains('.') => Ok(text.to_owned()),
        _ => Err(Wrong::new(format!("is {}, which is no e-mail address", quoted(text)), "write one like \"ops@example.com\"")),
    }
}
