//! `/console/trees/{name}`: a tree as a picture: its tiers and contracts as they are, and today's leads on their way through it.

use std::{cmp::Reverse, sync::Arc};

use askama::Template;
use axum::extract::{Path, State};
use exchange::{
    course::{ContractCourse, Courses, Step},
    id::{ContractIndex, ContractKey, TreeName},
    market::Market,
    permission::Permission,
    tree::{Order, Tier, Tree},
};

use super::{
    super::{
        failed::Failed,
        frame::Frame,
        navigation::Place,
        reply::{self, Reply},
        visitor::Visitor,
    },
    card::Card,
    desk, meters,
    overview::sale,
    sankey::{Sankey, share},
};
use crate::{clock, courses::Sample, node::Node};

#[derive(Template)]
#[template(path = "console/market/tree.html")]
struct View {
    frame: Frame,
    name: String,
    vertical: String,
    suppliers: String,
    deadline_ms: u128,
    max_disclosures: u32,
    may_change: bool,
    tiers: Vec<TierView>,
    coverage: String,
    sankey: Option<Sankey>,
    contracts: Vec<ContractRow>,
    contracts_more: usize,
}

struct TierView {
    number: usize,
    name: String,
    mode: &'static str,
    order: &'static str,
    floor: String,
    deadline: String,
    sale: String,
    cards: Vec<Card>,
    more: usize,
}

struct ContractRow {
    key: String,
    offered: u64,
    eligible: String,
    pinged: u64,
    bid: String,
    won: String,
    sold: u64,
    /// The main reason for no, and how often it was.
    reason: Option<(String, String)>,
}

/// So many cards of a tier are drawn, and rows told: a tree may have 10,000 contracts.
const MOST_CARDS: usize = 60;
const MOST_ROWS: usize = 200;

pub fn named<'m>(market: &'m Market, name: &str) -> Result<&'m Tree, Failed> {
    let name: Option<TreeName> = name.parse().ok();
    market.parts().trees.iter().find(|tree| Some(&tree.name) == name.as_ref()).ok_or_else(|| Failed::not_found("The market has no tree of this name."))
}

pub async fn page(State(node): State<Arc<Node>>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    let market = desk::market(&node)?;
    let tree = named(&market, &name)?;
    let drawn: Vec<Vec<ContractIndex>> = tree.tiers.iter().map(|tier| in_order(&market, tier)).collect();
    let facts = meters::facts(&node, &market, &drawn.concat()).await;
    let sample = sample(&node, &market).await?;
    let cards = drawn.iter().map(|tier| tier.iter().map(|index| Card::of(&market, *index, &facts, clock::now())).collect());
    reply::page(&view(Frame::of(&visitor, Place::Market), &market, tree, cards.collect(), &sample, visitor.may(Permission::ChangeMarket)))
}

/// The contracts of a tier that are drawn, in the order they are asked where that is certain.
fn in_order(market: &Market, tier: &Tier) -> Vec<ContractIndex> {
    let contracts = || tier.contracts.iter().map(|index| market.contract(*index));
    let first = match tier.order {
        Order::Priority => least(contracts().map(|contract| contract.priority.unwrap_or(u32::MAX)), MOST_CARDS),
        Order::Price => least(contracts().map(|contract| Reverse(tier.highest(contract))), MOST_CARDS),
        Order::Weight | Order::RoundRobin => (0..tier.contracts.len().min(MOST_CARDS)).collect(),
    };
    first.into_iter().map(|place| tier.contracts[place]).collect()
}

/// The places of the smallest keys in their order, the first of the same. The others stay as they come: to sort ten thousand keeps the
/// processor for longer than a page may.
fn least<K: Ord>(keys: impl Iterator<Item = K>, most: usize) -> Vec<usize> {
    let mut all: Vec<(K, usize)> = keys.enumerate().map(|(place, key)| (key, place)).collect();
    if all.len() > most {
        all.select_nth_unstable(most);
        all.truncate(most);
    }
    all.sort_unstable();
    all.into_iter().map(|(_, place)| place).collect()
}

