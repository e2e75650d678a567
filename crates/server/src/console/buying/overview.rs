//! `/console/buying`: what the buyer has, what its contracts take, and how it does today.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use exchange::{
    cap::{Cap, Limit, Usage},
    command::Terms,
    contract::{Contract, Pricing},
    facts::ContractFacts,
    figures::{BuyerCounts, BuyerFigure, Measure},
    id::{BuyerName, ContractIndex},
    ledger::Account,
    market::Market,
    money::Money,
    time::Timestamp,
};

use super::buyer_of;
use crate::{
    clock,
    console::{
        components::{Amount, Meter, Tag, Tone},
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    figures::{period::Period, report::Report},
    node::Node,
};

#[derive(Template)]
#[template(path = "console/buying/overview.html")]
struct View {
    frame: Frame,
    label: String,
    balance: Amount,
    held: Amount,
    available: Amount,
    figures: Vec<(&'static str, &'static str, Measure)>,
    contracts: Vec<Row>,
}

struct Row {
    name: String,
    vertical: String,
    price: String,
    state: Tag,
    caps: Vec<(String, Meter)>,
    /// Whether the buyer may pause it, and whether it has.
    switch: Option<bool>,
    may_set_price: bool,
}

/// What the store says of a buyer.
#[derive(Default)]
struct Found {
    balance: Money,
    held: Money,
    facts: Vec<ContractFacts>,
    counts: BuyerCounts,
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor) -> Reply {
    let buyer = buyer_of(&visitor)?;
    let market = node.market().ok_or_else(|| Failed::Refused("No market has been applied yet.".into()))?;
    let (now, asked) = (clock::now(), own_contracts(&market, &buyer));
    let terms: Vec<_> = asked.iter().filter_map(|index| Some((*index, Terms::of(&market, &market.contract(*index).key).ok()?))).collect();
    let (name, today) = (buyer.clone(), Period::today(now, &node.time_zone()));
    let found = node.page_readers.read(move |reader| {
        let account = Account::Buyer(name.clone());
        let row = reader.balances()?.into_iter().find(|row| row.account == account);
        Ok(Found {
            balance: row.as_ref().map_or(Money::ZERO, |row| row.balance),
            held: row.as_ref().map_or(Money::ZERO, |row| row.held),
            facts: reader.facts(now, &terms, &[], false)?,
            counts: Report::read(reader, today, None)?.buyers.remove(&name).unwrap_or_default(),
        })
    });
    reply::page(&view(Frame::of(&visitor, Place::Buying), &market, &buyer, &found.await?, now))
}

fn own_contracts(market: &Market, buyer: &BuyerName) -> Vec<ContractIndex> {
    let indices = (0..market.parts().contracts.len()).filter_map(|index| u32::try_from(index).ok().map(ContractIndex));
    indices.filter(|index| market.contract(*index).key.buyer == *buyer).collect()
}

/// What a buyer is told of how it does; what it is spared, and how fast it is, are the operator's.
const TOLD: [BuyerFigure; 7] =
    [BuyerFigure::Pings, BuyerFigure::Bids, BuyerFigure::Wins, BuyerFigure::WinRate, BuyerFigure::TimeOuts, BuyerFigure::Rejects, BuyerFigure::LatencyMedian];

fn view(frame: Frame, market: &Market, buyer: &BuyerName, found: &Found, now: Timestamp) -> View {
    let of_market = market.buyer_named(buyer);
    let credit = of_market.map_or(Money::ZERO, |buyer| buyer.credit);
    let is_suspended = of_market.is_none_or(|buyer| buyer.suspended);
    let row = |index: ContractIndex| {
        let contract = market.contract(index);
        let caps = found.facts.iter().find(|facts| facts.contract == index).map_or_else(Vec::new, |facts| facts.caps.iter().map(meter).collect());
        Row {
            name: contract.key.name.to_string(),
            vertical: market.vertical(&contract.vertical).map_or_else(|| contract.vertical.to_string(), |vertical| vertical.label.clone()),
            price: price(contract),
            state: state(contract, is_suspended, now),
            caps,
            switch: contract.self_service.pause.then_some(contract.paused_by_buyer),
            may_set_price: !contract.self_service.prices.is_empty(),
        }
    };
    View {
        frame,
        label: of_market.map_or_else(|| buyer.to_string(), |buyer| buyer.label.clone()),
        balance: Amount::with_code(found.balance, market.currency()),
        held: Amount::of(found.held),
        available: Amount::of(found.balance + credit - found.held),
        figures: TOLD.map(|figure| (figure.label(), figure.definition(), figure.of(&found.counts))).into(),
        contracts: own_contracts(market, buyer).into_iter().map(row).collect(),
    }
}

pub(super) fn price(contract: &Contract) -> String {
    match contract.pricing {
        Pricing::Bid { max_bid } => format!("bids up to {max_bid}"),
        Pricing::Fixed { exclusive: Some(exclusive), shared: Some(shared) } => format!("{exclusive}, shared {shared}"),
        Pricing::Fixed { exclusive: Some(price), shared: None } => price.to_string(),
        Pricing::Fixed { exclusive: None, shared: Some(shared) } => format!("shared {shared}"),
        Pricing::Fixed { exclusive: None, shared: None } => "none".into(),
    }
}

pub(super) fn state(contract: &Contract, is_suspended: bool, now: Timestamp) -> Tag {
    if is_suspended {
        Tag::new("suspended", Tone::Bad)
    } else if contract.paused {
        Tag::new("paused by the operator", Tone::Warn)
    } else if contract.paused_by_buyer {
        Tag::new("paused by you", Tone::Warn)
    } else if contract.is_open(now) {
        Tag::new("live", Tone::Good)
    } else {
        Tag::new("closed now", Tone::Plain)
    }
}

pub(super) fn meter((cap, usage): &(Cap, Usage)) -> (String, Meter) {
    let micros = |money: Money| u64::try_from(money.micros()).unwrap_or(0);
    let (used, most, words) = match cap.limit {
        Limit::Count(most) => (usage.count, most, format!("{} of {cap}", usage.count)),
        Limit::Spend(most) => (micros(usage.spend), micros(most), format!("{} of {cap}", usage.spend)),
    };
    (words.clone(), Meter::new(words, used, most))
}

#[cfg(test)]
mod tests {
    use exchange::id::Revision;

    use super::*;
    use crate::{console::frame, demo::sample};

    #[test]
    fn render() {
        let (parts, _) = wire::market::read(&sample::market(9001)).unwrap();
        let market = Market::new(Revision(3), parts);
        let buyer = market.parts().buyers[0].name.clone();
        let of = |index: &ContractIndex| {
            let used = |cap: &Cap| (*cap, Usage { count: 9, spend: Money::from_units(120) });
            ContractFacts { contract: *index, refused: None, caps: market.contract(*index).caps.iter().map(used).collect(), available: Money::ZERO }
        };
        let facts = own_contracts(&market, &buyer).iter().map(of).collect();
        let counts = BuyerCounts { pings: 10, bids: 8, posts: 3, ..BuyerCounts::default() };
        let found = Found { balance: Money::from_units(-40), held: Money::from_units(12), facts, counts };
        let now = Timestamp::from_micros(1_764_264_000_000_000);
        let page = view(frame::sample(&format!("buyer:{buyer}"), Place::Buying), &market, &buyer, &found, now).render().unwrap();
        // Nobody else is named.
        for other in &market.parts().buyers[1..] {
            assert!(!page.contains(other.name.as_str()) && !page.contains(&other.label), "{}", other.name);
        }
        insta::assert_snapshot!(frame::inside(&page));
    }
}
