//! `[[tiers]]` of a tree: contracts that are asked together, or one after the other.

use std::{collections::BTreeSet, time::Duration};

use exchange::{
    id::{ContractIndex, ContractKey, VerticalName},
    tree::{Mode, Order, Tier, TierSale},
};
use serde_json::json;

use super::{
    context::Context,
    keys::{At, Key, Keys},
    nearest::nearest,
    problem::{Wrong, quoted},
};

/// A shared sale has at most this many buyers.
const MOST_SHARES: u32 = 20;
const MOST_ENTRIES: usize = 100_000;
pub(super) const DEADLINES_MS: std::ops::RangeInclusive<i64> = 10..=60_000;

/// An entry of `contracts`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Contract(ContractKey),
    Tag(String),
}

/// `number` is the tier's place in its tree, from 1, and its name where it has none.
pub(super) fn tier(keys: &mut Keys<'_>, number: usize, vertical: Option<&VerticalName>, context: &Context) -> Tier {
    let name = keys.text(Key::optional("name", "What traces call the tier. Default: its number."), 64);
    let mode = Key::required("mode", "All asked at once, or one after the other.", "mode = \"competitive\", or \"sequential\"");
    let mode = keys.word(mode, &[(Mode::Competitive.word(), Mode::Competitive), (Mode::Sequential.word(), Mode::Sequential)], None);
    let order = keys.word(Key::optional("order", "What decides between offers, or who is asked first."), &Order::WORDS, Some("price"));
    let contracts = contracts(keys, vertical, context);
    let floor = keys.money_or_zero(Key::optional("floor", "Gross, per offer: lower ones aren't taken."), context.settings.currency);
    let deadline = Key::optional("deadline_ms", "Competitive: milliseconds of the tier. Sequential: of each ping. Default: what the tree has left.");
    let deadline = keys.integer(deadline, DEADLINES_MS);
    let sale = sale(keys);
    if let (Some(At { value: TierSale::Best(_), line }), Some(At { value: Mode::Sequential, .. })) = (sale, mode) {
        keys.problem(line, "`sale` is best of both, but a sequential tier compares nothing", "write mode = \"competitive\", or sale = \"exclusive\"");
    }
    Tier {
        name: name.map_or_else(|| number.to_string(), |at| at.value.to_owned()),
        mode: mode.map_or(Mode::Competitive, |at| at.value),
        order: order.map_or(Order::Price, |at| at.value),
        contracts: contracts.into_iter().collect(),
        floor,
        deadline: deadline.map(|at| Duration::from_millis(at.value.unsigned_abs())),
        sale: sale.map_or(TierSale::Exclusive, |at| at.value),
    }
}

/// `sale = "shared:3"`.
fn sale(keys: &mut Keys<'_>) -> Option<At<TierSale>> {
    let key = Key::optional("sale", "To one buyer; to at most N; or whichever of both earns the supplier more.");
    let describe = || json!({ "type": "string", "pattern": "^(exclusive|(shared|best):([2-9]|1[0-9]|20))$" });
    keys.value(key, Some(json!("exclusive")), describe, |found| {
        let text = found.text()?;
        read_sale(text).ok_or_else(|| {
            Wrong::new(format!("is {}", quoted(text)), format!("write \"exclusive\", \"shared:N\" or \"best:N\" with N from 2 to {MOST_SHARES}"))
        })
    })
}

fn read_sale(text: &str) -> Option<TierSale> {
    if text == "exclusive" {
        return Some(TierSale::Exclusive);
    }
    let (kind, most) = text.split_once(':')?;
    let digits = most.bytes().all(|byte| byte.is_ascii_digit()) && !most.starts_with('0');
    let most = most.parse().ok().filter(|most| digits && (2..=MOST_SHARES).contains(most))?;
    match kind {
        "shared" => Some(TierSale::Shared(most)),
        "best" => Some(TierSale::Best(most)),
        _ => None,
    }
}

