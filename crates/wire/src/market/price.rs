//! What a contract pays, and in which kinds of sale it takes part.

use exchange::{
    contract::{DEFAULT_MAX_BID, Pricing, SaleKind, SaleKinds},
    money::{Currency, Money},
};
use serde_json::json;

use super::{
    endpoint::Reach,
    keys::{At, Key, Keys},
    nested::word_of,
    problem::Wrong,
    values::{positive, read_money},
};

#[derive(Clone, Copy, Debug)]
enum Price {
    Bid,
    Fixed(Money),
}

/// `sale = ["exclusive", "shared"]`.
pub(super) fn sale_kinds(keys: &mut Keys<'_>) -> SaleKinds {
    let words = [("exclusive", SaleKind::Exclusive), ("shared", SaleKind::Shared)];
    let sale = Key::optional("sale", "The kinds of sale that the contract takes part in.");
    let list = keys.list(sale, Some(json!(["exclusive"])), 1..=2, || json!({ "enum": ["exclusive", "shared"] }), |found| word_of(found.text()?, &words));
    let Some(list) = list else { return SaleKinds::EXCLUSIVE };
    let has = |kind| list.value.iter().any(|at| at.value == kind);
    SaleKinds { exclusive: has(SaleKind::Exclusive), shared: has(SaleKind::Shared) }
}

/// A bid or fixed prices. A contract that shares only may give its share as `price`.
pub(super) fn pricing(keys: &mut Keys<'_>, kinds: SaleKinds, reach: Reach, currency: Currency) -> Pricing {
    let describe = || json!({ "type": "string", "pattern": "^(bid|[0-9]+(\\.[0-9]{1,6})?)$" });
    let price = Key::required("price", "\"bid\", or a fixed price, which needs no ping.", "price = \"bid\", or a fixed price like \"14.00\"");
    let price = keys.value(price, None, describe, |found| match found.value.as_str() {
        Some("bid") => Ok(Price::Bid),
        _ => read_money(found, currency).and_then(positive).map(Price::Fixed).map_err(|wrong| Wrong::new(wrong.what, format!("{}, or \"bid\"", wrong.mend))),
    });
    let shared = keys.price(Key::optional("shared_price", "The fixed price of one share."), currency);
    let max_bid = keys.price(Key::optional("max_bid", "The highest bid that is taken. Default: 10,000."), currency);
    match price {
        Some(At { value: Price::Bid, line }) => {
            if let Some(shared) = shared {
                keys.problem(shared.line, "`shared_price` is a fixed price, but `price` is \"bid\"", "take it out: the buyer's reply has a `shared_bid`");
            }
            if !reach.pings {
                keys.problem(line, "`price` is \"bid\", but nobody can be asked", "add `ping_url` to [endpoint], or write a fixed price");
            }
            Pricing::Bid { max_bid: max_bid.map_or(DEFAULT_MAX_BID, |at| at.value) }
        }
        Some(At { value: Price::Fixed(price), line }) => {
            if let Some(max_bid) = max_bid {
                keys.problem(max_bid.line, "`max_bid` limits bids, but the price is fixed", "take it out, or write price = \"bid\"");
            }
            fixed(keys, kinds, At { value: price, line }, shared)
        }
        None => Pricing::Bid { max_bid: DEFAULT_MAX_BID },
    }
}

/// What an accepted ping without a price pays.
pub(super) fn agreed_price(keys: &mut Keys<'_>, pricing: Pricing, reach: Reach, currency: Currency) -> Option<Money> {
    let agreed =
        keys.price(Key::optional("agreed_price", "What a bid pays in whose answer there is no price, of a buyer with an interface of its own."), currency)?;
    match pricing {
        Pricing::Fixed { .. } => keys.problem(agreed.line, "`agreed_price` is of bids, but the price is fixed", "take it out, or write price = \"bid\""),
        Pricing::Bid { max_bid } if agreed.value > max_bid => keys.problem(agreed.line, "`agreed_price` is above `max_bid`", "lower it, or raise `max_bid`"),
        Pricing::Bid { .. } if !reach.is_mapped => {
            keys.problem(agreed.line, "`agreed_price` has no use with the native protocol, where a bid names its price", "take it out, or write a fixed price");
        }
        Pricing::Bid { .. } => {}
    }
    Some(agreed.value)
}

fn fixed(keys: &mut Keys<'_>, kinds: SaleKinds, price: At<Money>, shared: Option<At<Money>>) -> Pricing {
    match shared {
        Some(shared) if !kinds.shared => {
            keys.warning(shared.line, "`shared_price` has no use, since `sale` has no \"shared\"", "add it to `sale`, or take the price out")
        }
        None if kinds == SaleKinds::BOTH => {
            keys.warning(price.line, "`sale` has \"shared\", but there is no price for it", "write `shared_price`, or take \"shared\" out of `sale`")
        }
        _ => {}
    }
    let share = shared.map(|at| at.value);
    Pricing::Fixed {
        exclusive: Some(price.value).filter(|_| kinds.exclusive),
        shared: if kinds.exclusive { share } else { share.or(Some(price.value)) }.filter(|_| kinds.shared),
    }
}
