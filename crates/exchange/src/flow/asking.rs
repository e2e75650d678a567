//! Asking a tier: all its contracts at once, or one after the other, within the deadline.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc, time::Duration};

use super::{Pending, Purpose, Run, Stage, effect::Effect, selling::Leg};
use crate::{
    auction::{Bounds, Offer, is_decided, weighted_order},
    bid::{Admission, Priced, fixed},
    call::{PingCall, PingReply, RawBid},
    contract::{Pricing, SaleKind},
    id::{BuyerPingId, ContractIndex},
    matching::WhyNot,
    money::Money,
    record::{BidFault, BidOutcome, Decision, Micros, RecordedEvent},
    tree::{Mode, Order, Tier, TierSale},
};

/// A buyer that has less time than this is not asked: no answer could be back.
const LEAST_TIME: Duration = Duration::from_millis(10);

/// A ping is given up this long after its deadline, so that a late bid is seen and recorded.
const LATE_BIDS: Duration = Duration::from_millis(250);

/// How far the asking has come.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// The tier that is being asked or sold, and none before the first.
    pub tier: Option<u32>,
    /// What is left of the tree's deadline. It runs only while buyers are asked, never while they are posted to.
    pub time_left: Duration,
    /// When the present asking began.
    since: Duration,
    /// When bids of the present asking stop being admitted.
    pub until: Duration,
    /// Counts askings, so that an old deadline doesn't close a new one.
    ask: u32,
    /// The tier's contracts that are still to be asked, next one last. For a sequential tier.
    queue: Vec<Place>,
    /// Contracts asked in the present tier whose answer is still out.
    out: Vec<Place>,
    /// Asked in this run, or in the ping that was quoted: not asked again.
    pub asked: BTreeSet<(u32, ContractIndex)>,
}

/// A contract's place in the order of its tier.
#[derive(Clone, Copy, Debug)]
struct Place {
    contract: ContractIndex,
    rank: u64,
    lot: u64,
    /// Random to the buyer, and another one for each: no two buyers can join their pings.
    buyer_ping: BuyerPingId,
}

impl Run {
    /// Asks whoever is next: the rest of a sequential tier, then the next tier, until something is out or offered.
    pub(super) fn go_on_asking(&mut self) {
        self.stage = Stage::Asking;
        loop {
            if self.ask_next_in_tier() {
                return;
            }
            // The tree ends at the first tier that sells.
            if self.legs.iter().any(Leg::is_live) {
                return self.end_of_tree();
            }
            let next = self.asking.tier.map_or(0, |tier| tier + 1);
            if !self.enter_tier(next) {
                return self.end_of_tree();
            }
            if self.tier(next).is_some_and(|tier| tier.mode == Mode::Competitive) {
                self.ask_all();
                if self.is_asking_over() {
                    return self.on_asked();
                }
                return;
            }
        }
    }

    /// False where the tree has no such tier.
    fn enter_tier(&mut self, tier: u32) -> bool {
        if self.tier(tier).is_none() {
            return false;
        }
        // Offers of an earlier tier that nobody took up are no offers of this one.
        self.offers.clear();
        self.asking.tier = Some(tier);
        self.asking.out.clear();
        self.decide(Decision::TierEntered { tier });
        let mut queue = self.places_of(tier);
        queue.reverse();
        self.asking.queue = queue;
        true
    }

    /// The contracts of a tier that may be asked, in its order. Notes why the others whose filter holds may not.
    fn places_of(&mut self, tier: u32) -> Vec<Place> {
        let mut skipped = Vec::new();
        let mut eligible = Vec::new();
        if let Some(offered) = self.offered() {
            for index in self.admitted.of_tier(tier) {
                let now = match self.facts_of(*index) {
                    Some(facts) => offered.admits_now(facts),
                    None => Err(WhyNot::Present(crate::refusal::Refusal::Withdrawn)),
                };
                if self.asking.asked.contains(&(tier, *index)) {
                    continue;
                } else if let Err(why) = now.and_then(|()| self.admits_evidence(*index)) {
                    skipped.push((*index, why));
                } else if self.is_kept_out(*index) {
                    skipped.push((*index, WhyNot::SameParent));
                } else {
                    eligible.push(*index);
                }
            }
        }
        for (contract, why) in skipped {
            self.decide(Decision::Skipped { tier, contract, why });
        }
        self.tier(tier).map(|of_tree| self.in_order(tier, of_tree, &eligible)).unwrap_or_default()
    }

