//! What crosses runs, as this connection sees it. It may be stale the moment after: Reserve decides.

use std::{collections::HashMap, sync::Arc};

use exchange::{
    cap::Cap,
    command::Terms,
    facts::ContractFacts,
    id::{BuyerName, ContractIndex},
    money::Money,
    refusal::Refusal,
    seal::PersonMac,
    time::Timestamp,
};

use super::super::{
    balances::Credit,
    commands::{is_buyer_duplicate, suppressed_by},
    db::Db,
    failure::Result,
    usage,
};

pub(in crate::sql) fn facts(db: &dyn Db, now: Timestamp, asked: &[(ContractIndex, Terms)], people: &[PersonMac], test: bool) -> Result<Vec<ContractFacts>> {
    let mut credits: HashMap<&BuyerName, Credit> = HashMap::new();
    let mut facts = Vec::with_capacity(asked.len());
    for (contract, terms) in asked {
        let refused = refused(db, now, people, test, terms)?;
        if test {
            facts.push(ContractFacts { contract: *contract, refused, caps: Arc::default(), available: Money::ZERO });
            continue;
        }
        let used = |cap: &Cap| Ok((*cap, usage::seen(db, &terms.contract, cap, now, &terms.time_zone)?.all));
        let caps = terms.caps.iter().map(used).collect::<Result<Arc<[_]>>>()?;
        let buyer = &terms.contract.buyer;
        let credit = match credits.get(buyer) {
            Some(credit) => *credit,
            None => *credits.entry(buyer).or_insert(Credit::of(db, buyer)?),
        };
        facts.push(ContractFacts { contract: *contract, refused, caps, available: credit.available(terms.credit) });
    }
    Ok(facts)
}

fn refused(db: &dyn Db, now: Timestamp, people: &[PersonMac], test: bool, terms: &Terms) -> Result<Option<Refusal>> {
    if let Some(list) = suppressed_by(db, people, &terms.lists)? {
        return Ok(Some(Refusal::SuppressedBy(list)));
    }
    let duplicate = !test && is_buyer_duplicate(db, now, people, None, terms)?;
    Ok(duplicate.then_some(Refusal::BuyerDuplicate))
}
