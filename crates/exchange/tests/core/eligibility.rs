//! For each contract of the tree: yes, or exactly why not.

use std::collections::BTreeSet;

use exchange::{
    attribute::Attribute,
    cap::{Cap, Limit, Period, Usage},
    contract::Sources,
    filter::{Comparison, Filter, Predicate, ValueSet},
    matching::{Offered, WhyNot},
    refusal::Refusal,
    schema::Vertical,
};

use crate::support::{driver::START, player::Player, world::supplier, *};

/// What the market and the ping alone say of the one player `a`.
fn admits(world: &World) -> Result<(), WhyNot> {
    let market = world.market();
    let (vertical, supplier) = (market.vertical(&"loans".parse().unwrap()).unwrap(), market.supplier(&supplier()).unwrap());
    let ping = as_ping(&world.fields).attributes;
    let offered = Offered { market: &market, vertical, supplier, ping: &ping, at: START, test: world.is_test };
    let tree = market.tree(market.tree_for(&vertical.name, &supplier.name).unwrap());
    offered.admits(&tree.tiers[0], tree.tiers[0].contracts[0])
}

fn why(player: Player) -> Result<(), WhyNot> {
    admits(&World::competing([player]))
}

fn filter(predicate: impl FnOnce(&Vertical) -> Predicate) -> Option<Filter> {
    Some(Filter::new(predicate(&loans())))
}

fn in_states(vertical: &Vertical, states: &[&str]) -> Predicate {
    let values = states.iter().map(|state| Attribute::Text((*state).to_owned())).collect();
    Predicate::In(vertical.find("state").unwrap(), ValueSet { list: None, values: std::sync::Arc::new(values) })
}

fn owns_home(vertical: &Vertical) -> Predicate {
    Predicate::Compare(vertical.find("home_owner").unwrap(), Comparison::Equal, Attribute::Boolean(true))
}

#[test]
fn the_market_and_the_ping_say_who_is_eligible() {
    let a = || bids("a", "9");
    let sources = |names: [&str; 1]| BTreeSet::from(names.map(|name| name.parse().unwrap()));
    for (case, player, expected) in [
        ("nothing against it", a(), Ok(())),
        ("paused", Player { is_paused: true, ..a() }, Err(WhyNot::Paused)),
        ("suspended", Player { is_suspended: true, ..a() }, Err(WhyNot::Suspended)),
        ("denied", Player { sources: Sources::AllBut(sources(["source"])), ..a() }, Err(WhyNot::Source(supplier()))),
        ("not allowed", Player { sources: Sources::Only(sources(["other"])), ..a() }, Err(WhyNot::Source(supplier()))),
        ("allowed", Player { sources: Sources::Only(sources(["source"])), ..a() }, Ok(())),
        ("filter", Player { filter: filter(|vertical| in_states(vertical, &["WA", "NY"])), ..a() }, Err(WhyNot::Filter("state in [\"NY\", \"WA\"]".into()))),
        ("filter holds", Player { filter: filter(|vertical| in_states(vertical, &["CA"])), ..a() }, Ok(())),
        ("missing", Player { filter: filter(owns_home), ..a() }, Err(WhyNot::Missing(vec!["home_owner".into()]))),
        (
            "not missing",
            Player { filter: filter(|vertical| Predicate::Not(Box::new(owns_home(vertical)))), ..a() },
            Err(WhyNot::Missing(vec!["home_owner".into()])),
        ),
        (
            "the clause that fails goes before what is missing",
            Player { filter: filter(|vertical| Predicate::All(vec![owns_home(vertical), in_states(vertical, &["WA"])])), ..a() },
            Err(WhyNot::Filter("state in [\"WA\"]".into())),
        ),
        ("closed", Player { hours: vec!["mon 13:00-18:00".parse().unwrap()], ..a() }, Err(WhyNot::Hours)),
        ("open", Player { hours: vec!["mon 13:00-18:00".parse().unwrap(), "mon 12:00-12:01".parse().unwrap()], ..a() }, Ok(())),
        ("kind", a().shared_only(), Err(WhyNot::SaleKind)),
    ] {
        assert_eq!(why(player), expected, "{case}");
    }
}

