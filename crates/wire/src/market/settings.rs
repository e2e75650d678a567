//! `market.toml`: the exchange as a whole.

use std::time::Duration;

use exchange::{
    alerts::Alerts,
    market::Market,
    money::{Currency, Money, Percent},
    supplier::{QuoteKind, QuotePolicy},
};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{
    alerts,
    keys::{At, Key, Keys},
    problem::{Wrong, quoted},
};

const MOST_DAYS: i64 = 3650;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub currency: Currency,
    pub time_zone: TimeZone,
    pub quote: QuotePolicy,
    pub firm_share: Percent,
    pub duplicates_window_days: u32,
    pub egress_allow: Vec<IpNet>,
    pub approvals_above: Option<Money>,
    pub alerts: Alerts,
}

impl Settings {
    /// Of a file that can't be read: it blames no address for a range that may stand in it.
    pub fn unread() -> Self {
        let everything = ["0.0.0.0/0", "::/0"].into_iter().filter_map(|range| range.parse().ok());
        Self { egress_allow: everything.collect(), ..Self::default() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            currency: Currency::USD,
            time_zone: TimeZone::UTC,
            quote: QuotePolicy::DEFAULT,
            firm_share: Percent::of_whole(Market::DEFAULT_FIRM_SHARE).unwrap_or(Percent::ZERO),
            duplicates_window_days: Market::DEFAULT_DUPLICATES_DAYS,
            egress_allow: Vec::new(),
            approvals_above: None,
            alerts: Alerts::default(),
        }
    }
}

pub(super) fn settings(keys: &mut Keys<'_>) -> Settings {
    let default = Settings::default();
    let currency = Key::required("currency", "The one currency of the exchange, by its ISO 4217 code.", "currency = \"USD\"");
    let currency = keys.parsed(currency, "currency known here", "write a code like \"USD\", \"EUR\" or \"GBP\"", Currency::of_code);
    let time_zone = time_zone(keys, Key::optional("time_zone", "The default time zone of caps and hours, by its IANA name. Default: UTC."));
    let quote = quote(keys, "What a quote promises; a supplier may override it.");
    let firm_share = Key::optional("firm_share", "Firm quotes hold at most this percent of what a cap or a credit has left.");
    let firm_share = keys.percent(firm_share, Market::DEFAULT_FIRM_SHARE);
    let duplicates = Key::optional("duplicates", "How leads that came before are found.");
    let duplicates = keys.table(duplicates, |keys| {
        let days = Key::optional("window_days", "A person's lead in the same vertical is a duplicate within so many days; 0 looks for none.");
        keys.integer_or(days, 0..=MOST_DAYS, i64::from(Market::DEFAULT_DUPLICATES_DAYS))
    });
    let egress = keys.table(Key::optional("egress", "Where calls to buyers may go."), |keys| {
        let allow = Key::optional("allow", "Private address ranges that buyers' endpoints may be in.");
        keys.list(allow, Some(json!([])), 0..=1000, || json!({ "type": "string" }), |found| read_range(found.text()?))
    });
    let of = currency.as_ref().map_or(default.currency, |at| at.value);
    let approvals = keys.table(Key::optional("approvals", "When money that people move needs a second person."), |keys| {
        let above = Key::optional("above", "Prepayments and payouts above this amount wait for another operator. Default: none wait.");
        keys.money(above, of)
    });
    let egress_allow: Vec<IpNet> = egress.and_then(|at| at.value).map_or_else(Vec::new, |ranges| ranges.value.into_iter().map(|at| at.value).collect());
    let told = Key::optional("alerts", "When an operator should look, and who is told.");
    let alerts = keys.table(told, |keys| alerts::alerts(keys, of, &egress_allow));
    Settings {
        currency: currency.map_or(default.currency, |at| at.value),
        time_zone: time_zone.map_or(default.time_zone, |at| at.value),
        quote: quote.unwrap_or(default.quote),
        firm_share,
        duplicates_window_days: duplicates.and_then(|at| u32::try_from(at.value).ok()).unwrap_or(default.duplicates_window_days),
        egress_allow,
        approvals_above: approvals.and_then(|at| at.value).map(|at| at.value),
        alerts: alerts.map_or_else(Alerts::default, |at| at.value),
    }
}

pub(super) fn time_zone(keys: &mut Keys<'_>, key: Key) -> Option<At<TimeZone>> {
    keys.parsed(key, "time zone", "write an IANA name like \"America/New_York\"", |text| TimeZone::get(text).ok())
}

/// `quote = { kind = "firm", ttl_s = 60 }`.
pub(super) fn quote(keys: &mut Keys<'_>, doc: &'static str) -> Option<QuotePolicy> {
    let policy = keys.table(Key::optional("quote", doc), |keys| {
        let kinds = [("indicative", QuoteKind::Indicative), ("firm", QuoteKind::Firm)];
        let kind = Key::optional("kind", "A firm quote holds cap and credit until it expires; an indicative one holds nothing.");
        let kind = keys.word(kind, &kinds, Some("indicative"));
        let ttl = Key::optional("ttl_s", "Seconds until a quote expires.");
        let ttl = keys.integer_or(ttl, 1..=86_400, QuotePolicy::DEFAULT.ttl.as_secs().cast_signed());
        QuotePolicy { kind: kind.map_or(QuotePolicy::DEFAULT.kind, |at| at.value), ttl: Duration::from_secs(ttl.unsigned_abs()) }
    });
    policy.map(|at| at.value)
}

fn read_range(text: &str) -> Result<IpNet, Wrong> {
    text.parse().map_err(|_| Wrong::new(format!("is {}, which is no range of addresses", quoted(text)), "write a range like \"10.0.0.0/8\" or \"::1/128\""))
}
