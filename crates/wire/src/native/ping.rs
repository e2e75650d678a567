//! A ping, and the bid that answers it.

use std::sync::Arc;

use exchange::{
    call::{CallFailure, PingCall, PingReply, RawBid},
    contract::SaleKinds,
    money::{Currency, Money, NotMoney},
};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    PingContext,
    reply::{Reply, malformed, of_success},
    values::ShownAttributes,
};

/// A lead's attributes as all pings of an auction show them: written once.
#[derive(Clone, Debug)]
pub struct Shown(Arc<RawValue>);

impl Shown {
    #[must_use]
    pub fn of(context: &PingContext<'_>) -> Self {
        // Texts, numbers and booleans by name: there is nothing that JSON couldn't say.
        Self(to_raw_value(&ShownAttributes(context)).unwrap_or_default().into())
    }
}

/// The bytes depend on the ping's attributes and the call alone, whose `buyer_ping` is `id`. Pings are the most frequent of all
/// messages, so this writes them as they are: names, ids and codes have nothing that JSON would escape.
#[must_use]
pub fn ping_body(context: &PingContext<'_>, shown: &Shown, call: &PingCall, id: &str) -> Vec<u8> {
    let (key, currency) = (&context.market.contract(call.contract).key, context.market.currency());
    // How many buyers at most; absent where the lead isn't offered as shared.
    let shared = if call.kinds.shared { format!(r#","shared":{}"#, call.most_shared) } else { String::new() };
    let deadline_ms = u64::try_from(call.time.as_millis()).unwrap_or(u64::MAX).to_string();
    let parts = [
        r#"{"ping_id":""#,
        id,
        r#"","vertical":""#,
        context.vertical.name.as_str(),
        r#"","contract":""#,
        key.buyer.as_str(),
        "/",
        &key.name,
        r#"","attributes":"#,
        shown.0.get(),
        r#","sale":{"exclusive":"#,
        yes_or_no(call.kinds.exclusive),
        &shared,
        r#"},"currency":""#,
        currency.code(),
        r#"","deadline_ms":"#,
        &deadline_ms,
        r#","test":"#,
        yes_or_no(context.test),
        "}",
    ];
    parts.concat().into_bytes()
}

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

/// Reads the answer to a ping that offered these kinds. Whether a bid is within its limits is the flow's to say.
#[must_use]
pub fn read_bid(status: u16, bytes: &[u8], currency: Currency, offered: SaleKinds) -> PingReply {
    if status == 204 {
        return PingReply::NoBid(None);
    }
    of_success(status, bytes).and_then(|reply| bid(&reply, currency, offered)).unwrap_or_else(PingReply::Failed)
}

fn bid(reply: &Reply<'_>, currency: Currency, offered: SaleKinds) -> Result<PingReply, CallFailure> {
    if reply.text("currency")?.is_some_and(|code| code != currency.code()) {
        return Err(malformed("currency"));
    }
    let bid = price(reply, "bid", currency)?;
    let shared_bid = price(reply, "shared_bid", currency)?;
    if bid.is_none() && shared_bid.is_none() {
        return if reply.names("bid") { Ok(PingReply::NoBid(reply.reason())) } else { Err(malformed("bid is missing")) };
    }
    // `bid` answers the only kind offered; a price that names the shared kind itself goes before it.
    let (bid, shared_bid) = match (offered.exclusive, offered.shared) {
        (false, true) => (None, shared_bid.or(bid)),
        (true, false) => (bid, None),
        _ => (bid, shared_bid),
    };
    if bid.is_none() && shared_bid.is_none() {
        return Err(malformed("no price of a kind that was offered"));
    }
    let ttl_s = match reply.text("ttl_s")? {
        None => None,
        Some(digits) => Some(digits.parse().ok().filter(|ttl| (1..=86_400).contains(ttl)).ok_or_else(|| malformed("ttl_s"))?),
    };
    Ok(PingReply::Bid(RawBid { bid, shared_bid, reference: reply.reference("ref")?, ttl_s }))
}

fn price(reply: &Reply<'_>, key: &str, currency: Currency) -> Result<Option<Money>, CallFailure> {
    let Some(digits) = reply.text(key)? else { return Ok(None) };
    let fault = |what: &str| malformed(&format!("{key}: {what}"));
    match Money::parse(digits, currency.decimals()) {
        Ok(price) if price.is_positive() => Ok(Some(price)),
        Ok(_) => Err(fault("not above 0")),
        Err(NotMoney::Unreadable) => Err(fault("not an amount in digits")),
        Err(NotMoney::TooManyDecimals(_)) => Err(fault("too many decimals")),
        Err(NotMoney::TooLarge) => Err(fault("too large")),
    }
}