    fn in_order(&self, number: u32, tier: &Tier, eligible: &[ContractIndex]) -> Vec<Place> {
        let ranks: Vec<u64> = match tier.order {
            Order::Price => vec![0; eligible.len()],
            Order::Priority => eligible.iter().map(|index| u64::from(self.market.contract(*index).priority.unwrap_or(u32::MAX))).collect(),
            Order::Weight => {
                let weights: Vec<u32> = eligible.iter().map(|index| self.market.contract(*index).weight).collect();
                let mut ranks = vec![0; eligible.len()];
                for (rank, place) in weighted_order(&weights, &self.seed, &format!("weight {number}")).into_iter().enumerate() {
                    ranks[place] = rank as u64;
                }
                ranks
            }
            Order::RoundRobin => {
                let count = eligible.len().max(1) as u64;
                (0..eligible.len() as u64).map(|place| (place + count - self.record.facts.round % count) % count).collect()
            }
        };
        let place = |(contract, rank): (&ContractIndex, u64)| {
            let (lot, buyer_ping) = self.seed.lot_and_id(u64::from(number) << 32 | u64::from(contract.0));
            Place { contract: *contract, rank, lot, buyer_ping: BuyerPingId::from_bytes(buyer_ping) }
        };
        let mut places: Vec<Place> = eligible.iter().zip(ranks).map(place).collect();
        let kinds = tier.sale.kinds();
        let highest = |contract: ContractIndex| {
            let contract = self.market.contract(contract);
            [SaleKind::Exclusive, SaleKind::Shared].into_iter().filter(|kind| kinds.includes(*kind)).filter_map(|kind| contract.highest(kind)).max()
        };
        let by_price = tier.order == Order::Price;
        places.sort_by_cached_key(|place| (place.rank, by_price.then(|| Reverse(highest(place.contract))), place.lot, place.contract));
        places
    }

    /// Competitive: everybody at once. Fixed prices are offers at once, without a ping.
    fn ask_all(&mut self) {
        let queue = std::mem::take(&mut self.asking.queue);
        self.expect_answers(queue.len());
        self.start_asking();
        for place in queue {
            self.ask(place);
        }
        self.wake_at_deadline();
        self.close_early();
    }

    /// Room for what each contract that is asked leaves behind before it answers.
    fn expect_answers(&mut self, count: usize) {
        self.effects.reserve(count + 1);
        self.pending.reserve_exact(count + 1);
        self.asking.out.reserve_exact(count);
        Arc::make_mut(&mut self.record).decisions.reserve_exact(count);
    }

    /// Room for what comes of each answer: made when the first is there, since a run that waits needs none of it.
    fn make_room_for_answers(&mut self) {
        let count = self.asking.out.len();
        self.offers.reserve(count);
        let record = Arc::make_mut(&mut self.record);
        record.events.reserve(count);
        record.decisions.reserve(count + 3);
    }

    /// Sequential: asks one by one until an answer is awaited or an offer stands. False when nobody is left.
    fn ask_next_in_tier(&mut self) -> bool {
        if self.tier_now().is_none_or(|tier| tier.mode == Mode::Competitive) {
            return false;
        }
        while let Some(place) = self.asking.queue.pop() {
            // Since the tier was entered, a company may have come to have the lead.
            if let (true, Some(tier)) = (self.is_kept_out(place.contract), self.asking.tier) {
                self.decide(Decision::Skipped { tier, contract: place.contract, why: WhyNot::SameParent });
                continue;
            }
            self.start_asking();
            let offers = self.offers.len();
            self.ask(place);
            if !self.asking.out.is_empty() {
                self.wake_at_deadline();
                return true;
            }
            if self.offers.len() > offers {
                self.on_asked();
                return true;
            }
        }
        false
    }

    fn start_asking(&mut self) {
        let time = self.tier_now().and_then(|tier| tier.deadline).map_or(self.asking.time_left, |deadline| deadline.min(self.asking.time_left));
        self.asking.since = self.elapsed();
        self.asking.until = self.elapsed() + time;
        self.asking.ask += 1;
    }

    fn wake_at_deadline(&mut self) {
        if let (false, Some(tier)) = (self.asking.out.is_empty(), self.asking.tier) {
            let (at, ask) = (self.asking.until, self.asking.ask);
            self.emit(Effect::Wake { at }, Some(Pending::TierDeadline { tier, ask }));
        }
    }

