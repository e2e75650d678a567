//! The index says what asking every contract says: random markets, filters and leads, one revision after another.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use exchange::{
    attribute::{Attribute, PingPart},
    buyer::Buyer,
    contract::{Contract, Pricing, SaleKinds, Sources},
    filter::{Comparison, Filter, Predicate, ValueSet},
    id::{BuyerIndex, ContractIndex, ContractKey, Revision, SupplierName, TreeIndex, VerticalName},
    market::{Market, MarketParts},
    matching::Offered,
    money::{Currency, Margin, Money, Percent},
    schema::{FieldIndex, Vertical},
    supplier::{QuotePolicy, Supplier},
    time::Timestamp,
    tree::{Mode, Order, Tier, TierSale, Tree},
};
use jiff::tz::TimeZone;
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::support::{driver::START, player::Player, *};

const FIELDS: u16 = 5;
const SUPPLIERS: [&str; 3] = ["source", "other", "third"];
const TEXTS: [&str; 8] = ["", "a", "aa", "ab", "abcdefgh1", "abcdefgh2", "b", "\u{10ffff}"];

fn any_attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        4 => select(&TEXTS[..]).prop_map(|text| Attribute::Text(text.to_owned())),
        2 => (-2i64..4).prop_map(Attribute::Integer),
        1 => (-1i64..2).prop_map(Attribute::Decimal),
        1 => (0i64..3).prop_map(|units| Attribute::Money(Money::from_units(units))),
        1 => any::<bool>().prop_map(Attribute::Boolean),
        2 => (0u16..4).prop_map(Attribute::Band),
    ]
}

fn any_field() -> impl Strategy<Value = FieldIndex> {
    (0..FIELDS).prop_map(FieldIndex)
}

fn any_predicate() -> impl Strategy<Value = Predicate> {
    let comparison = select(vec![Comparison::Equal, Comparison::NotEqual, Comparison::Less, Comparison::AtMost, Comparison::More, Comparison::AtLeast]);
    let set = (option::of(Just("list".to_owned())), vec(any_attribute(), 0..5));
    let set = set.prop_map(|(list, values)| ValueSet { list, values: Arc::new(values.into_iter().collect()) });
    let leaf = prop_oneof![
        4 => (any_field(), comparison, any_attribute()).prop_map(|(field, comparison, value)| Predicate::Compare(field, comparison, value)),
        3 => (any_field(), set).prop_map(|(field, set)| Predicate::In(field, set)),
        2 => (any_field(), select(&TEXTS[..])).prop_map(|(field, prefix)| Predicate::StartsWith(field, prefix.to_owned())),
        1 => any_field().prop_map(Predicate::Has),
        1 => any::<bool>().prop_map(Predicate::Always),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Predicate::Not(Box::new(inner))),
            vec(inner.clone(), 0..4).prop_map(Predicate::All),
            vec(inner, 0..4).prop_map(Predicate::Any),
        ]
    })
}

fn any_ping() -> impl Strategy<Value = PingPart> {
    vec(option::weighted(0.8, any_attribute()), usize::from(FIELDS)).prop_map(|values| {
        let shown = values.into_iter().enumerate().filter_map(|(field, value)| Some((FieldIndex(field as u16), value?)));
        PingPart::new(shown.collect())
    })
}

fn any_sources() -> impl Strategy<Value = Sources> {
    let names = vec(select(&SUPPLIERS[..]), 0..3).prop_map(|names| names.into_iter().map(|name| name.parse().unwrap()).collect::<BTreeSet<SupplierName>>());
    prop_oneof![4 => Just(Sources::All), 1 => names.clone().prop_map(Sources::Only), 1 => names.prop_map(Sources::AllBut)]
}

fn any_kinds() -> impl Strategy<Value = SaleKinds> {
    prop_oneof![2 => Just(SaleKinds::EXCLUSIVE), 1 => Just(SaleKinds::SHARED), 2 => Just(SaleKinds::BOTH)]
}

/// In halves of a cent, which a margin that is rounded up to the cent may turn round.
fn any_price() -> impl Strategy<Value = Money> {
    (0i64..40).prop_map(|price| Money::from_micros(price * 505_000))
}

fn any_pricing() -> impl Strategy<Value = Pricing> {
    prop_oneof![
        any_price().prop_map(|max_bid| Pricing::Bid { max_bid }),
        (option::of(any_price()), option::of(any_price())).prop_map(|(exclusive, shared)| Pricing::Fixed { exclusive, shared }),
    ]
}

/// A contract by the number that its key is made of, with its buyer and the tiers that it is in.
#[derive(Clone, Debug)]
struct Term {
    number: u32,
    contract: Contract,
    buyer: Buyer,
    tiers: [bool; 3],
}

