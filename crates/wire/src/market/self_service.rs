//! `[contracts.NAME.self_service]`: what a contract's buyer may change of it by itself.

use std::collections::BTreeMap;

use exchange::{
    contract::{DEFAULT_MAX_BID, Pricing},
    money::{Currency, Money},
    self_service::{OwnPrice, PriceKey, PriceRange, SelfService},
};

use super::keys::{At, Key, Keys};

/// After the contract's own prices were read: what they are is read once more, as they stand.
pub(super) fn self_service(keys: &mut Keys<'_>, pricing: Pricing, paused_by_buyer: bool, currency: Currency) -> SelfService {
    let now = |key: PriceKey| {
        let written = keys.peek(key.word()).and_then(|value| Money::parse(value.as_str()?, currency.decimals()).ok());
        written.or((key == PriceKey::MaxBid).then_some(DEFAULT_MAX_BID))
    };
    let now = PriceKey::WORDS.map(|(_, key)| now(key));
    let line = keys.line();
    let table = keys.table(Key::optional("self_service", "What its buyer may change of it by itself. Default: nothing."), |keys| {
        let pause = keys.boolean(Key::optional("pause", "Its buyer may pause it, and resume what it has paused itself."), false);
        let price = range(keys, Key::optional("price", "Its buyer may set `price`, where that is fixed, within these."), currency);
        let shared_price = range(keys, Key::optional("shared_price", "Its buyer may set `shared_price` within these."), currency);
        let max_bid = range(keys, Key::optional("max_bid", "Its buyer may set `max_bid`, where it bids, within these."), currency);
        let ranges = [price, shared_price, max_bid];
        let mut prices = BTreeMap::new();
        for (((_, key), range), now) in PriceKey::WORDS.into_iter().zip(ranges).zip(now) {
            let Some(At { value: range, line }) = range else { continue };
            check(keys, key, pricing, line);
            prices.extend(range.map(|range| (key, OwnPrice { now, range })));
        }
        SelfService { pause, prices }
    });
    let left = table.map_or_else(SelfService::default, |at| at.value);
    if paused_by_buyer && !left.pause {
        keys.warning(line, "its buyer has paused it, and may not resume it", "take `paused_by_buyer` out, or write self_service = { pause = true }");
    }
    left
}

fn range(keys: &mut Keys<'_>, key: Key, currency: Currency) -> Option<At<Option<PriceRange>>> {
    keys.table(key, |keys| {
        let min = keys.price(Key::required("min", "The lowest that it may set.", "min = \"5.00\""), currency);
        let max = keys.price(Key::required("max", "The highest that it may set.", "max = \"40.00\""), currency);
        let (min, max) = (min?, max?);
        let range = PriceRange::new(min.value, max.value);
        if range.is_none() {
            keys.problem(max.line, "`max` is below `min`", "write the lower amount as `min`");
        }
        range
    })
}

/// A price that the contract can't have is nobody's to set.
fn check(keys: &mut Keys<'_>, key: PriceKey, pricing: Pricing, line: usize) {
    let (what, mend) = match (key, pricing) {
        (PriceKey::Price | PriceKey::SharedPrice, Pricing::Bid { .. }) => ("is a fixed price, but `price` is \"bid\"", "write `max_bid`, or take it out"),
        (PriceKey::MaxBid, Pricing::Fixed { .. }) => ("limits bids, but the price is fixed", "write `price`, or take it out"),
        _ => return,
    };
    keys.problem(line, format!("`self_service.{}` {what}", key.word()), mend);
}