    fn ask(&mut self, place: Place) {
        let Some(tier) = self.asking.tier else { return };
        let contract = place.contract;
        self.story.asked = true;
        if let Some(bid) = fixed(&self.market.contract(contract).pricing) {
            self.asking.asked.insert((tier, contract));
            self.take_bid(place, &bid, true);
            return;
        }
        let time = self.asking.until.saturating_sub(self.elapsed());
        if time < LEAST_TIME {
            self.decide(Decision::Skipped { tier, contract, why: WhyNot::Deadline });
            return;
        }
        let Some(of_tree) = self.tier(tier) else { return };
        let kinds = of_tree.kinds_offered(self.market.contract(contract));
        let most_shared = of_tree.sale.most(SaleKind::Shared);
        let buyer_ping = place.buyer_ping;
        self.decide(Decision::Pinged { tier, contract, buyer_ping, time: Micros::from(time) });
        self.asking.asked.insert((tier, contract));
        self.asking.out.push(place);
        let call = PingCall { contract, buyer_ping, kinds, most_shared, time, give_up: self.asking.until + LATE_BIDS };
        self.emit(Effect::Ping(call), Some(Pending::Ping { tier, contract }));
    }

    pub(super) fn on_ping_reply(&mut self, tier: u32, contract: ContractIndex, reply: PingReply) {
        self.make_room_for_answers();
        let awaited = self.asking.out.iter().position(|place| place.contract == contract).filter(|_| self.asking.tier == Some(tier));
        // The deadline itself is late, so that it doesn't matter which of the two events the driver brings first.
        let in_time = self.elapsed() < self.asking.until;
        let Some(place) = awaited.filter(|_| in_time).map(|position| self.asking.out.remove(position)) else {
            self.note_late(tier, contract, &reply);
            return self.saw(RecordedEvent::Ping { contract, tier, reply });
        };
        match &reply {
            PingReply::Bid(bid) => self.take_bid(place, bid, false),
            PingReply::NoBid(reason) => self.decide(Decision::Answered { tier, contract, outcome: BidOutcome::NoBid { reason: reason.clone() } }),
            PingReply::Failed(failure) => self.decide(Decision::Answered { tier, contract, outcome: BidOutcome::Failed(failure.clone()) }),
        }
        self.saw(RecordedEvent::Ping { contract, tier, reply });
        match self.stage {
            Stage::Asking => {
                self.close_early();
                if self.is_asking_over() {
                    self.on_asked();
                }
            }
            // A bid by the deadline, after an early close: a fallback for this lead, or for the quote given.
            Stage::Selling => self.sell(),
            Stage::Ending | Stage::GivingBack | Stage::Replied => {
                self.fallbacks.push(contract);
                self.add_to_quote();
            }
            Stage::Accepting | Stage::Looking => {}
        }
    }

    fn note_late(&mut self, tier: u32, contract: ContractIndex, reply: &PingReply) {
        let outcome = match reply {
            PingReply::Bid(bid) => BidOutcome::Late { exclusive: bid.bid, shared: bid.shared_bid },
            PingReply::NoBid(reason) => BidOutcome::NoBid { reason: reason.clone() },
            PingReply::Failed(failure) => BidOutcome::Failed(failure.clone()),
        };
        self.decide(Decision::Answered { tier, contract, outcome });
    }

    /// Admits a bid, or notes its fault.
    fn take_bid(&mut self, place: Place, bid: &RawBid, is_fixed: bool) {
        let Some(tier) = self.asking.tier else { return };
        let outcome = match self.admit(tier, place.contract, bid) {
            Ok(prices) => {
                let price = |kind| prices.iter().find(|priced| priced.kind == kind).map(|priced| priced.price);
                let (exclusive, shared) = (price(SaleKind::Exclusive), price(SaleKind::Shared));
                for priced in prices {
                    self.add_offer(tier, place, priced, bid);
                }
                self.story.had_offer = true;
                if is_fixed { BidOutcome::Fixed { exclusive, shared } } else { BidOutcome::Bid { exclusive, shared } }
            }
            Err(fault) => {
                self.story.below_min_price |= fault == BidFault::BelowMinPrice;
                BidOutcome::NotAdmitted(fault)
            }
        };
        self.decide(Decision::Answered { tier, contract: place.contract, outcome });
    }

