//! Properties that hold in every run: random markets, buyers, faults and orders of events.

use std::collections::{BTreeMap, BTreeSet};

use exchange::{
    call::{CallFailure, ConfirmReply, PingReply, PostReply},
    command::LeadStatus,
    contract::{Pricing, SaleKind, SaleKinds},
    flow::effect::{LeadReply, QuoteReply, Reply},
    money::Money,
    tree::{Mode, Order, TierSale},
};
use proptest::prelude::*;

use crate::support::{
    player::{accepted, raw_bid},
    store::SaleState,
    *,
};

const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
const PRICES: [&str; 6] = ["3", "5", "7.50", "8", "11", "20"];

fn price() -> impl Strategy<Value = &'static str> {
    (0..PRICES.len()).prop_map(|place| PRICES[place])
}

fn any_post() -> impl Strategy<Value = PostReply> {
    prop_oneof![
        4 => Just(accepted()),
        2 => Just(PostReply::Rejected { reason: None }),
        1 => Just(PostReply::Unsent(CallFailure::Unreachable)),
        1 => Just(PostReply::Unknown(CallFailure::Reset)),
        1 => Just(PostReply::Unknown(CallFailure::Timeout)),
    ]
}

/// Times are multiples of 20 ms, so that many things happen at once. Never slower than the tiers' deadline unless silent.
fn any_player(name: &'static str) -> impl Strategy<Value = Player> {
    let ping = prop_oneof![6 => (1u64..12).prop_map(Some), 1 => Just(None)];
    let kinds = prop_oneof![Just(SaleKinds::EXCLUSIVE), Just(SaleKinds::SHARED), Just(SaleKinds::BOTH)];
    let terms = (prop_oneof![3 => Just(false), 1 => Just(true)], kinds, price(), price(), 0u8..4, any::<bool>(), any::<bool>());
    let behaviour = (ping, 0u8..6, prop_oneof![3 => Just(true), 1 => Just(false)], proptest::collection::vec(any_post(), 1..3), 1u64..8, 0u32..4);
    (terms, behaviour).prop_map(
        move |((is_fixed, kinds, high, low, parent, is_strict, is_idempotent), (ping, no_bid, confirms, posts, post_time, priority))| {
            let shared = kinds.shared.then_some(low);
            let exclusive = kinds.exclusive.then_some(high);
            let reply = if no_bid == 0 { PingReply::NoBid(None) } else { PingReply::Bid(raw_bid(exclusive, shared)) };
            Player {
                parent: Some(format!("p{parent}")),
                pricing: if is_fixed { Pricing::Fixed { exclusive: exclusive.map(usd), shared: shared.map(usd) } } else { Pricing::Bid { max_bid: usd("20") } },
                kinds,
                is_strict,
                is_idempotent,
                priority: (priority > 0).then_some(priority),
                ping: ping.map(|time| (time * 20, reply)),
                confirm: (20, if confirms { ConfirmReply::Confirmed } else { ConfirmReply::Declined(None) }),
                posts: posts.into_iter().map(|reply| (post_time * 20, reply)).collect(),
                ..bids(name, "1")
            }
        },
    )
}

fn any_tier() -> impl Strategy<Value = TierSpec> {
    let names = proptest::collection::btree_set(0..NAMES.len(), 1..6);
    let order = prop_oneof![2 => Just(Order::Price), 1 => Just(Order::Priority), 1 => Just(Order::Weight), 1 => Just(Order::RoundRobin)];
    let sale = prop_oneof![Just(TierSale::Exclusive), (1u32..4).prop_map(TierSale::Shared), (1u32..4).prop_map(TierSale::Best)];
    (names, any::<bool>(), order, sale, prop_oneof![Just("0"), Just("5")]).prop_map(|(names, sequentially, order, sale, floor)| TierSpec {
        players: names.into_iter().map(|place| NAMES[place]).collect(),
        mode: if sequentially { Mode::Sequential } else { Mode::Competitive },
        order,
        floor,
        deadline_ms: Some(250),
        sale,
    })
}

pub fn any_world() -> impl Strategy<Value = World> {
    let players = NAMES.map(any_player);
    let supplier = (prop_oneof![Just("0"), Just("4"), Just("9")], any::<bool>(), any::<bool>(), prop_oneof![2 => Just(None), 1 => (1u32..4).prop_map(Some)]);
    (players, proptest::collection::vec(any_tier(), 1..4), 1u32..5, supplier, any::<u8>(), 0u64..9).prop_map(
        |(players, tiers, most, (min_price, accept_lower, is_firm, lowered), seed, round)| {
            let mut world =
                World { tiers, round, ..World::new(players) }.disclosing(most).min_price(min_price).margin(10, "0.50").seed(seed).tree_deadline_ms(2000);
            world.supplier.accept_lower = accept_lower;
            world.supplier.max_disclosures = lowered;
            if is_firm { world.firm() } else { world }
        },
    )
}

