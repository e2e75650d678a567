//! A recorded auction under its own market, and under others.

use std::sync::Arc;

use exchange::{
    contract::{Pricing, SaleKinds},
    flow::effect::Reply,
    id::{ContractKey, PingId, Subject},
    market::Market,
    record::{Decision, RunRecord},
    replay::{Comparison, Difference, End, Past, Replayed},
    tree::{Mode, TierSale},
};
use proptest::prelude::*;

use crate::{properties::any_world, support::*};

fn replayed(record: &RunRecord, then: &Arc<Market>, now: &Arc<Market>) -> Replayed {
    Past::new(record, then).unwrap().under(now).unwrap()
}

fn told(end: &End) -> String {
    let names = |contracts: &[ContractKey]| contracts.iter().map(|key| key.buyer.to_string()).collect::<Vec<_>>().join("+");
    match end {
        End::NotTaken => "not taken".into(),
        End::Unsold(reason) => format!("unsold {}", reason.word()),
        End::Unknown(contracts) => format!("unknown for {}", names(contracts)),
        End::Offered(deal) => {
            let winners: Vec<ContractKey> = deal.picks.iter().map(|pick| pick.contract.clone()).collect();
            format!("{} to {}, net {}", deal.price(), names(&winners), deal.net())
        }
    }
}

/// How the ping of one world would have ended in another.
fn of_ping(was: &World, now: &World) -> String {
    let mut exchange = was.open();
    let played = exchange.ping();
    told(&replayed(&played.record, &exchange.market, &now.market()).end)
}

#[test]
fn a_changed_market_ends_the_auction_as_its_bids_say() {
    let world = World::competing([bids("a", "12"), bids("b", "9"), bids("c", "7")]);
    let with = |change: &dyn Fn(&mut World)| {
        let mut now = world.clone();
        change(&mut now);
        of_ping(&world, &now)
    };
    assert_eq!(with(&|_| ()), "12.00 to a, net 12.00");
    assert_eq!(with(&|now| now.players[0].is_paused = true), "9.00 to b, net 9.00");
    assert_eq!(with(&|now| now.players[0].pricing = Pricing::Bid { max_bid: usd("10") }), "9.00 to b, net 9.00", "its bid is over its maximum");
    assert_eq!(with(&|now| now.players[2].pricing = Pricing::Fixed { exclusive: Some(usd("20")), shared: None }), "20.00 to c, net 20.00", "no bid is needed");
    assert_eq!(with(&|now| now.tiers[0].floor = "13"), "unsold no_bid");
    assert_eq!(with(&|now| now.supplier.min_price = usd("12.50")), "unsold below_min_price");
    assert_eq!(with(&|now| now.supplier.margin = World::new([]).margin(50, "0").supplier.margin), "12.00 to a, net 6.00");
    assert_eq!(with(&|now| now.tiers[0].sale = TierSale::Shared(2)), "unsold no_eligible_buyer");
    let shared = with(&|now| {
        now.tiers[0].sale = TierSale::Shared(2);
        now.players.iter_mut().for_each(|player| player.kinds = SaleKinds::BOTH);
    });
    assert_eq!(shared, "unknown for a+b+c", "nobody was asked for a share");
    assert_eq!(with(&|now| now.has_tree = false), "unsold no_tree");
    assert_eq!(with(&|now| now.supplier.suspended = true), "not taken");
}

#[test]
fn who_was_not_asked_is_unknown_only_where_it_could_have_won() {
    let mut world = World::competing([bids("a", "12"), bids("b", "9")]);
    world.players[1].is_paused = true;
    let mut open = world.clone();
    open.players[1].is_paused = false;
    assert_eq!(of_ping(&world, &open), "unknown for b", "b might have bid more than 12");
    open.players[1].pricing = Pricing::Bid { max_bid: usd("11.99") };
    assert_eq!(of_ping(&world, &open), "12.00 to a, net 12.00", "whatever b had bid");
    // What b has left is not known either, where it would be sold at once.
    open.players[1].pricing = Pricing::Fixed { exclusive: Some(usd("30")), shared: None };
    assert_eq!(of_ping(&world, &open), "unknown for b");
    open.players[1].pricing = Pricing::Fixed { exclusive: Some(usd("11")), shared: None };
    assert_eq!(of_ping(&world, &open), "12.00 to a, net 12.00");
}

#[test]
fn a_silent_buyer_is_unknown_where_it_would_have_had_longer() {
    let world = World::competing([silent("a"), bids("b", "9")]).whose_tier(|tier| tier.deadline_ms(100));
    assert_eq!(of_ping(&world, &world), "9.00 to b, net 9.00");
    assert_eq!(of_ping(&world, &world.clone().whose_tier(|tier| tier.deadline_ms(90))), "9.00 to b, net 9.00");
    assert_eq!(of_ping(&world, &world.clone().whose_tier(|tier| tier.deadline_ms(400))), "unknown for a");
}