prop_compose! {
    fn any_term()(
        number in 0u32..60,
        filter in option::weighted(0.9, any_predicate()),
        sources in any_sources(),
        kinds in any_kinds(),
        pricing in any_pricing(),
        hours in select(&["", "", "", "mon 08:00-13:00", "sun 08:00-13:00", "mon 12:00-12:01"][..]),
        zone in select(&["UTC", "America/New_York"][..]),
        vertical in select(&["loans", "loans", "cars"][..]),
        is_paused in prop::bool::weighted(0.1),
        is_suspended in prop::bool::weighted(0.1),
        takes_tests in any::<bool>(),
        tiers in any::<[bool; 3]>(),
    ) -> Term {
        let hours = if hours.is_empty() { Vec::new() } else { vec![hours.parse().unwrap()] };
        let player = Player { filter: filter.map(Filter::new), sources, kinds, pricing, hours, is_paused, is_suspended, takes_tests, ..bids("a", "1") };
        let contract = Contract { time_zone: TimeZone::get(zone).unwrap(), vertical: vertical.parse().unwrap(), ..player.contract(BuyerIndex(0)) };
        Term { number, contract, buyer: player.buyer(), tiers }
    }
}

prop_compose! {
    fn any_supplier()(
        name in select(&SUPPLIERS[..]),
        percent in select(&[0u32, 10, 33][..]),
        min in any_price(),
        min_price in any_price(),
        is_demanding in any::<bool>(),
    ) -> Supplier {
        let margin = Margin { percent: Percent::of_whole(percent).unwrap(), min: if is_demanding { min } else { Money::ZERO } };
        let min_price = if is_demanding { min_price } else { Money::ZERO };
        Supplier { name: name.parse().unwrap(), margin, min_price, ..World::new([]).supplier }
    }
}

/// The contracts in the order of their numbers, the last of each number.
fn market(revision: u64, terms: &[Term], supplier: Supplier, floors: [Money; 3]) -> Market {
    let by_number: std::collections::BTreeMap<u32, &Term> = terms.iter().map(|term| (term.number, term)).collect();
    let contract = |(place, (number, term)): (usize, (&u32, &&Term))| Contract {
        key: ContractKey { buyer: format!("b{number:05}").parse().unwrap(), name: "main".into() },
        buyer: BuyerIndex(place as u32),
        ..term.contract.clone()
    };
    let tier = |number: usize| Tier {
        name: number.to_string(),
        mode: Mode::Competitive,
        order: Order::Price,
        contracts: by_number.values().enumerate().filter(|(_, term)| term.tiers[number]).map(|(place, _)| ContractIndex(place as u32)).collect(),
        floor: floors[number],
        deadline: None,
        sale: [TierSale::Exclusive, TierSale::Shared(3), TierSale::Best(2)][number],
    };
    let tree = |name: &str, tiers: Vec<Tier>| Tree {
        shows_winning_price: false,
        name: name.parse().unwrap(),
        vertical: "loans".parse().unwrap(),
        suppliers: Vec::new(),
        deadline: Duration::from_secs(1),
        max_disclosures: 1,
        tiers,
    };
    let mut backwards = tier(0);
    backwards.contracts.reverse();
    let parts = MarketParts {
        currency: Currency::USD,
        time_zone: TimeZone::UTC,
        quote: QuotePolicy::DEFAULT,
        firm_share: Percent::ZERO,
        duplicates_window_days: 30,
        egress_allow: Vec::new(),
        approvals_above: None,
        alerts: Default::default(),
        verticals: ["loans", "cars"].map(|name| Vertical::new(name.parse().unwrap(), name.to_owned(), loans().fields().to_vec()).unwrap()).to_vec(),
        suppliers: vec![supplier],
        buyers: by_number.values().map(|term| term.buyer.clone()).collect(),
        contracts: by_number.iter().enumerate().map(contract).collect(),
        trees: vec![tree("all", vec![tier(0), tier(1), tier(2)]), tree("one", vec![tier(2)]), tree("backwards", vec![backwards]), tree("empty", Vec::new())],
    };
    Market::new(Revision(revision), parts)
}

/// Compares the two for every tree, and says how many contracts were admitted.
fn check(market: &Market, ping: &PingPart, test: bool) -> usize {
    let vertical: &VerticalName = &"loans".parse().unwrap();
    let (vertical, supplier) = (market.vertical(vertical).unwrap(), &market.parts().suppliers[0]);
    let offered = Offered { market, vertical, supplier, ping, at: START, test };
    let mut found = 0;
    for (place, tree) in market.parts().trees.iter().enumerate() {
        let admitted = offered.admitted(TreeIndex(place as u32));
        assert_eq!(admitted, offered.admitted_by_each(tree), "tree {}", tree.name);
        found += admitted.of_all().len();
    }
    found
}

