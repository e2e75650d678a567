//! A recorded auction, in the words of any market: contracts by their keys instead of their places.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{End, Replayed, playback};
use crate::{
    call::{CallFailure, PingCall, PingReply},
    contract::{Contract, SaleKinds},
    facts::ContractFacts,
    flow::Limits,
    id::{BuyerName, ContractIndex, ContractKey},
    market::Market,
    matching::{Offered, WhyNot},
    money::Money,
    record::{Decision, DropReason, Micros, RecordedEvent, RunKind, RunRecord},
    refusal::Refusal,
};

/// What a contract answered to one ping.
#[derive(Clone, Debug)]
pub(super) struct Answered<'a> {
    /// From the ping on.
    pub after: Duration,
    /// None where nothing ever came.
    pub reply: Option<&'a PingReply>,
    /// How long it had.
    time: Duration,
    /// How it could have bid.
    kinds: SaleKinds,
}

/// A buyer that was silent is not asked again in a replay that gives it as long, give or take what a busy machine's timers do.
const SLACK: Duration = Duration::from_millis(50);

impl Answered<'_> {
    /// Whether this is what it would answer to a call that offers these kinds and leaves it this time.
    pub fn tells(&self, call: &PingCall) -> bool {
        let was_silent = matches!(self.reply, None | Some(PingReply::Failed(CallFailure::Timeout)));
        let offered = (self.kinds.exclusive || !call.kinds.exclusive) && (self.kinds.shared || !call.kinds.shared);
        offered && !(was_silent && call.time > self.time + SLACK)
    }
}

/// An auction that was recorded, and the market that it ran on.
#[derive(Clone, Debug)]
pub struct Past<'a> {
    pub(super) record: &'a RunRecord,
    market: &'a Market,
    pub(super) limits: Limits,
    /// When what crosses runs was known.
    pub(super) facts_at: Duration,
    answers: BTreeMap<ContractIndex, Vec<(u32, Answered<'a>)>>,
    facts: BTreeMap<ContractIndex, &'a ContractFacts>,
    /// What each buyer had left.
    available: BTreeMap<&'a BuyerName, Money>,
    /// Kept out by what the lead brought along, which is not recorded.
    kept_out: Vec<ContractIndex>,
}

impl<'a> Past<'a> {
    /// None where there was no auction: a test, a duplicate, the post of a quote, a run that was cut off before.
    #[must_use]
    pub fn new(record: &'a RunRecord, market: &'a Market) -> Option<Self> {
        let decisions = &record.decisions;
        let began = decisions.iter().find(|(_, decision)| matches!(decision, Decision::TierEntered { .. } | Decision::Unsold { .. }))?;
        let is_auction = !record.test && !matches!(record.kind, RunKind::Quoted(_)) && record.revision == market.revision();
        let limits = decisions.iter().find_map(|(_, decision)| match decision {
            Decision::Limited { min_price, max_disclosures } => Some(Limits { min_price: *min_price, max_disclosures: *max_disclosures }),
            _ => None,
        });
        let facts: BTreeMap<ContractIndex, &ContractFacts> = record.facts.contracts.iter().map(|facts| (facts.contract, facts)).collect();
        let looked_up = facts.iter().filter(|(_, facts)| facts.refused.is_none());
        let past = Self {
            record,
            market,
            limits: limits.unwrap_or_default(),
            facts_at: duration(began.0),
            answers: answers(record, market),
            available: looked_up.map(|(index, facts)| (&market.buyer_of(*index).name, facts.available)).collect(),
            facts,
            kept_out: decisions.iter().filter_map(|(_, decision)| kept_out(decision)).collect(),
        };
        is_auction.then_some(past)
    }

    /// The auction under another market, or under its own. None where the two describe the vertical's fields otherwise: what was
    /// shown then means nothing there.
    #[must_use]
    pub fn under(&self, market: &Arc<Market>) -> Option<Replayed> {
        let not_taken = Replayed { tree: None, eligible: Vec::new(), end: End::NotTaken };
        let Some(supplier) = market.supplier(&self.record.supplier) else { return Some(not_taken) };
        let Some(vertical) = market.vertical(&self.record.vertical) else { return Some(not_taken) };
        if supplier.suspended || !supplier.verticals.contains(&vertical.name) {
            return Some(not_taken);
        }
        let then = self.market.vertical(&self.record.vertical)?;
        if !std::ptr::eq(market.as_ref(), self.market) && then.fields() != vertical.fields() {
            return None;
        }
        let offered = Offered { market, vertical, supplier, ping: &self.record.attributes, at: self.record.started_at, test: false };
        let tree = market.tree_for(&vertical.name, &supplier.name);
        let admitted = tree.map(|tree| offered.admitted(tree)).unwrap_or_default();
        let eligible = admitted.of_all().into_iter().map(|index| market.contract(index).key.clone()).collect();
        Some(Replayed { tree, eligible, end: playback::end(self, market)? })
    }