#[test]
fn many_auctions_are_summed_up() {
    let world = World::competing([bids("a", "12"), bids("b", "9")]);
    let mut paused = world.clone();
    paused.players[0].is_paused = true;
    let (mut exchange, proposed) = (world.open(), paused.market());
    let mut comparison = Comparison::default();
    for number in 0..3 {
        let played = exchange.ping();
        let past = Past::new(&played.record, &exchange.market).unwrap();
        comparison.add(Subject::Ping(PingId::from_bytes([number; 16])), &past, &exchange.market, &proposed);
    }
    assert_eq!((comparison.auctions, comparison.other_winner, comparison.same), (3, 3, 0));
    assert_eq!(comparison.price, (usd("36"), usd("27")));
    let changed: Vec<_> = comparison.changed_contracts().map(|(key, change)| (key.buyer.as_str(), change.eligible, change.lost, change.wins)).collect();
    assert_eq!(changed, [("a", (3, 0), 3, (3, 0)), ("b", (3, 3), 0, (0, 3))]);
    assert_eq!(comparison.contracts.values().next().unwrap().lost_by.iter().collect::<Vec<_>>(), [(&"paused", &3)]);
    assert!(matches!(&comparison.examples[..], [(_, Difference::OtherWinner(before, after)), ..] if before.price() == usd("12") && after.price() == usd("9")));
}

#[test]
fn what_was_no_auction_is_not_replayed() {
    let world = World::competing([bids("a", "12")]);
    let mut exchange = world.open();
    exchange.ping();
    let post = exchange.post();
    assert!(Past::new(&post.record, &exchange.market).is_none(), "the post of a quote");
    let mut tests = world.test_lead().open();
    let ping = tests.ping();
    assert!(Past::new(&ping.record, &tests.market).is_none(), "a test");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Under its own market, a ping's replay ends exactly as its run did.
    #[test]
    fn a_replay_under_the_same_market_gives_what_was_recorded(world in any_world(), shuffle in any::<u64>()) {
        let world = World { shuffle: Some(shuffle), ..world };
        let mut exchange = world.open();
        let played = exchange.ping();
        let replayed = replayed(&played.record, &exchange.market, &exchange.market);
        match (played.reply(), &replayed.end) {
            (Reply::Quoted(quote), End::Offered(deal)) => {
                let promised: Vec<_> = played.quote.iter().flat_map(|quote| &quote.offers).filter(|offer| offer.promised).collect();
                let of_quote: Vec<_> = promised.iter().map(|offer| (&exchange.market.contract(offer.contract).key, offer.price, offer.net)).collect();
                let of_replay: Vec<_> = deal.picks.iter().map(|pick| (&pick.contract, pick.price, pick.net)).collect();
                prop_assert_eq!(of_quote, of_replay);
                prop_assert_eq!(quote.net, deal.net());
            }
            (Reply::Unmatched { reason, .. }, End::Unsold(again)) => prop_assert_eq!(reason, again),
            (reply, end) => prop_assert!(false, "{:?} became {:?}: {}", reply, end, played.story()),
        }
    }

    /// A direct post's first offers are those that its auction is replayed to.
    #[test]
    fn a_direct_posts_auction_is_replayed(world in any_world(), shuffle in any::<u64>()) {
        let mut world = World { shuffle: Some(shuffle), ..world };
        // A sequential tier that sells shared is sold leg by leg, with nothing to compare the first choice to.
        world.tiers.iter_mut().filter(|tier| tier.mode == Mode::Sequential).for_each(|tier| tier.sale = TierSale::Exclusive);
        let mut exchange = world.open();
        let played = exchange.lead();
        let replayed = replayed(&played.record, &exchange.market, &exchange.market);
        let first = played.decisions().find_map(|decision| match decision {
            Decision::Reserving { contract, price, .. } => Some((&exchange.market.contract(*contract).key, *price)),
            _ => None,
        });
        if let (End::Offered(deal), Some(first)) = (&replayed.end, first) {
            prop_assert_eq!(deal.picks.first().map(|pick| (&pick.contract, pick.price)), Some(first));
        } else {
            prop_assert!(matches!(replayed.end, End::Unsold(_)) && first.is_none(), "{:?} {:?}: {}", replayed.end, first, played.story());
        }
    }

    /// Whoever bids otherwise than at all changes nothing that a replay calls known without it.
    #[test]
    fn a_known_end_is_the_true_one(world in any_world(), asleep in 0usize..7) {
        // One was paused when it was recorded; the market of now has it open, and what it would have bid is what it bids then.
        let mut then = world.clone();
        then.players[asleep].is_paused = true;
        let (mut recorded, mut truth) = (then.open(), world.open());
        let (record, really) = (recorded.ping().record, truth.ping());
        let replayed = replayed(&record, &recorded.market, &truth.market);
        let promised: Option<Vec<_>> = really.quote.as_ref().map(|quote| quote.offers.iter().filter(|offer| offer.promised).map(|offer| offer.price).collect());
        match &replayed.end {
            End::Offered(deal) => prop_assert_eq!(Some(deal.picks.iter().map(|pick| pick.price).collect::<Vec<_>>()), promised, "{}", really.story()),
            End::Unsold(_) => prop_assert!(promised.is_none(), "{}", really.story()),
            // Others too, where its place in an order had kept them from being asked.
            End::Unknown(_) => {}
            End::NotTaken => prop_assert!(false),
        }
    }
}