/// The tier's contracts in the order of keys. One that is named and tagged too is in it once.
fn contracts(keys: &mut Keys<'_>, vertical: Option<&VerticalName>, context: &Context) -> BTreeSet<ContractIndex> {
    let key = Key::required("contracts", "`buyer/contract`, or `tag:NAME` for all of the vertical that have the tag.", "contracts = [\"buyer/contract\"]");
    let describe = || json!({ "type": "string", "pattern": "^(tag:[A-Za-z0-9_-]{1,64}|[A-Za-z0-9_-]{1,64}/[A-Za-z0-9_-]{1,64})$" });
    let list = keys.list(key, None, 1..=MOST_ENTRIES, describe, |found| {
        let text = found.text()?;
        read_entry(text).ok_or_else(|| Wrong::new(format!("is {}", quoted(text)), "write `buyer/contract` or `tag:NAME`"))
    });
    let Some(list) = list else { return BTreeSet::new() };
    let mut entries = BTreeSet::new();
    let mut indices = BTreeSet::new();
    for At { value: entry, line } in list.value {
        match &entry {
            Entry::Contract(key) => indices.extend(named(keys, line, key, vertical, context)),
            Entry::Tag(tag) => indices.extend(tagged(keys, line, tag, vertical, context)),
        }
        if let Some(twice) = entries.replace(entry) {
            let name = match twice {
                Entry::Contract(key) => key.to_string(),
                Entry::Tag(tag) => format!("tag:{tag}"),
            };
            keys.problem(line, format!("`contracts` has \"{name}\" twice"), "name each once");
        }
    }
    indices
}

fn read_entry(text: &str) -> Option<Entry> {
    match text.strip_prefix("tag:") {
        Some(tag) => exchange::id::check_name(tag).ok().map(|()| Entry::Tag(tag.to_owned())),
        None => text.parse().ok().map(Entry::Contract),
    }
}

fn named(keys: &mut Keys<'_>, line: usize, key: &ContractKey, vertical: Option<&VerticalName>, context: &Context) -> Option<ContractIndex> {
    let Ok(place) = context.contracts.binary_search_by(|draft| draft.key.cmp(key)) else {
        if !context.unread_buyers.contains(&key.buyer) {
            // With half of the key right, the other half is the mistake; all contracts would be many to compare.
            let alike = context.contracts.iter().filter(|draft| draft.key.buyer == key.buyer || draft.key.name == key.name);
            let known: Vec<String> = alike.map(|draft| draft.key.to_string()).collect();
            let near = nearest(&key.to_string(), known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`? Or ")).unwrap_or_default();
            let mend = format!("{near}add [contracts.{}] to buyers/{}.toml", key.name, key.buyer);
            keys.problem(line, format!("`contracts` names `{key}`, which there isn't"), mend);
        }
        return None;
    };
    let draft = &context.contracts[place];
    if let (Some(wanted), Some(other)) = (vertical, &draft.vertical)
        && wanted != other
    {
        keys.problem(line, format!("`contracts` names `{key}`, a contract of {other} in a tree of {wanted}"), "take it out, or mend either's `vertical`");
    }
    u32::try_from(place).ok().map(ContractIndex)
}

fn tagged(keys: &mut Keys<'_>, line: usize, tag: &str, vertical: Option<&VerticalName>, context: &Context) -> Vec<ContractIndex> {
    let Some(vertical) = vertical else { return Vec::new() };
    let fits = |(_, draft): &(usize, &super::draft::ContractDraft)| draft.vertical.as_ref() == Some(vertical) && draft.tags.contains(tag);
    let places = context.contracts.iter().enumerate().filter(fits).filter_map(|(place, _)| u32::try_from(place).ok());
    let indices: Vec<ContractIndex> = places.map(ContractIndex).collect();
    if indices.is_empty() && context.unread_buyers.is_empty() {
        keys.warning(line, format!("no contract of {vertical} has the tag `{tag}`"), format!("write tags = [\"{tag}\"] in a contract, or take the entry out"));
    }
    indices
}