    fn admit(&self, tier: u32, index: ContractIndex, bid: &RawBid) -> Result<Vec<Priced>, BidFault> {
        let contract = self.market.contract(index);
        let (Some(tier), Some(supplier)) = (self.tier(tier), self.supplier_of_run()) else { return Err(BidFault::NothingOffered) };
        let facts = if self.record.test { None } else { self.facts_of(index) };
        Admission { contract, tier, supplier, currency: self.market.currency(), kinds: tier.kinds_offered(contract), facts }.admit(bid)
    }

    fn add_offer(&mut self, tier: u32, place: Place, priced: Priced, bid: &RawBid) {
        // A buyer that names a longer life than ours promises it; a shorter one ends the offer.
        let expires_at = bid.ttl_s.map(|ttl_s| self.now.at.plus(Duration::from_secs(u64::from(ttl_s))));
        self.offers.push(Offer {
            tier,
            contract: place.contract,
            parent: self.market.buyer_of(place.contract).parent.clone(),
            kind: priced.kind,
            price: priced.price,
            net: priced.net,
            rank: place.rank,
            lot: place.lot,
            buyer_ping: place.buyer_ping,
            reference: bid.reference.clone(),
            expires_at,
            promised: false,
        });
    }

    /// Ends a competitive asking when nobody who is still out can change the outcome.
    fn close_early(&mut self) {
        let (Some(tier), Some(of_tree)) = (self.asking.tier, self.tier_now()) else { return };
        if of_tree.mode != Mode::Competitive || self.asking.out.is_empty() || self.stage != Stage::Asking {
            return;
        }
        // A bid whose own time is over wins nothing, and must not close the auction either.
        self.drop_fallen_offers();
        if !self.may_choice_change() {
            let outstanding = self.asking.out.len() as u32;
            self.decide(Decision::ClosedEarly { tier, outstanding });
            self.on_asked();
        }
    }

    /// Whether an answer that may still come in time could change the choice among the offers that stand.
    pub(super) fn may_choice_change(&self) -> bool {
        let Some(of_tree) = self.tier_now() else { return false };
        if of_tree.sale == TierSale::Exclusive && self.most_buyers_left() > 0 {
            return self.is_anybody_out() && !self.is_best_beyond_reach(of_tree);
        }
        let bounds = Bounds { sale: of_tree.sale, most_buyers: self.most_buyers_left(), least_net: self.least_net() };
        let by_all = || !is_decided(&self.offers, &self.outstanding(), bounds);
        if of_tree.sale != TierSale::Exclusive {
            return self.is_anybody_out() && by_all();
        }
        let may_change = self.is_anybody_out() && self.may_best_change(bounds);
        debug_assert_eq!(may_change, self.is_anybody_out() && by_all(), "the short way and the long way agree");
        may_change
    }

    /// The same where there is only one way to sell: whether somebody who is out could go before the best offer that stands. What
    /// [`is_decided`] says then, without a copy of every offer for each answer.
    fn may_best_change(&self, bounds: Bounds) -> bool {
        let enough = self.offers.iter().filter(|offer| offer.kind == SaleKind::Exclusive && offer.net >= bounds.least_net);
        let Some(best) = enough.min_by(|a, b| a.order(b)).filter(|_| bounds.most_buyers > 0) else { return true };
        let Some(supplier) = self.supplier_of_run() else { return false };
        let goes_before = |place: &Place| {
            let contract = self.market.contract(place.contract);
            let Pricing::Bid { max_bid } = contract.pricing else { return false };
            let standing = (place.rank, Reverse(max_bid), place.lot, place.contract);
            standing < (best.rank, Reverse(best.price), best.lot, best.contract)
                && contract.kinds.exclusive
                && supplier.margin.net(max_bid, self.market.currency()).unwrap_or(Money::ZERO) >= bounds.least_net
        };
        self.asking.out.iter().any(|place| goes_before(place) && !self.is_kept_out(place.contract))
    }

    /// Of a tier that sells exclusively: whether the best offer goes before everything that may still come.
    fn is_best_beyond_reach(&self, of_tree: &Tier) -> bool {
        let least = self.least_net();
        let standing = self.offers.iter().filter(|offer| offer.kind == SaleKind::Exclusive && offer.net >= least);
        let Some(best) = standing.min_by(|a, b| a.order(b)) else { return false };
        let may_go_before = |place: &Place| {
            let Pricing::Bid { max_bid } = self.market.contract(place.contract).pricing else { return false };
            let order = place.rank.cmp(&best.rank).then(best.price.cmp(&max_bid)).then(place.lot.cmp(&best.lot)).then(place.contract.cmp(&best.contract));
            order.is_lt() && !self.is_kept_out(place.contract) && self.at_most(best.tier, of_tree, *place).iter().any(|most| most.net >= least)
        };
        !self.asking.out.iter().any(may_go_before)
    }