pub async fn sample(node: &Node, market: &Arc<Market>) -> Result<Arc<Sample>, Failed> {
    node.courses.sample(&node.readers, market).await.map_err(|error| {
        tracing::error!(%error, "today's runs could not be looked at");
        Failed::Unavailable
    })
}

fn view(frame: Frame, market: &Market, tree: &Tree, cards: Vec<Vec<Card>>, sample: &Sample, may_change: bool) -> View {
    let courses = sample.trees.get(&tree.name).filter(|courses| courses.reached[0] > 0);
    let rows: Vec<ContractRow> = courses.map(contract_rows).unwrap_or_default();
    let contracts_more = courses.map_or(0, |courses| courses.contracts().len() - rows.len());
    let tier = |(place, (tier, cards)): (usize, (&Tier, Vec<Card>))| TierView {
        number: place + 1,
        name: tier.name.clone(),
        mode: tier.mode.word(),
        order: tier.order.word(),
        floor: tier.floor.to_string(),
        deadline: tier.deadline.map_or_else(|| "the tree's".into(), |deadline| format!("{} ms", deadline.as_millis())),
        sale: sale(tier.sale),
        more: tier.contracts.len() - cards.len(),
        cards,
    };
    View {
        frame,
        name: tree.name.to_string(),
        vertical: tree.vertical.to_string(),
        suppliers: tree.suppliers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        deadline_ms: tree.deadline.as_millis(),
        max_disclosures: tree.max_disclosures,
        may_change,
        tiers: tree.tiers.iter().zip(cards).enumerate().map(tier).collect(),
        coverage: coverage(sample, market),
        sankey: courses.map(|courses| Sankey::of(courses, &format!("/console/trees/{}/lost", tree.name))),
        contracts: rows,
        contracts_more,
    }
}

/// What the figures rest on.
pub fn coverage(sample: &Sample, market: &Market) -> String {
    let Some(oldest) = sample.oldest else { return "No lead was recorded today.".into() };
    let local = |at: exchange::time::Timestamp| market.parts().time_zone.to_datetime(at.to_jiff()).strftime("%H:%M:%S").to_string();
    let of_what = if sample.is_whole {
        format!("all {} runs of today", sample.runs)
    } else {
        format!("the latest {} runs of today, since {}", sample.runs, local(oldest))
    };
    format!("Of {of_what}, counted from their records at {}; tests and duplicates left out.", local(sample.at))
}

/// Those that are won most first, then those that are eligible; as many as are shown.
fn contract_rows(courses: &Courses) -> Vec<ContractRow> {
    let at = |course: &ContractCourse, step: Step| course.reached[step.place()];
    let all: Vec<_> = courses.contracts().collect();
    // Of the same, the first by its key.
    let best = |course: &ContractCourse| [Step::Sold, Step::Won, Step::Eligible].map(|step| Reverse(at(course, step)));
    let row = |(key, course): (&ContractKey, &ContractCourse)| ContractRow {
        key: key.to_string(),
        offered: at(course, Step::Offered),
        eligible: share(at(course, Step::Eligible), at(course, Step::Offered)),
        pinged: at(course, Step::Pinged),
        bid: share(at(course, Step::Bid), at(course, Step::Pinged)),
        won: share(at(course, Step::Won), at(course, Step::Bid)),
        sold: at(course, Step::Sold),
        reason: course.main_reason().map(|(why, count)| (in_words(why), share(count, at(course, Step::Offered)))),
    };
    least(all.iter().map(|(_, course)| best(course)), MOST_ROWS).into_iter().map(|place| row(all[place])).collect()
}

