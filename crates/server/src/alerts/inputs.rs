//! What the rules look at, read of the store as of now.

use std::{collections::BTreeMap, time::Duration};

use exchange::{
    alerts::{AlertInputs, BuyerInputs, ContractInputs, DiskInputs, VerticalInputs},
    command::Terms,
    figures::{Booked, BuyerCounts, Quarter},
    id::{BuyerName, ContractIndex, VerticalName},
    market::Market,
    money::Money,
    time::Timestamp,
};
use store::{ReadError, Reader};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);
/// Notices that are looked through: more than these are many anyway.
const MOST_NOTICES: u32 = 1000;

pub fn read(reader: &mut dyn Reader, market: &Market, now: Timestamp, disk: Option<DiskInputs>) -> Result<AlertInputs, ReadError> {
    let rules = &market.parts().alerts.rules;
    let (contracts, available) = contracts(reader, market, now)?;
    let is_older = |at: Option<Timestamp>, minutes: u32| at.is_some_and(|at| now.since(at) >= MINUTE * minutes);
    let unknown = reader.unknown_sales()?;
    let notices = reader.undelivered_notices(MOST_NOTICES)?;
    Ok(AlertInputs {
        contracts,
        buyers: buyers(reader, &available, now)?,
        verticals: verticals(reader, market, now)?,
        unknown_posts: unknown.iter().filter(|sale| !sale.test && is_older(sale.post_started_at, rules.unknown_minutes)).count() as u64,
        undelivered_notices: notices.iter().filter(|row| is_older(Some(row.notice.changed_at), rules.notices_minutes)).count() as u64,
        disk,
    })
}

type Contracts = (Vec<ContractInputs>, BTreeMap<BuyerName, Money>);

/// Those that may be offered something now: caps of the others matter to nobody.
fn contracts(reader: &mut dyn Reader, market: &Market, now: Timestamp) -> Result<Contracts, ReadError> {
    let open = market.parts().contracts.iter().filter_map(|contract| Terms::of(market, &contract.key).ok());
    let asked: Vec<(ContractIndex, Terms)> = open.filter_map(|terms| Some((market.contract_index(&terms.contract)?, terms))).collect();
    let facts = reader.facts(now, &asked, &[], false)?;
    let mut available = BTreeMap::new();
    let contracts = asked.iter().zip(facts).map(|((_, terms), facts)| {
        available.insert(terms.contract.buyer.clone(), facts.available);
        ContractInputs { contract: terms.contract.clone(), caps: facts.caps.to_vec() }
    });
    Ok((contracts.collect(), available))
}

/// The last quarter of an hour and the present one, beside the day before them.
fn buyers(reader: &mut dyn Reader, available: &BTreeMap<BuyerName, Money>, now: Timestamp) -> Result<Vec<BuyerInputs>, ReadError> {
    let recent_from = Quarter::of(now.minus(Quarter::LENGTH));
    let (mut recent, mut before): (BTreeMap<_, BuyerCounts>, BTreeMap<_, BuyerCounts>) = Default::default();
    for ((quarter, buyer), counts) in reader.tallies(recent_from.start().minus(DAY), now)?.buyers {
        let side = if quarter >= recent_from { &mut recent } else { &mut before };
        *side.entry(buyer).or_default() += &counts;
    }
    let of = |buyer: &BuyerName, side: &BTreeMap<BuyerName, BuyerCounts>| side.get(buyer).cloned().unwrap_or_default();
    let inputs = |(buyer, available): (&BuyerName, &Money)| BuyerInputs {
        buyer: buyer.clone(),
        available: Some(*available),
        recent: of(buyer, &recent),
        before: of(buyer, &before),
    };
    Ok(available.iter().map(inputs).collect())
}

fn verticals(reader: &mut dyn Reader, market: &Market, now: Timestamp) -> Result<Vec<VerticalInputs>, ReadError> {
    let mut of = |until: Timestamp| {
        let mut sums: BTreeMap<VerticalName, Booked> = BTreeMap::new();
        reader.figures(until.minus(HOUR), until)?.into_iter().for_each(|row| *sums.entry(row.vertical).or_default() += row.booked);
        Ok::<_, ReadError>(sums)
    };
    let (hour, week_before) = (of(now)?, of(now.minus(WEEK))?);
    let sum = |sums: &BTreeMap<VerticalName, Booked>, name: &VerticalName| sums.get(name).copied().unwrap_or_default();
    let inputs = |name: &VerticalName| VerticalInputs { vertical: name.clone(), hour: sum(&hour, name), week_before: sum(&week_before, name) };
    Ok(market.parts().verticals.iter().map(|vertical| inputs(&vertical.name)).collect())
}
