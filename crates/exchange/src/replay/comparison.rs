//! What another market would have changed, summed up over many auctions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Deal, End, Past};
use crate::{
    id::{ContractKey, Subject},
    market::Market,
    matching::WhyNot,
    money::Money,
};

/// Auctions that ended otherwise, kept to be looked at.
pub const MOST_EXAMPLES: usize = 50;

/// Of two markets, the one in force and the one proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Auctions that were replayed under both.
    pub auctions: u64,
    /// The fields of their vertical differ between the markets.
    pub not_comparable: u64,
    /// The two markets end alike.
    pub same: u64,
    pub other_winner: u64,
    /// The same buyers, at another price.
    pub other_price: u64,
    pub sold_no_more: u64,
    pub sold_now: u64,
    /// It hangs on bids that nobody knows.
    pub unknown: u64,
    /// Of the auctions whose end is known under both: what buyers would pay, and suppliers get.
    pub price: (Money, Money),
    pub net: (Money, Money),
    /// Those whose eligibility or wins differ.
    pub contracts: BTreeMap<ContractKey, ContractChange>,
    pub examples: Vec<(Subject, Difference)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractChange {
    /// Auctions it is eligible for under either market.
    pub eligible: (u64, u64),
    pub gained: u64,
    pub lost: u64,
    /// Why it is eligible no more, by word.
    pub lost_by: BTreeMap<&'static str, u64>,
    /// Of the auctions whose end is known under both.
    pub wins: (u64, u64),
}

impl ContractChange {
    fn is_any(&self) -> bool {
        self.gained + self.lost > 0 || self.wins.0 != self.wins.1
    }
}

/// How the end of one auction differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    OtherWinner(Deal, Deal),
    OtherPrice(Deal, Deal),
    SoldNoMore(Deal),
    SoldNow(Deal),
    /// The contracts whose bids nobody knows.
    Unknown(Vec<ContractKey>),
}

impl Comparison {
    /// Adds one auction.
    pub fn add(&mut self, subject: Subject, past: &Past<'_>, now: &Arc<Market>, proposed: &Arc<Market>) {
        let (Some(now_ended), Some(then_ended)) = (past.under(now), past.under(proposed)) else {
            self.not_comparable += 1;
            return;
        };
        self.auctions += 1;
        let (was, is): (BTreeSet<_>, BTreeSet<_>) = (now_ended.eligible.iter().collect(), then_ended.eligible.iter().collect());
        for key in was.union(&is) {
            let change = self.contracts.entry((*key).clone()).or_default();
            change.eligible.0 += u64::from(was.contains(key));
            change.eligible.1 += u64::from(is.contains(key));
            match (was.contains(key), is.contains(key)) {
                (false, true) => change.gained += 1,
                (true, false) => {
                    change.lost += 1;
                    let why = past.why_not(proposed, key);
                    *change.lost_by.entry(why.as_ref().map_or("not_taken", WhyNot::word)).or_default() += 1;
                }
                _ => {}
            }
        }
        self.add_end(subject, &now_ended.end, &then_ended.end);
    }

    fn add_end(&mut self, subject: Subject, now: &End, proposed: &End) {
        if let (End::Unknown(contracts), _) | (_, End::Unknown(contracts)) = (now, proposed) {
            self.unknown += 1;
            return self.keep(subject, Difference::Unknown(contracts.clone()));
        }
        for (deal, of_now) in [(deal(now), true), (deal(proposed), false)] {
            let Some(deal) = deal else { continue };
            let (price, net) = if of_now { (&mut self.price.0, &mut self.net.0) } else { (&mut self.price.1, &mut self.net.1) };
            *price += deal.price();
            *net += deal.net();
            for pick in &deal.picks {
                let wins = &mut self.contracts.entry(pick.contract.clone()).or_default().wins;
                *(if of_now { &mut wins.0 } else { &mut wins.1 }) += 1;
            }
        }
        let difference = match (deal(now), deal(proposed)) {
            (Some(before), Some(after)) if before == after => None,
            (Some(before), Some(after)) if before.winners() == after.winners() => {
                (before.price() != after.price() || before.net() != after.net()).then(|| Difference::OtherPrice(before.clone(), after.clone()))
            }
            (Some(before), Some(after)) => Some(Difference::OtherWinner(before.clone(), after.clone())),
            (Some(before), None) => Some(Difference::SoldNoMore(before.clone())),
            (None, Some(after)) => Some(Difference::SoldNow(after.clone())),
            (None, None) => None,
        };
        let Some(difference) = difference else {
            self.same += 1;
            return;
        };
        match &difference {
            Difference::OtherWinner(..) => self.other_winner += 1,
            Difference::OtherPrice(..) => self.other_price += 1,
            Difference::SoldNoMore(_) => self.sold_no_more += 1,
            Difference::SoldNow(_) => self.sold_now += 1,
            Difference::Unknown(_) => {}
        }
        self.keep(subject, difference);
    }

    /// Unknown ends only as long as there is room that others may want: they tell the least.
    fn keep(&mut self, subject: Subject, difference: Difference) {
        let is_known = |difference: &Difference| !matches!(difference, Difference::Unknown(_));
        if self.examples.len() < MOST_EXAMPLES {
            self.examples.push((subject, difference));
        } else if let (true, Some(place)) = (is_known(&difference), self.examples.iter().rposition(|(_, kept)| !is_known(kept))) {
            self.examples[place] = (subject, difference);
        }
    }

    /// The contracts of which something changes.
    pub fn changed_contracts(&self) -> impl Iterator<Item = (&ContractKey, &ContractChange)> {
        self.contracts.iter().filter(|(_, change)| change.is_any())
    }
}

fn deal(end: &End) -> Option<&Deal> {
    if let End::Offered(deal) = end { Some(deal) } else { None }
}