    /// Why another market admits a contract no more, or not yet.
    #[must_use]
    pub fn why_not(&self, market: &Market, key: &ContractKey) -> Option<WhyNot> {
        let (supplier, vertical) = (market.supplier(&self.record.supplier)?, market.vertical(&self.record.vertical)?);
        let offered = Offered { market, vertical, supplier, ping: &self.record.attributes, at: self.record.started_at, test: false };
        let Some(index) = market.contract_index(key) else { return Some(WhyNot::Present(Refusal::Withdrawn)) };
        let tree = market.tree(market.tree_for(&vertical.name, &supplier.name)?);
        let tiers: Vec<_> = tree.tiers.iter().filter(|tier| tier.contracts.contains(&index)).collect();
        let reasons: Vec<WhyNot> = tiers.iter().filter_map(|tier| offered.admits(tier, index).err()).collect();
        match (tiers.len(), reasons.len()) {
            (0, _) => Some(WhyNot::Present(Refusal::Withdrawn)),
            (tiers, refused) if refused < tiers => None,
            _ => reasons.into_iter().next(),
        }
    }

    /// What a contract answered: in this tier, or else in another.
    pub(super) fn answer(&self, key: &ContractKey, tier: u32) -> Option<&Answered<'a>> {
        let answers = self.answers.get(&self.market.contract_index(key)?)?;
        answers.iter().find(|(of, _)| *of == tier).or(answers.first()).map(|(_, answered)| answered)
    }

    /// What crossed runs then, under a contract's terms of another market; and whether all of it that counts is known.
    pub(super) fn facts(&self, market: &Market, index: ContractIndex) -> (ContractFacts, bool) {
        let contract = market.contract(index);
        let buyer = market.buyer(contract.buyer);
        let was = self.market.contract_index(&contract.key);
        if was.is_some_and(|was| self.kept_out.contains(&was)) {
            return (ContractFacts::refused(index, Refusal::Withdrawn), true);
        }
        let credit_then = self.market.buyer_named(&buyer.name).map(|buyer| buyer.credit);
        let available = |then: Money| credit_then.map(|credit| then + (buyer.credit - credit));
        let Some((was, facts)) = was.and_then(|was| Some((was, *self.facts.get(&was)?))) else {
            let available = self.available.get(&buyer.name).and_then(|then| available(*then));
            // Nobody looked whether the person may be offered there.
            let person = matches!(self.record.kind, RunKind::Direct);
            let facts = ContractFacts { available: available.unwrap_or(Money::MAX), ..ContractFacts::untouched(index) };
            return (facts, available.is_some() && contract.caps.is_empty() && !person);
        };
        if facts.refused.is_some() {
            return (ContractFacts { contract: index, ..facts.clone() }, true);
        }
        let (caps, caps_known) = caps(facts, self.market.contract(was), contract);
        let facts = ContractFacts { contract: index, refused: None, caps, available: available(facts.available).unwrap_or(facts.available) };
        (facts, caps_known)
    }
}

/// The use of each window that was looked up then, under the caps of now.
fn caps(facts: &ContractFacts, then: &Contract, now: &Contract) -> (Arc<[(crate::cap::Cap, crate::cap::Usage)]>, bool) {
    if then.caps == now.caps && then.time_zone == now.time_zone {
        return (Arc::clone(&facts.caps), true);
    }
    if then.time_zone != now.time_zone {
        return (Arc::default(), now.caps.is_empty());
    }
    let usage = |cap: &crate::cap::Cap| facts.caps.iter().find(|(was, _)| was.per == cap.per).map(|(_, usage)| (*cap, *usage));
    let known: Vec<_> = now.caps.iter().filter_map(usage).collect();
    let all = known.len() == now.caps.len();
    (known.into(), all)
}

fn kept_out(decision: &Decision) -> Option<ContractIndex> {
    let is_of_lead = |why: &WhyNot| matches!(why, WhyNot::Requires(_) | WhyNot::Consent);
    match decision {
        Decision::Skipped { contract, why, .. } if is_of_lead(why) => Some(*contract),
        Decision::OfferDropped { contract, why: DropReason::NotAdmitted(why), .. } if is_of_lead(why) => Some(*contract),
        _ => None,
    }
}

fn answers<'a>(record: &'a RunRecord, market: &Market) -> BTreeMap<ContractIndex, Vec<(u32, Answered<'a>)>> {
    let mut answers: BTreeMap<ContractIndex, Vec<(u32, Answered<'a>)>> = BTreeMap::new();
    let tree = market.tree_for(&record.vertical, &record.supplier).map(|tree| market.tree(tree));
    for (at, decision) in &record.decisions {
        let Decision::Pinged { tier, contract, time, .. } = decision else { continue };
        let Some(of_tree) = tree.and_then(|tree| tree.tiers.get(*tier as usize)) else { continue };
        let came = record.events.iter().find_map(|(at, event)| match event {
            RecordedEvent::Ping { contract: of, tier: in_tier, reply } if of == contract && in_tier == tier => Some((*at, reply)),
            _ => None,
        });
        // Where the auction closed without it, nobody knows what it would have been.
        let closed_early = record.decisions.iter().any(|(_, decision)| matches!(decision, Decision::ClosedEarly { tier: closed, .. } if closed == tier));
        if came.is_none() && closed_early {
            continue;
        }
        let kinds = of_tree.kinds_offered(market.contract(*contract));
        let (after, reply) = came.map_or((Duration::ZERO, None), |(came, reply)| (duration(came).saturating_sub(duration(*at)), Some(reply)));
        answers.entry(*contract).or_default().push((*tier, Answered { after, reply, time: duration(*time), kinds }));
    }
    answers
}

fn duration(micros: Micros) -> Duration {
    Duration::from_micros(micros.0)
}