/// A reason of one word; one that tells more has names in it, which stay as they are.
fn in_words(why: &str) -> String {
    if why.contains(':') { why.to_owned() } else { why.replace('_', " ") }
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use exchange::{
        attribute::PingPart,
        facts::{Facts, Seed},
        id::{LeadId, Revision, SaleId, Subject},
        money::Money,
        record::{BidOutcome, Decision, Micros, RunKind, RunRecord, UnsoldReason},
        time::Timestamp,
    };

    use super::*;
    use crate::console::frame;

    pub fn sample() -> Market {
        let (parts, _) = wire::market::read(&crate::demo::sample::market(9001)).unwrap();
        Market::new(Revision(4), parts)
    }

    const NOON: Timestamp = Timestamp::from_micros(1_795_435_200_000_000);

    /// Leads without attributes: whoever has a filter doesn't want them.
    fn courses(market: &Market, name: &str) -> Sample {
        let place = market.parts().trees.iter().position(|tree| tree.name.as_str() == name).unwrap();
        let tree = exchange::id::TreeIndex(place as u32);
        let contract = market.tree(tree).tiers[0].contracts[0];
        let mut sample = Sample { runs: 3, at: NOON, oldest: Some(NOON), is_whole: false, ..Sample::default() };
        let courses = sample.trees.entry(market.tree(tree).name.clone()).or_default();
        let at = Micros(0);
        let outcomes: [Vec<Decision>; 3] = [
            vec![
                Decision::Answered { tier: 0, contract, outcome: BidOutcome::Fixed { exclusive: Some(Money::from_units(12)), shared: None } },
                Decision::Reserving {
                    tier: 0,
                    contract,
                    sale: SaleId::from_bytes([1; 16]),
                    kind: exchange::contract::SaleKind::Exclusive,
                    price: Money::from_units(12),
                    net: Money::from_units(9),
                },
                Decision::Sold { sale: SaleId::from_bytes([1; 16]) },
            ],
            vec![Decision::Unsold { reason: UnsoldReason::NoEligibleBuyer }],
            vec![Decision::Unsold { reason: UnsoldReason::NoEligibleBuyer }],
        ];
        for (number, decisions) in outcomes.into_iter().enumerate() {
            let record = RunRecord {
                revision: market.revision(),
                supplier: market.parts().suppliers.iter().find(|supplier| supplier.name.as_str() == "dreamy-leads").unwrap().name.clone(),
                vertical: market.tree(tree).vertical.clone(),
                test: false,
                kind: RunKind::Direct,
                attributes: PingPart::default(),
                started_at: NOON,
                seed: Seed([0; 32]),
                facts: Facts::default(),
                events: Vec::new(),
                decisions: [Decision::TierEntered { tier: 0 }].into_iter().chain(decisions).map(|decision| (at, decision)).collect(),
            };
            courses.add(Subject::Lead(LeadId::from_bytes([number as u8; 16])), &record, market, tree, || ());
        }
        sample
    }

    #[test]
    fn the_least_are_in_order_and_of_the_same_the_first() {
        let keys = [3, 1, 2, 1, 0, 2, 1];
        let mut all: Vec<usize> = (0..keys.len()).collect();
        all.sort_by_key(|place| keys[*place]);
        for most in 0..=keys.len() + 1 {
            assert_eq!(least(keys.iter(), most), all[..most.min(keys.len())], "{most}");
        }
    }

    #[test]
    fn render() {
        let market = sample();
        let tree = named(&market, "mortgage").unwrap();
        let facts = BTreeMap::new();
        let cards = tree.tiers.iter().map(|tier| in_order(&market, tier).iter().map(|index| Card::of(&market, *index, &facts, NOON)).collect()).collect();
        insta::assert_snapshot!(frame::inside(
            &view(frame::sample("operations", Place::Market), &market, tree, cards, &courses(&market, "mortgage"), true).render().unwrap()
        ));
        let empty = tree.tiers.iter().map(|_| Vec::new()).collect();
        let view = view(frame::sample("read-only", Place::Market), &market, tree, empty, &Sample::default(), false).render().unwrap();
        assert!(view.contains("No lead was recorded today") && !view.contains("sankey"), "{view}");
    }
}