#[test]
fn prices_that_can_never_do_are_not_asked_for() {
    let world = |player: Player| World::competing([player]).whose_tier(|tier| tier.floor("10"));
    assert_eq!(admits(&world(fixed("a", "9.99"))), Err(WhyNot::Floor(usd("10"))));
    assert_eq!(admits(&world(fixed("a", "10"))), Ok(()));
    assert_eq!(admits(&world(bids("a", "1").at_most("9"))), Err(WhyNot::Floor(usd("10"))));
    let margin = |player: Player| World::competing([player]).margin(20, "1.00");
    assert_eq!(admits(&margin(fixed("a", "1"))), Err(WhyNot::MinPrice));
    assert_eq!(admits(&margin(fixed("a", "10")).min_price("8.01")), Err(WhyNot::MinPrice));
    assert_eq!(admits(&margin(fixed("a", "10")).min_price("8")), Ok(()));
    // The legs of a shared sale make the minimum up together.
    assert_eq!(admits(&margin(fixed("a", "10").shared_only()).whose_tier(|tier| tier.shared(3)).min_price("20")), Ok(()));
}

#[test]
fn a_test_goes_to_test_endpoints_alone() {
    let without = Player { takes_tests: false, ..bids("a", "9") };
    assert_eq!(admits(&World::competing([without.clone()]).test_lead()), Err(WhyNot::NoTestEndpoint));
    assert_eq!(why(without), Ok(()));
}

/// What the present says is in the record, contract by contract.
#[test]
fn the_present_says_who_is_skipped() {
    let cap = Cap { limit: Limit::Count(3), per: Period::Day };
    let spend = Cap { limit: Limit::Spend(usd("20")), per: Period::Month };
    let skipped = |player: Player, change: &dyn Fn(&mut Exchange)| {
        let mut exchange = World::competing([player]).open();
        change(&mut exchange);
        let played = exchange.lead();
        (played.skipped("a").cloned(), played.ending())
    };
    let key = || "a/main".parse().unwrap();
    let none = "unsold no_eligible_buyer".to_owned();
    let used = |count, spend: &'static str| {
        move |exchange: &mut Exchange| {
            exchange.store.usage.insert("a/main".parse().unwrap(), Usage { count, spend: usd(spend) });
        }
    };
    let with = |cap: Cap, player: Player| Player { caps: vec![cap], ..player };
    assert_eq!(skipped(with(cap, bids("a", "9")), &used(3, "0")), (Some(WhyNot::Cap(cap)), none.clone()));
    assert_eq!(skipped(with(cap, bids("a", "9")), &used(2, "0")), (None, "sold 9.00 to a".into()));
    assert_eq!(skipped(with(spend, fixed("a", "9")), &used(0, "11.01")), (Some(WhyNot::Cap(spend)), none.clone()));
    assert_eq!(skipped(with(spend, fixed("a", "9")), &used(0, "11")), (None, "sold 9.00 to a".into()));
    // A bid may be lower than what is left: it is asked for, and held to it.
    assert_eq!(skipped(with(spend, bids("a", "9")), &used(0, "11.01")), (None, "unsold no_bid".into()));
    let credit = |left: &'static str| {
        move |exchange: &mut Exchange| {
            exchange.store.available.insert("a/main".parse().unwrap(), usd(left));
        }
    };
    assert_eq!(skipped(fixed("a", "9"), &credit("8.99")), (Some(WhyNot::Credit), none.clone()));
    assert_eq!(skipped(bids("a", "9"), &credit("0")), (Some(WhyNot::Credit), none.clone()));
    assert_eq!(skipped(bids("a", "9"), &credit("8.99")), (None, "unsold no_bid".into()));
    for (refusal, why) in [
        (Refusal::Paused, WhyNot::Paused),
        (Refusal::Suspended, WhyNot::Suspended),
        (Refusal::BuyerDuplicate, WhyNot::Present(Refusal::BuyerDuplicate)),
        (Refusal::SuppressedBy("dnc".parse().unwrap()), WhyNot::Present(Refusal::SuppressedBy("dnc".parse().unwrap()))),
    ] {
        let refused = |exchange: &mut Exchange| {
            exchange.store.refused_in_facts.insert(key(), refusal.clone());
        };
        assert_eq!(skipped(bids("a", "9"), &refused), (Some(why), none.clone()));
    }
}

#[test]
fn facts_are_asked_for_those_alone_that_the_market_admits() {
    let played = World::competing([bids("a", "9"), Player { is_paused: true, ..bids("b", "9") }, bids("c", "9")]).lead();
    let asked: Vec<&str> = played.record.facts.contracts.iter().map(|facts| played.name_of(facts.contract)).collect();
    assert_eq!(asked, ["a", "c"]);
}