fn any_faults() -> impl Strategy<Value = Vec<Fault>> {
    let command =
        prop_oneof![Just("accept"), Just("reserve"), Just("start_post"), Just("settle"), Just("void"), Just("mark_unknown"), Just("end"), Just("quote")];
    let times = prop_oneof![4 => 1u32..4, 1 => Just(u32::MAX)];
    let fault = (command, 0u32..3, times, any::<bool>()).prop_map(|(command, nth, times, written)| Fault { command, nth, times, written });
    proptest::collection::vec(fault, 0..3)
}

/// What must be true of every run, whatever happened in it.
fn check(world: &World, exchange: &Exchange, played: &Played) {
    let story = played.story();
    assert!(played.is_finished, "{story}");
    assert_eq!(played.replies().len(), 1, "{story}");
    let sales = &played.sales;
    let may_have = |state| matches!(state, SaleState::Posted | SaleState::Sold { .. } | SaleState::Unknown);
    let holders: Vec<_> = sales.iter().filter(|sale| may_have(sale.state)).collect();
    let exclusive = holders.iter().filter(|sale| sale.kind == SaleKind::Exclusive).count();
    let most_shared = sales.iter().map(|sale| sale.most_shared as usize).max().unwrap_or(0);
    assert!(exclusive == 0 || holders.len() == 1, "I1: exclusive is alone: {story}");
    assert!(exclusive == 1 || holders.len() <= most_shared, "I1: at most N: {story}");

    let policy = world.supplier.max_disclosures.unwrap_or(u32::MAX).min(world.max_disclosures) as usize;
    let disclosed: Vec<_> = sales.iter().filter(|sale| sale.uses_disclosure()).collect();
    assert!(disclosed.len() <= policy, "I2: disclosures: {story}");
    let parents: BTreeSet<_> = disclosed.iter().map(|sale| &sale.parent).collect();
    assert_eq!(parents.len(), disclosed.len(), "one post per company: {story}");
    // Only what was reserved is posted, at most twice, and the flow never leans on the store for what it knows itself.
    let mut posts: BTreeMap<&str, usize> = BTreeMap::new();
    played.posted_to().into_iter().for_each(|name| *posts.entry(name).or_default() += 1);
    for (name, count) in posts {
        let reserved = sales.iter().filter(|sale| sale.contract.buyer.as_str() == name).count();
        assert!(reserved > 0 && count <= 2 * reserved, "I2: {name} posted without a sale: {story}");
    }
    for name in NAMES {
        for why in played.dropped(name) {
            use exchange::{record::DropReason, refusal::Refusal};
            let knows = matches!(why, DropReason::Refused(Refusal::LeadTaken | Refusal::SameParent | Refusal::MaxDisclosures | Refusal::Fenced));
            assert!(!knows, "{name}: {why}: {story}");
        }
    }
    for sale in sales {
        let player = world.players.iter().find(|player| player.key() == sale.contract).unwrap();
        let named = match (player.pricing, &player.ping) {
            (Pricing::Fixed { exclusive, shared }, _) => (exclusive, shared),
            (Pricing::Bid { .. }, Some((_, PingReply::Bid(bid)))) => (bid.bid, bid.shared_bid),
            _ => panic!("{story}: {} never bid", player.name),
        };
        let bid = if sale.kind == SaleKind::Exclusive { named.0 } else { named.1 };
        assert_eq!(bid, Some(sale.price), "I8: charged what it bid: {story}");
        let floors = world.tiers.iter().filter(|tier| tier.players.contains(&player.name)).map(|tier| usd(tier.floor));
        assert!(floors.min().unwrap() <= sale.price, "{story}");
        assert_eq!(world.supplier.margin.net(sale.price, exchange.market.currency()), Some(sale.net));
        if sale.kind == SaleKind::Exclusive {
            assert!(sale.net >= world.supplier.min_price, "{story}");
        }
    }
    if let Reply::Lead(reply) = played.reply() {
        let sold: Vec<_> = sales.iter().filter(|sale| matches!(sale.state, SaleState::Sold { .. })).collect();
        let unknown = sales.iter().any(|sale| sale.state == SaleState::Unknown);
        match reply.status {
            // A leg that the store has booked without being able to say so is unknown to the run.
            LeadStatus::Sold => {
                let booked = sold.iter().map(|sale| sale.net).sum::<Money>();
                assert!(reply.net == booked || (reply.net < booked && !world.faults.is_empty()), "{story}: {booked}");
            }
            LeadStatus::Unsold => assert!(sold.is_empty() && !unknown, "{story}"),
            _ => {}
        }
        assert!(reply.status == LeadStatus::Unsold || reply.reason.is_none());
    }
    check_order_of_posts(played);
}

