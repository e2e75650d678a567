//! `[contracts.NAME]` of a buyer: a standing offer in one vertical.

use std::{collections::BTreeSet, time::Duration};

use exchange::{
    cap::{Cap, Limit, Period},
    contract::{Contract, DisclosurePolicy, Sources, UnknownEnd, UnknownPolicy},
    filter::Filter,
    hours::OpenHours,
    id::{BuyerIndex, ContractKey, SupplierName, VerticalName},
    schema::FieldIndex,
};
use serde_json::json;

use super::{
    context::Context,
    draft::ContractDraft,
    endpoint::Reach,
    filter::{Terms, compile},
    keys::{Found, Key, Keys},
    list::Lists,
    nearest::suggestion,
    price::{agreed_price, pricing, sale_kinds},
    problem::{Wrong, quoted},
    self_service::self_service,
    settings::time_zone,
    values::{PlainName, name_schema, read_name},
};

const MOST_DAYS: i64 = 3650;
const MOST_CAPS: usize = 20;
/// Of tags, and of suppression lists.
const MOST_NAMES: usize = 100;
const MOST_HOURS: usize = 100;

pub(super) fn contract(keys: &mut Keys<'_>, key: Option<ContractKey>, reach: Reach, context: &Context, lists: &mut Lists) -> Option<ContractDraft> {
    let currency = context.settings.currency;
    let vertical = Key::required("vertical", "The kind of leads that it buys.", "vertical = \"NAME\"");
    let vertical = keys.value(vertical, None, name_schema, |found| context.check_vertical(read_name(found)?)).map(|at| at.value);
    let filter = filter(keys, vertical.as_ref(), context, lists);
    let requires = requires(keys, vertical.as_ref(), context);
    let kinds = sale_kinds(keys);
    let pricing = pricing(keys, kinds, reach, currency);
    let agreed_price = agreed_price(keys, pricing, reach, currency);
    let caps = caps(keys, context);
    let hours = hours(keys);
    let zone = time_zone(keys, Key::optional("time_zone", "Of its caps and hours, by its IANA name. Default: market.toml's."));
    let disclosure = disclosure(keys, reach);
    let unknown = unknown(keys);
    let duplicate_days = Key::optional("duplicate_days", "This buyer's company doesn't buy the same person again within so many days.");
    let duplicate_days = days(keys, duplicate_days);
    let suppression = keys.names(Key::optional("lists", "Suppression lists, kept in the store: people on them aren't offered."), MOST_NAMES);
    let sources = sources(keys, context);
    let priority = keys.integer(Key::optional("priority", "Where order is by priority: 1 is first, none is last."), 1..=1_000_000);
    let weight = keys.integer_or(Key::optional("weight", "Where order is by weight: its part of the draws."), 1..=1_000_000, 1);
    let tags = keys.names::<PlainName>(Key::optional("tags", "Trees take in contracts by tag."), MOST_NAMES);
    let tags: BTreeSet<String> = tags.map_or_else(BTreeSet::new, |list| list.value.into_iter().map(|at| at.value.0).collect());
    let return_days = days(keys, Key::optional("return_days", "A sale may be returned within so many days. Default: never."));
    let return_percent = Key::optional("return_percent", "At most this percent of its sales of the last 30 days may be returned.");
    let return_percent = keys.percent(return_percent, 100);
    let paused = keys.boolean(Key::optional("paused", "It stays in its trees, but is offered nothing."), false);
    let paused_by_buyer = keys.boolean(Key::optional("paused_by_buyer", "The same, by its buyer, where `self_service` lets it."), false);
    let self_service = self_service(keys, pricing, paused_by_buyer, currency);
    let key = key?;
    let contract = vertical.clone().map(|vertical| Contract {
        key: key.clone(),
        // The buyers have places once all of them are read.
        buyer: BuyerIndex(u32::MAX),
        vertical,
        filter,
        requires,
        pricing,
        agreed_price,
        kinds,
        caps,
        hours,
        time_zone: zone.map_or_else(|| context.settings.time_zone.clone(), |at| at.value),
        disclosure,
        unknown,
        duplicate_days,
        lists: suppression.map_or_else(Vec::new, |list| list.value.into_iter().map(|at| at.value).collect()),
        sources,
        priority: priority.and_then(|at| u32::try_from(at.value).ok()),
        weight: u32::try_from(weight).unwrap_or(1),
        tags: tags.clone(),
        return_days,
        return_percent,
        paused,
        paused_by_buyer,
        self_service,
    });
    Some(ContractDraft { key, line: keys.line(), vertical, tags, contract })
}

