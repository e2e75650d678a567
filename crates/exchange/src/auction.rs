//! The auction: orders offers and chooses between them. Never by arrival, never by who was configured first.

use std::{borrow::Borrow, cmp::Ordering, collections::BTreeSet};

use crate::{
    contract::SaleKind,
    facts::Seed,
    id::{BuyerPingId, ContractIndex, ParentName},
    money::Money,
    time::Timestamp,
    tree::TierSale,
};

/// A price that stands for one kind of sale, with everything that its place in the order hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub tier: u32,
    pub contract: ContractIndex,
    pub parent: ParentName,
    pub kind: SaleKind,
    pub price: Money,
    pub net: Money,
    /// Lower goes first, before any price. All equal in a tier ordered by price.
    pub rank: u64,
    /// The tie-break, drawn before the pings. Lower wins.
    pub lot: u64,
    pub buyer_ping: BuyerPingId,
    pub reference: Option<String>,
    /// The bid's own end.
    pub expires_at: Option<Timestamp>,
    /// Promised by the quote that is being posted.
    pub promised: bool,
}

impl Offer {
    /// Best first: rank, then price, then the lot. The contract's place only makes the order total.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then(other.price.cmp(&self.price)).then(self.lot.cmp(&other.lot)).then(self.contract.cmp(&other.contract))
    }
}

/// How a tier could sell with the offers at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub kind: SaleKind,
    /// Places in the slice of offers, best first.
    pub picks: Vec<usize>,
    /// What the supplier gets of all of them.
    pub net: Money,
    /// What either way of selling would bring, for the record.
    pub exclusive_net: Money,
    pub shared_net: Money,
}

/// What a choice is bound by.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub sale: TierSale,
    /// How many more buyers may get the contact.
    pub most_buyers: u32,
    /// Net, all picks together.
    pub least_net: Money,
}

/// Chooses the best exclusive offer, or the best shared ones of one per company: whichever earns more, exclusive on a tie.
/// None if neither reaches the least net.
#[must_use]
pub fn choose<O: Borrow<Offer>>(offers: &[O], bounds: Bounds) -> Option<Choice> {
    let (exclusive, shared) = (pick(offers, SaleKind::Exclusive, bounds), pick(offers, SaleKind::Shared, bounds));
    let (exclusive_net, shared_net) = (net_of(offers, &exclusive), net_of(offers, &shared));
    let (kind, picks, net) = if !exclusive.is_empty() && exclusive_net >= shared_net {
        (SaleKind::Exclusive, exclusive, exclusive_net)
    } else {
        (SaleKind::Shared, shared, shared_net)
    };
    (!picks.is_empty() && net >= bounds.least_net).then_some(Choice { kind, picks, net, exclusive_net, shared_net })
}

/// The best offers of a kind, at most as many as the bounds allow, one per company.
fn pick<O: Borrow<Offer>>(offers: &[O], kind: SaleKind, bounds: Bounds) -> Vec<usize> {
    // An exclusive offer is alone: where an order goes before the price, one that is too low must not hide one that isn't.
    let is_enough = |offer: &Offer| kind == SaleKind::Shared || offer.net >= bounds.least_net;
    let most = bounds.sale.most(kind).min(bounds.most_buyers) as usize;
    let offer = |place: usize| -> &Offer { offers[place].borrow() };
    let standing = (0..offers.len()).filter(|place| offer(*place).kind == kind && is_enough(offer(*place)));
    if most <= 1 {
        return standing.take(if most == 0 { 0 } else { usize::MAX }).min_by(|a, b| offer(*a).order(offer(*b))).into_iter().collect();
    }
    let mut places: Vec<usize> = standing.collect();
    places.sort_by(|a, b| offer(*a).order(offer(*b)));
    let mut companies = BTreeSet::new();
    places.retain(|place| companies.insert(&offer(*place).parent));
    places.truncate(most);
    places
}

fn net_of<O: Borrow<Offer>>(offers: &[O], picks: &[usize]) -> Money {
    picks.iter().map(|place| offers[*place].borrow().net).sum()
}

