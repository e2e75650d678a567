//! `buyers/NAME.toml`: who buys leads, with an endpoint and contracts.

use std::collections::BTreeSet;

use exchange::{
    buyer::Buyer,
    id::{BuyerName, ContractKey, ParentName, VerticalName, check_name},
    schema::Vertical,
};
use serde_json::json;

use super::{
    context::Context,
    contract::contract,
    draft::ContractDraft,
    endpoint::{Reach, endpoint},
    keys::{Key, Keys},
    list::Lists,
    problem::{Wrong, quoted},
    values::short_text,
};

#[derive(Debug, Default)]
pub(super) struct BuyerDraft {
    /// None where something that a buyer can't be without is wrong.
    pub buyer: Option<Buyer>,
    pub contracts: Vec<ContractDraft>,
}

pub(super) fn buyer(keys: &mut Keys<'_>, name: Option<&BuyerName>, context: &Context, lists: &mut Lists) -> BuyerDraft {
    let label = keys.text(Key::optional("label", "What people call the buyer. Default: its name."), 128);
    let parent = Key::optional("parent", "The company behind it: a shared lead goes to one buyer of each. Default: the buyer itself.");
    let describe = || json!({ "type": "string", "minLength": 1, "maxLength": 128 });
    let parent = keys.value(parent, None, describe, |found| {
        let text = found.text()?;
        ParentName::of_company(text).ok_or_else(|| Wrong::new(format!("is {}", quoted(text)), "write the company's name in 1 to 128 bytes"))
    });
    let credit = Key::optional("credit", "How far below zero the balance may go; 0 is prepaid.");
    let credit = keys.money_or_zero(credit, context.settings.currency);
    let names = Key::optional("consent_names", "What a consumer's consent may call it, where it goes to named companies. Default: its label and its parent.");
    let names = keys.list(names, None, 1..=100, || json!({ "type": "string", "minLength": 1, "maxLength": 128 }), |found| short_text(found, 128));
    let suspended = keys.boolean(Key::optional("suspended", "None of its contracts is offered anything."), false);
    let table = Key::required("endpoint", "Where the buyer is reached.", "a table [endpoint]");
    let verticals = verticals_of(keys, context);
    let endpoint = keys.table(table, |keys| endpoint(keys, context, &verticals)).map(|at| at.value);
    let (endpoint, reach) = endpoint.unwrap_or((None, Reach::UNKNOWN));
    let contracts = Key::optional("contracts", "Its standing offers by name, each a table.");
    let contracts = keys.named_tables(contracts, |keys, contract_name| {
        let key = name.filter(|_| check_name(contract_name).is_ok()).map(|buyer| ContractKey { buyer: buyer.clone(), name: contract_name.into() });
        contract(keys, key, reach, context, lists)
    });
    let buyer = name.zip(endpoint).and_then(|(name, endpoint)| {
        Some(Buyer {
            name: name.clone(),
            label: label.map_or_else(|| name.to_string(), |at| at.value.to_owned()),
            parent: parent.map(|at| at.value).or_else(|| ParentName::of_company(name.as_str()))?,
            credit,
            consent_names: names.map_or_else(Vec::new, |list| list.value.into_iter().map(|at| at.value.to_owned()).collect()),
            endpoint,
            suspended,
        })
    });
    BuyerDraft { buyer, contracts: contracts.into_iter().filter_map(|at| at.value).collect() }
}

/// Those of the contracts, which are read after the endpoint: as far as they can be told.
fn verticals_of<'c>(keys: &Keys<'_>, context: &'c Context) -> Vec<&'c Vertical> {
    let contracts = keys.peek("contracts").and_then(|contracts| contracts.as_table());
    let names = contracts
        .into_iter()
        .flat_map(|contracts| contracts.iter())
        .filter_map(|(_, contract)| contract.get_ref().as_table()?.get("vertical")?.get_ref().as_str());
    let names: BTreeSet<VerticalName> = names.filter_map(|name| name.parse().ok()).collect();
    names.iter().filter_map(|name| context.verticals.get(name)?.vertical.as_ref()).collect()
}