fn days(keys: &mut Keys<'_>, key: Key) -> Option<u32> {
    keys.integer(key, 1..=MOST_DAYS).and_then(|at| u32::try_from(at.value).ok())
}

/// Everything that is wrong with a filter stands at its line. What its vertical has wrong itself isn't held against it.
fn filter(keys: &mut Keys<'_>, vertical: Option<&VerticalName>, context: &Context, lists: &mut Lists) -> Option<Filter> {
    let key = Key::optional("filter", "CEL over what the ping shows. Default: every lead of the vertical.");
    let describe = || json!({ "type": "string", "minLength": 1, "maxLength": super::filter::MAX_BYTES });
    let text = keys.value(key, None, describe, |found| match found.text()? {
        text if text.trim().is_empty() => Err(Wrong::new("is empty", "take it out to take every lead of the vertical")),
        text => Ok(text),
    })?;
    let draft = context.verticals.get(vertical?)?;
    let terms = Terms { vertical: draft.vertical.as_ref()?, unsure: &draft.unsure, currency: context.settings.currency, lists };
    match compile(text.value, terms) {
        Ok(filter) => Some(filter),
        Err(wrong) => {
            wrong.into_iter().for_each(|wrong| keys.problem(text.line, format!("`filter` {}", wrong.what), wrong.mend));
            None
        }
    }
}

/// `requires = ["trusted_form"]`.
fn requires(keys: &mut Keys<'_>, vertical: Option<&VerticalName>, context: &Context) -> Vec<FieldIndex> {
    let draft = vertical.and_then(|name| context.verticals.get(name));
    let read = |found: Found<'_>| -> Result<Option<FieldIndex>, Wrong> {
        let name: PlainName = read_name(found)?;
        let Some(draft) = draft.filter(|draft| !draft.unsure.contains(&name.0.to_ascii_lowercase())) else { return Ok(None) };
        let Some(vertical) = &draft.vertical else { return Ok(None) };
        let known = vertical.fields().iter().map(|field| field.name.as_str());
        let wrong = || Wrong::new(format!("names the field `{}`, which the vertical doesn't have", name.0), suggestion(&name.0, known));
        vertical.find(&name.0).map(Some).ok_or_else(wrong)
    };
    let key = Key::optional("requires", "Fields that a lead must bring along, at its post at the latest: proofs of consent above all. Default: none.");
    let list = keys.list(key, None, 1..=MOST_NAMES, name_schema, read);
    list.map_or_else(Vec::new, |list| list.value.into_iter().filter_map(|at| at.value).collect())
}

/// `caps = [{ count = 100, per = "day" }]`.
fn caps(keys: &mut Keys<'_>, context: &Context) -> Vec<Cap> {
    let caps = Key::optional("caps", "Limits of sales or spend, each in its window. Default: none.");
    let rows = keys.rows(caps, 0..=MOST_CAPS, |keys| {
        let count = keys.integer(Key::optional("count", "At most so many sales."), 1..=1_000_000_000);
        let spend = keys.price(Key::optional("spend", "At most so much money."), context.settings.currency);
        let per = keys.word(Key::required("per", "The window, in the contract's time zone; weeks start on Monday.", "per = \"day\""), &Period::WORDS, None);
        if keys.has("count") == keys.has("spend") {
            keys.problem(
                keys.line(),
                "a cap limits either the count or the spend",
                "write { count = 100, per = \"day\" } or { spend = \"2000.00\", per = \"month\" }",
            );
        }
        let count = count.and_then(|at| u64::try_from(at.value).ok()).map(Limit::Count);
        let limit = count.or(spend.map(|at| Limit::Spend(at.value)))?;
        Some(Cap { limit, per: per?.value })
    });
    rows.into_iter().filter_map(|at| at.value).collect()
}