/// Whether the choice is made already: no offer that may still come, at the most it could be, would be part of it,
/// nor make the other way of selling earn more.
#[must_use]
pub fn is_decided(offers: &[Offer], outstanding: &[Offer], bounds: Bounds) -> bool {
    let all: Vec<&Offer> = offers.iter().chain(outstanding).collect();
    let Some(choice) = choose(&all, bounds) else { return false };
    let stands = |picks: &[usize]| picks.iter().all(|place| *place < offers.len());
    let other = match choice.kind {
        SaleKind::Exclusive => SaleKind::Shared,
        SaleKind::Shared => SaleKind::Exclusive,
    };
    if !stands(&choice.picks) || stands(&pick(&all, other, bounds)) {
        return stands(&choice.picks);
    }
    // Where an order goes before the price, who comes first may earn less than those it would keep out: without an
    // order, the dearest of the other kind are the most that it could ever earn.
    let unordered: Vec<Offer> = all.into_iter().map(|offer| Offer { rank: 0, ..offer.clone() }).collect();
    let most = net_of(&unordered, &pick(&unordered, other, bounds));
    choice.net > most || (choice.net == most && choice.kind == SaleKind::Exclusive)
}

/// The order of a draw by weight: each place goes to one of those left with a chance in proportion to its weight.
/// A weight of zero is drawn last.
#[must_use]
pub fn weighted_order(weights: &[u32], seed: &Seed, purpose: &str) -> Vec<usize> {
    let mut left: Vec<usize> = (0..weights.len()).collect();
    let mut drawn = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let total: u64 = left.iter().map(|place| u64::from(weights[*place])).sum();
        let lot = seed.number(purpose, drawn.len() as u64);
        // 64 bits of lot against at most 2^44 of weight: the bias is below a millionth.
        let mut point = if total == 0 { 0 } else { lot % total };
        let winner = left.iter().position(|place| {
            let weight = u64::from(weights[*place]);
            let hit = point < weight;
            point = point.saturating_sub(weight);
            hit
        });
        drawn.push(left.remove(winner.unwrap_or(0)));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer(contract: u32, kind: SaleKind, price: i64, lot: u64, parent: &str) -> Offer {
        Offer {
            tier: 0,
            contract: ContractIndex(contract),
            parent: ParentName::of_company(parent).unwrap(),
            kind,
            price: Money::from_units(price),
            net: Money::from_units(price),
            rank: 0,
            lot,
            buyer_ping: BuyerPingId::from_bytes([0; 16]),
            reference: None,
            expires_at: None,
            promised: false,
        }
    }

    fn bounds(sale: TierSale) -> Bounds {
        Bounds { sale, most_buyers: 20, least_net: Money::ZERO }
    }

    fn chosen(offers: &[Offer], bounds: Bounds) -> Option<(SaleKind, Vec<u32>, i64)> {
        choose(offers, bounds)
            .map(|choice| (choice.kind, choice.picks.iter().map(|place| offers[*place].contract.0).collect(), choice.net.micros() / 1_000_000))
    }

    use SaleKind::{Exclusive, Shared};

    #[test]
    fn the_highest_price_wins_and_the_lot_breaks_a_tie() {
        let offers = [offer(1, Exclusive, 10, 5, "a"), offer(2, Exclusive, 12, 9, "b"), offer(3, Exclusive, 12, 2, "c")];
        assert_eq!(chosen(&offers, bounds(TierSale::Exclusive)), Some((Exclusive, vec![3], 12)));
    }

    #[test]
    fn a_shared_sale_takes_one_of_each_company() {
        let offers =
            [offer(1, Shared, 9, 1, "a"), offer(2, Shared, 8, 1, "a"), offer(3, Shared, 7, 1, "b"), offer(4, Shared, 6, 1, "c"), offer(5, Shared, 5, 1, "d")];
        assert_eq!(chosen(&offers, bounds(TierSale::Shared(3))), Some((Shared, vec![1, 3, 4], 22)));
    }

    #[test]
    fn the_way_that_earns_more_is_chosen_and_exclusive_on_a_tie() {
        let mut offers = vec![offer(1, Exclusive, 20, 1, "a"), offer(2, Shared, 11, 1, "b"), offer(3, Shared, 9, 1, "c")];
        assert_eq!(chosen(&offers, bounds(TierSale::Best(3))), Some((Exclusive, vec![1], 20)));
        offers.push(offer(4, Shared, 1, 1, "d"));
        assert_eq!(chosen(&offers, bounds(TierSale::Best(3))), Some((Shared, vec![2, 3, 4], 21)));
        let few = Bounds { most_buyers: 1, ..bounds(TierSale::Best(3)) };
        assert_eq!(chosen(&offers, few), Some((Exclusive, vec![1], 20)));
        let dear = Bounds { least_net: Money::from_units(22), ..bounds(TierSale::Best(3)) };
        assert_eq!(chosen(&offers, dear), None);
    }

    #[test]
    fn weights_decide_how_often_one_comes_first() {
        let first = |seed: u8| weighted_order(&[1, 3, 0], &Seed([seed; 32]), "test");
        let orders: Vec<_> = (0..=255).map(first).collect();
        assert!(orders.iter().all(|order| order[2] == 2), "a weight of zero is drawn last");
        let heavy = orders.iter().filter(|order| order[0] == 1).count();
        assert!((160..=224).contains(&heavy), "three quarters of 256, give or take four deviations: {heavy}");
    }

    fn any_offers() -> impl Strategy<Value = Vec<Offer>> {
        let one = (0u32..8, any::<bool>(), 1i64..6, 0u64..4, 0u8..4)
            .prop_map(|(contract, shared, price, lot, parent)| offer(contract, if shared { Shared } else { Exclusive }, price, lot, &format!("p{parent}")));
        // A tier orders by price alone, or by something that goes before it.
        let ranked = |(offers, by_rank): (Vec<Offer>, bool)| -> Vec<Offer> {
            offers.into_iter().map(|offer| Offer { rank: if by_rank { u64::from(offer.contract.0 % 3) } else { 0 }, ..offer }).collect()
        };
        // A contract offers each kind once.
        let offers = proptest::collection::vec(one, 0..12).prop_map(|offers| {
            let mut seen = BTreeSet::new();
            offers.into_iter().filter(|offer| seen.insert((offer.contract, offer.kind))).collect()
        });
        (offers, any::<bool>()).prop_map(ranked)
    }

    fn any_sale() -> impl Strategy<Value = TierSale> {
        prop_oneof![Just(TierSale::Exclusive), (1u32..5).prop_map(TierSale::Shared), (1u32..5).prop_map(TierSale::Best)]
    }

    proptest! {
        #[test]
        fn the_winner_does_not_depend_on_the_order_of_arrival(offers in any_offers(), sale in any_sale(), turn in 0usize..12) {
            let mut other = offers.clone();
            other.reverse();
            let by = turn.min(other.len());
            other.rotate_left(by);
            prop_assert_eq!(chosen(&offers, bounds(sale)), chosen(&other, bounds(sale)));
        }

        /// What is_decided promises: whatever the outstanding bid after all, up to their maximum, the choice stays.
        #[test]
        fn an_early_close_never_changes_the_outcome(
            (offers, outstanding) in (any_offers(), any_offers()),
            paid in proptest::collection::vec(0i64..6, 12),
            sale in any_sale(),
            least in 0i64..12,
        ) {
            let bounds = |sale| Bounds { least_net: Money::from_units(least), ..bounds(sale) };
            if is_decided(&offers, &outstanding, bounds(sale)) {
                let came = outstanding.iter().zip(paid).filter(|(most, paid)| *paid > 0 && Money::from_units(*paid) <= most.price);
                let came = came.map(|(most, paid)| Offer { price: Money::from_units(paid), net: Money::from_units(paid), ..most.clone() });
                let all: Vec<Offer> = offers.iter().cloned().chain(came).collect();
                // Only the choice counts, not what the way not chosen would have brought.
                prop_assert_eq!(chosen(&offers, bounds(sale)), chosen(&all, bounds(sale)));
            }
        }
    }
}