/// Posts of one lead run side by side only if they are shared; after an exclusive one that nobody knows of, nobody gets it.
fn check_order_of_posts(played: &Played) {
    let unknown = played.sales.iter().position(|sale| sale.kind == SaleKind::Exclusive && sale.state == SaleState::Unknown);
    if let Some(place) = unknown {
        assert_eq!(place + 1, played.sales.len(), "nothing is reserved after an unknown exclusive sale: {}", played.story());
    }
    let (kinds, mut seen) = (played.sales.iter().map(|sale| (sale.kind, sale.is_live())), false);
    for (kind, is_live) in kinds {
        assert!(!(seen && kind == SaleKind::Exclusive), "no exclusive offer follows a live shared one: {}", played.story());
        seen |= is_live && kind == SaleKind::Shared;
    }
}

/// An exclusive sale brings the quote; a shared one keeps a promise with each leg, or was begun as more than the quote.
fn keeps_quote(quote: &QuoteReply, lead: &LeadReply, post: &Played) -> bool {
    let (mut promised, mut sold) = (quote.legs.clone(), lead.legs.clone());
    promised.sort_unstable();
    sold.sort_unstable();
    let leg_by_leg = sold.len() <= promised.len() && promised.iter().zip(&sold).all(|(promise, net)| net >= promise);
    let begun: Money = post.sales.iter().filter(|sale| sale.kind == SaleKind::Shared).map(|sale| sale.net).sum();
    if lead.legs.is_empty() { lead.net >= quote.net } else { leg_by_leg || begun >= quote.net }
}

fn outcome(played: &Played) -> (String, Vec<(String, String)>) {
    let mut sales: Vec<_> = played.sales.iter().map(|sale| (sale.contract.to_string(), format!("{:?} {:?} {}", sale.kind, sale.state, sale.price))).collect();
    sales.sort();
    (played.ending(), sales)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn every_run_keeps_the_invariants(world in any_world(), faults in any_faults(), shuffle in any::<u64>()) {
        let world = World { faults, shuffle: Some(shuffle), ..world };
        let mut exchange = world.open();
        let direct = exchange.lead();
        check(&world, &exchange, &direct);
        let mut exchange = world.open();
        let ping = exchange.ping();
        prop_assert!(ping.is_finished && ping.replies().len() == 1 && ping.posted_to().is_empty());
        let post = exchange.post();
        check(&world, &exchange, &post);
        if let (Reply::Quoted(quote), Reply::Lead(lead)) = (ping.reply(), post.reply())
            && !world.supplier.accept_lower
            && lead.status == LeadStatus::Sold
        {
            prop_assert!(keeps_quote(quote, lead, &post), "{} then {}", ping.story(), post.story());
        }
        // Nobody is asked twice for one lead in one tier.
        for name in NAMES {
            let tiers = world.tiers.iter().filter(|tier| tier.players.contains(&name)).count();
            let asked = [&ping, &post].into_iter().flat_map(|played| played.decisions()).filter(|decision| matches!(decision, exchange::record::Decision::Pinged { contract, .. } if post.name_of(*contract) == name)).count();
            prop_assert!(asked <= tiers, "{name}: {} then {}", ping.story(), post.story());
        }
    }

    #[test]
    fn the_same_events_give_the_same_effects_and_record(world in any_world(), faults in any_faults(), shuffle in any::<u64>()) {
        let world = World { faults, shuffle: Some(shuffle), ..world };
        let (mut one, mut two) = (world.open(), world.open());
        for (first, second) in [(one.ping(), two.ping()), (one.post(), two.post())] {
            prop_assert_eq!(&first.effects, &second.effects);
            prop_assert_eq!(format!("{:?}", first.record), format!("{:?}", second.record));
        }
    }

    /// Any order of arrival within the deadline, and any order of events at one time: the same buyers at the same prices.
    #[test]
    fn the_winner_is_independent_of_arrival(world in any_world(), times in proptest::collection::vec(1u64..12, NAMES.len()), shuffles in any::<(u64, u64)>()) {
        // A tree's deadline is not to cut anybody off: time is then all that would differ.
        let mut world = world.tree_deadline_ms(100_000);
        // Who never answers stays silent, whatever its time.
        let first = World { shuffle: Some(shuffles.0), ..world.clone() };
        for (player, time) in world.players.iter_mut().zip(times) {
            if let Some((after, _)) = &mut player.ping {
                *after = time * 20;
            }
        }
        let second = World { shuffle: Some(shuffles.1), ..world };
        let (one, two) = (first.lead(), second.lead());
        prop_assert_eq!(outcome(&one), outcome(&two), "{} against {}", one.story(), two.story());
        let (mut one, mut two) = (first.open(), second.open());
        prop_assert_eq!(one.ping().ending(), two.ping().ending());
    }
}