/// `hours = ["mon-fri 08:00-18:00"]`.
fn hours(keys: &mut Keys<'_>) -> Vec<OpenHours> {
    let describe = || json!({ "type": "string", "examples": ["mon-fri 08:00-18:00"] });
    let read = |found: Found<'_>| -> Result<OpenHours, Wrong> {
        let text = found.text()?;
        text.parse().map_err(|error: exchange::hours::NotHours| Wrong::new(format!("is {}", quoted(text)), error.to_string()))
    };
    let list =
        keys.list(Key::optional("hours", "When it buys, in its time zone; hours may cross midnight. Default: always."), None, 1..=MOST_HOURS, describe, read);
    list.map_or_else(Vec::new, |list| list.value.into_iter().map(|at| at.value).collect())
}

fn disclosure(keys: &mut Keys<'_>, reach: Reach) -> DisclosurePolicy {
    let words = [("post", DisclosurePolicy::Post), ("strict", DisclosurePolicy::Strict)];
    let key = Key::optional("disclosure", "`strict` confirms without contact first.");
    let Some(policy) = keys.word(key, &words, Some("post")) else { return DisclosurePolicy::Post };
    if policy.value == DisclosurePolicy::Strict && !reach.confirms {
        keys.problem(policy.line, "`disclosure` is \"strict\", but nobody can be asked to confirm", "add `confirm_url` to [endpoint], or write \"post\"");
    }
    policy.value
}

/// `unknown = { after_h = 24, then = "void" }`.
fn unknown(keys: &mut Keys<'_>) -> Option<UnknownPolicy> {
    let key = Key::optional("unknown", "What becomes of a post whose outcome nobody could find out. Default: it stays unknown until somebody settles it.");
    let policy = keys.table(key, |keys| {
        let after = keys.integer(Key::required("after_h", "Hours after the post.", "after_h = 24"), 1..=8760);
        let ends = [("void", UnknownEnd::Void), ("sold", UnknownEnd::Sold)];
        let then = keys.word(Key::required("then", "How it ends then.", "then = \"void\""), &ends, None);
        Some(UnknownPolicy { after: Duration::from_secs(after?.value.unsigned_abs() * 3600), then: then?.value })
    });
    policy.and_then(|at| at.value)
}

/// `suppliers = { deny = ["cheap-clicks"] }`, or allow.
fn sources(keys: &mut Keys<'_>, context: &Context) -> Sources {
    let table = keys.table(Key::optional("suppliers", "Whose leads it takes: `allow` or `deny`. Default: everybody's."), |keys| {
        let mut names = |name, doc| {
            let read = |found: Found<'_>| context.check_supplier(read_name(found)?);
            let list = keys.list(Key::optional(name, doc), None, 1..=10_000, name_schema, read);
            list.map(|list| list.value.into_iter().map(|at| at.value).collect::<BTreeSet<SupplierName>>())
        };
        let (allow, deny) = (names("allow", "These suppliers and no others."), names("deny", "All suppliers but these."));
        if keys.has("allow") && keys.has("deny") {
            keys.problem(keys.line(), "`suppliers` has both `allow` and `deny`", "keep one of them");
        }
        if keys.is_empty() {
            keys.problem(keys.line(), "`suppliers` says nothing", "write { allow = [\"NAME\"] } or { deny = [\"NAME\"] }");
        }
        allow.map(Sources::Only).or(deny.map(Sources::AllBut)).unwrap_or_default()
    });
    table.map_or(Sources::All, |at| at.value)
}