    /// What those whose answers may still come in time could offer at the very most.
    pub(super) fn outstanding(&self) -> Vec<Offer> {
        let (Some(tier), Some(of_tree)) = (self.asking.tier, self.tier_now()) else { return Vec::new() };
        let out = self.asking.out.iter().filter(|place| self.is_anybody_out() && !self.is_kept_out(place.contract));
        out.flat_map(|place| self.at_most(tier, of_tree, *place)).collect()
    }

    /// One post per company and lead.
    fn is_kept_out(&self, contract: ContractIndex) -> bool {
        let parent = &self.market.buyer_of(contract).parent;
        self.legs.iter().any(|leg| leg.keeps_out(parent))
    }

    /// What a contract that is still out could offer at the very most.
    fn at_most(&self, tier: u32, of_tree: &Tier, place: Place) -> Vec<Offer> {
        let contract = self.market.contract(place.contract);
        let Pricing::Bid { max_bid } = contract.pricing else { return Vec::new() };
        let kinds = of_tree.kinds_offered(contract);
        let net = self.supplier_of_run().and_then(|supplier| supplier.margin.net(max_bid, self.market.currency())).unwrap_or(Money::ZERO);
        let offer = |kind| Offer {
            tier,
            contract: place.contract,
            parent: self.market.buyer_of(place.contract).parent.clone(),
            kind,
            price: max_bid,
            net,
            rank: place.rank,
            lot: place.lot,
            buyer_ping: place.buyer_ping,
            reference: None,
            expires_at: None,
            promised: false,
        };
        [SaleKind::Exclusive, SaleKind::Shared].into_iter().filter(|kind| kinds.includes(*kind)).map(offer).collect()
    }

    pub(super) fn on_tier_deadline(&mut self, tier: u32, ask: u32) {
        if self.asking.tier != Some(tier) || self.asking.ask != ask {
            return;
        }
        // Whoever is still out is too late: its answer will be recorded, never admitted.
        self.asking.out.clear();
        // Once the end is decided, nothing hangs on the time, and the record needn't be written again for it.
        if !matches!(self.stage, Stage::Asking | Stage::Selling) {
            return;
        }
        self.saw(RecordedEvent::Woke);
        if self.stage == Stage::Asking {
            self.on_asked();
        } else if self.stage == Stage::Selling {
            self.sell();
        }
    }

    fn is_asking_over(&self) -> bool {
        self.stage == Stage::Asking && self.asking.out.is_empty()
    }

    /// Whether answers of the present tier may still come in time.
    pub(super) fn is_anybody_out(&self) -> bool {
        !self.asking.out.is_empty() && self.elapsed() < self.asking.until
    }

    /// Nobody is left to ask in this tier: a quote, a sale, or whoever is next.
    fn on_asked(&mut self) {
        let took = self.elapsed().saturating_sub(self.asking.since);
        self.asking.time_left = self.asking.time_left.saturating_sub(took);
        match &self.purpose {
            Purpose::Quote { .. } => self.quote_or_go_on(),
            Purpose::Sale(_) => self.start_selling(),
        }
    }

    /// Goes back into the tier that a quote was made in, for those of it that were not asked yet.
    pub(super) fn resume_tier(&mut self, tier: u32) {
        let sequential = self.tier(tier).is_some_and(|tier| tier.mode == Mode::Sequential);
        self.asking.tier = Some(tier);
        self.asking.queue = if sequential { self.places_of(tier) } else { Vec::new() };
        self.asking.queue.reverse();
    }

    /// Whether a sequential tier has contracts that were not asked yet.
    pub(super) fn is_queue_left(&self) -> bool {
        !self.asking.queue.is_empty()
    }

    pub(super) fn tier_now(&self) -> Option<&Tier> {
        self.tier(self.asking.tier?)
    }

    /// Whether a sequential tier that sells shared wants to ask on, with these many picks at hand.
    pub(super) fn wants_more(&self, picks: usize) -> bool {
        let more = |tier: &Tier| match tier.sale {
            TierSale::Shared(most) | TierSale::Best(most) => (picks as u32) < most.min(self.max_disclosures()),
            TierSale::Exclusive => false,
        };
        self.tier_now().is_some_and(|tier| tier.mode == Mode::Sequential && more(tier)) && !self.asking.queue.is_empty()
    }
}