proptest! {
    #[test]
    fn the_index_admits_whom_asking_each_admits(
        terms in vec(any_term(), 0..30),
        changes in vec((vec(any_term(), 0..4), 0u32..60), 0..4),
        suppliers in vec(any_supplier(), 5),
        floors in [any_price(), any_price(), any_price()],
        pings in vec((any_ping(), any::<bool>()), 12),
    ) {
        let (mut terms, floors) = (terms, floors.map(|floor| if floor < Money::from_units(8) { Money::ZERO } else { floor }));
        let mut present = market(1, &terms, suppliers[0].clone(), floors);
        present.prepare(None);
        for (ping, test) in &pings {
            check(&present, ping, *test);
        }
        for ((change, gone), supplier) in changes.into_iter().zip(&suppliers[1..]) {
            terms.retain(|term| term.number != gone);
            terms.extend(change);
            let next = market(present.revision().0 + 1, &terms, supplier.clone(), floors);
            next.prepare(Some(&present));
            for (ping, test) in &pings {
                check(&next, ping, *test);
            }
            present = next;
        }
    }
}

fn text(text: String) -> Attribute {
    Attribute::Text(text)
}

/// More contracts than one bitmap holds, with a list that many share and single values that few do.
fn many(count: u32, salt: u32) -> Vec<Term> {
    let list = ValueSet { list: Some("zips".into()), values: Arc::new((0..3000).map(|number| text(format!("{:05}", number * 7))).collect()) };
    let of = |number: u32| {
        let own = |field, value: u32| Predicate::Compare(FieldIndex(field), Comparison::Equal, text(format!("{value:05}")));
        let some: BTreeSet<Attribute> = (0..number % 40).map(|more| text(format!("{:05}", (number * 31 + more * 977 + salt) % 20_000))).collect();
        let filter = match number % 4 {
            0 => Predicate::All(vec![Predicate::In(FieldIndex(0), list.clone()), own(1, number % 9)]),
            1 => Predicate::In(FieldIndex(0), ValueSet { list: None, values: Arc::new(some) }),
            2 => Predicate::Any(vec![own(1, number % 11), Predicate::StartsWith(FieldIndex(0), format!("{:02}", number % 20))]),
            _ => Predicate::Not(Box::new(Predicate::Any(vec![own(1, number % 5), own(2, number % 3)]))),
        };
        let player = Player { filter: Some(Filter::new(filter)), ..bids("a", "1") };
        Term { number, contract: player.contract(BuyerIndex(0)), buyer: player.buyer(), tiers: [true, number.is_multiple_of(3), false] }
    };
    (0..count).map(of).collect()
}

#[test]
fn many_contracts_and_what_changes_of_them_are_found_all_the_same() {
    let pings = |salt: u32| {
        (0..8).map(move |number| {
            let values = [(number * 7 + salt * 35) % 20_000, number % 13, number % 4].map(|value| text(format!("{value:05}")));
            PingPart::new(
                values
                    .into_iter()
                    .enumerate()
                    .filter(|(field, _)| number % 5 != *field as u32)
                    .map(|(field, value)| (FieldIndex(field as u16), value))
                    .collect(),
            )
        })
    };
    let supplier = World::new([]).supplier;
    let mut terms = many(6_000, 0);
    let mut present = market(1, &terms, supplier.clone(), [Money::ZERO; 3]);
    present.prepare(None);
    let found: usize = pings(0).map(|ping| check(&present, &ping, false)).sum();
    assert!((10_000..300_000).contains(&found), "{found}");
    for round in 1..4 {
        // Some change, some go, some come; at last so many that everything is made anew.
        let changed = many(6_000 + 500 * round, round).into_iter().filter(|term| term.number % (60 / round) == round % 2);
        terms.retain(|term| term.number % 97 != round);
        terms.extend(changed);
        let next = market(u64::from(round) + 1, &terms, supplier.clone(), [Money::ZERO; 3]);
        next.prepare(Some(&present));
        for ping in pings(round) {
            check(&next, &ping, false);
        }
        present = next;
    }
}

#[test]
fn an_instant_decides_whose_hours_it_is() {
    let player = Player { hours: vec!["mon 12:00-13:00".parse().unwrap()], ..bids("a", "1") };
    let term = Term { number: 1, contract: player.contract(BuyerIndex(0)), buyer: player.buyer(), tiers: [true; 3] };
    let market = market(1, &[term], World::new([]).supplier, [Money::ZERO; 3]);
    let admitted = |at: Timestamp| {
        let (vertical, supplier) = (&market.parts().verticals[0], &market.parts().suppliers[0]);
        Offered { market: &market, vertical, supplier, ping: &PingPart::default(), at, test: false }.admitted(TreeIndex(0)).of_tier(0).len()
    };
    assert_eq!([admitted(START), admitted(START.plus(Duration::from_secs(3600)))], [1, 0]);
}
